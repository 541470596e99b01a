"""The configuration, and the comments that suppress findings."""
