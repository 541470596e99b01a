"""What is found in a project: the finding, its places, and the table of all rules."""
