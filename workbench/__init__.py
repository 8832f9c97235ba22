"""A text-mode experiment workbench for neural sequence models.

    >>> import workbench
    >>> experiment = workbench.load_preset("gated/adding_lstm", {"training.steps": 300})
    >>> run = workbench.train(experiment)  # doctest: +SKIP
    >>> steps, loss = run.metrics("train/loss")  # doctest: +SKIP
    >>> run.model("best")  # doctest: +SKIP

Importing this package is cheap: torch is imported when a model is asked for, not before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.api import Run, list_runs, load_bundle, load_preset, open_run, train
    from workbench.training.decodings import Decoding

__version__ = "0.1.0"
__all__ = ["Decoding", "Run", "__version__", "list_runs", "load_bundle", "load_preset", "open_run", "train"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        # by name, so that `import workbench` costs nothing and the import rules see no arrow from the root to the top
        from importlib import import_module

        return getattr(import_module("workbench.training.decodings" if name == "Decoding" else "workbench.api"), name)
    raise AttributeError(f"module 'workbench' has no attribute '{name}'")


def __dir__() -> list[str]:
    return __all__
