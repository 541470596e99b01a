"""The long sweep of kills; its command is in `__main__.py`."""
