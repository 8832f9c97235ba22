"""The form: its values, what a check says of them, its rows and pickers."""
