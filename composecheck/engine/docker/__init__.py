"""A Docker Engine through the Docker SDK."""
