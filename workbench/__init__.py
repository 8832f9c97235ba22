"""A text-mode experiment workbench for neural sequence models."""
