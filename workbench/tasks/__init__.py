"""Kinds of task: one file is one kind, and the file's name is its name. `workbench.cards.catalog` finds them."""
