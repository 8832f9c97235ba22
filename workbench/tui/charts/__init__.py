"""Charts: which series stand in them, what of them is seen, and the widgets that draw."""
