"""Loading torch, which takes longer than all else that a worker does before its first step."""

from __future__ import annotations

import gc
import sys

__all__ = ["load_torch"]


def load_torch() -> None:
    """Import torch and what trains with it, without looking for garbage meanwhile.

    A hundred thousand objects are made and all of them stay: going through them again and again is a sixth of the time. For the
    same reason they are left out from then on. Where torch is loaded already, nothing happens.
    """
    if "torch" in sys.modules:
        return
    collecting = gc.isenabled()
    gc.disable()
    try:
        import workbench.training.loop
        import workbench.training.state  # noqa: F401 - imported for its effect, as the line above
    finally:
        if collecting:
            gc.freeze()
            gc.enable()
