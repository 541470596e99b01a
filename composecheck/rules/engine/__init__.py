"""What stands in the way on the engine at hand, asked before a start."""
