"""What was found, planned or done, as text and as JSON: one module each."""
