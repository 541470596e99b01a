"""Build contexts, Dockerfiles, and what is watched for changes."""
