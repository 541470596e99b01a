"""Compose files into a Project, with the place of every value.

The pipeline's verbs are its modules: parse, interpolate, merge, validate, normalize, resolve.
"""
