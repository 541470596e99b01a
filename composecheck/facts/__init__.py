"""What follows from a project, each worked out once."""
