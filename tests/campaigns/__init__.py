"""Long searches for faults, each also as a short test."""
