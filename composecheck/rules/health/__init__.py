"""Healthchecks: whether they can be run, can succeed, can fail, and when."""
