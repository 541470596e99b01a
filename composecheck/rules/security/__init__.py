"""What lets a container, or a reader of the file, do more than it should."""
