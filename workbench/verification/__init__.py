"""Puts the claims of presets to the test: each is trained anew over several seeds, and its contrast with it. No torch here."""
