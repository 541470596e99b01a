"""The order of the start: what waits for what, and whether that can come true."""
