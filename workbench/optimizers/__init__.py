"""Optimiser cards: one file = one optimiser a user can choose."""
