"""Training: the loop, the worker process around it, checkpoints, evaluation and predictions."""
