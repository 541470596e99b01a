"""The hosts that services name in their environment and commands."""
