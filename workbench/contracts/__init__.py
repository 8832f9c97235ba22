"""What cards keep, whoever wrote them: the contracts, and the command that tries a person's own file on them."""
