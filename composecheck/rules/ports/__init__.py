"""Ports of the host, and whether two want the same one."""
