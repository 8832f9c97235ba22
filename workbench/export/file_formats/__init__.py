"""One file = one export format; the file's name is what `--format` takes. Importing one must not import torch."""
