"""Runs and groups beside each other: what differs, what came out, and whether a difference can be told from chance. No torch."""
