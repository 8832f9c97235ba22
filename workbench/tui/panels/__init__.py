"""The tabs below the charts: one file = one panel, found by its file name.

    panels/log.py     is the tab Log

Every kind of probe that can be drawn (`workbench.plotting.probes`) is a panel as well, without a file of its own here.
"""

from __future__ import annotations

from workbench.cards.catalog import discover
from workbench.plotting.probes import probe_views
from workbench.tui.panels._panel import Panel
from workbench.tui.panels._probe import ProbePanel

__all__ = ["Panel", "make_panels"]


def make_panels() -> list[Panel]:
    """A new panel of every kind, in the order of their tabs."""
    panels: list[Panel] = [kind() for kind in discover("workbench.tui.panels", Panel, ("title",)).values()]
    panels += [ProbePanel(view) for view in probe_views().values()]
    return sorted(panels, key=lambda panel: (panel.place, panel.name))
