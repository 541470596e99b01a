"""Images, and what they need."""
