"""Volumes and other mounts, and the data in them."""
