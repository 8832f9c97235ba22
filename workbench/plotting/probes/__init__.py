"""What a run measured besides numbers over steps, drawn: one file = one kind of probe, found by its file name.

    plotting/probes/ridge.py     draws probes of kind `ridge`

The interface gives each kind a tab while the run has such data, `workbench probe RUN KIND` draws it on the command line.
Other packages add kinds with the entry-point group `workbench.plotting.probes`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from workbench.cards.catalog import discover
from workbench.plotting.probes._described import Described, without_padding
from workbench.plotting.probes._look import Chosen, Kept, Look, Options, Snapshot
from workbench.plotting.probes._order import by_similarity
from workbench.plotting.probes._view import ProbeView

__all__ = [
    "Chosen",
    "Described",
    "Kept",
    "Look",
    "Options",
    "ProbeView",
    "Snapshot",
    "by_similarity",
    "probe_views",
    "without_padding",
]


@cache
def probe_views() -> Mapping[str, type[ProbeView]]:
    """All kinds of probe that can be drawn, by name."""
    return discover("workbench.plotting.probes", ProbeView, ("title", "about"))
