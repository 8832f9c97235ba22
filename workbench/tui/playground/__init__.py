"""What the playground is made of: an editor for each kind of input, how symbols are chosen, and an answer."""
