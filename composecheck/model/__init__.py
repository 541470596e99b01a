"""The resolved model of a Compose project, and what differs between the generations of Compose."""
