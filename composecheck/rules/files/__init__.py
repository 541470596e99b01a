"""The files themselves: their text, their keys and values, variables, includes."""
