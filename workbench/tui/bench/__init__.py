"""What the screen Bench is made of, and what is done from there: start, steer, show another run."""
