"""Containers: their names, their number, and how they are deployed."""
