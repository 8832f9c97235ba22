"""Files as people have them, made by scripts, with what should come of each."""
