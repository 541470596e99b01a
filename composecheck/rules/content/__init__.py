"""Configs and secrets, and what is in them."""
