"""The text of the user's files, places in it, and the units that it is written in."""
