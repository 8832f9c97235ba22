"""A run as the interface knows it: read by cursor, watched, and what is asked of its worker."""
