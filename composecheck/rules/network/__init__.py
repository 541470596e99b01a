"""Networks, addresses, names in them, and links."""
