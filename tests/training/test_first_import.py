"""Torch is loaded without looking for garbage, once."""

from __future__ import annotations

import gc
import subprocess
import sys

import torch

from workbench.training.first_import import load_torch

PROGRAM = """
import gc, sys
from workbench.training.first_import import load_torch

looked = []
gc.callbacks.append(lambda phase, _: looked.append(phase))
load_torch()
print("torch" in sys.modules, gc.isenabled(), gc.get_freeze_count() > 100_000, len(looked))
"""


def test_no_garbage_is_looked_for_while_torch_is_loaded() -> None:
    """Afterwards it is, but not in what has been loaded."""
    answer = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["True", "True", "True", "0"]


def test_where_torch_is_loaded_nothing_happens() -> None:
    """What a program that uses the workbench holds by then is its own."""
    assert sys.modules["torch"] is torch
    before = gc.get_freeze_count()
    load_torch()
    assert gc.get_freeze_count() == before
