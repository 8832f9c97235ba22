"""What charts, panels and tables have in common: what they show can be kept as text, SVG or CSV, and copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.tui.requests import KeepContents

if TYPE_CHECKING:
    from textual.app import App

    from workbench.plotting.saving import Contents
    from workbench.runs.folder import RunFolder
    from workbench.tui.requests import KeepWay

__all__ = ["Keepable"]


class Keepable:
    """Mixed into a widget whose bindings have the group `keep`."""

    def contents(self) -> Contents | None:
        """What it shows now, as it is outside of the screen; None where there is nothing yet."""
        raise NotImplementedError

    @property
    def kept_in(self) -> RunFolder | None:
        """The run in whose folder files go; None for the one on Bench, where that is what is shown."""
        return None

    def _its_app(self) -> App[None]:
        app: App[None] = self.app  # type: ignore[attr-defined]  # it is mixed into a widget, which has one
        return app

    def action_keep(self, way: KeepWay) -> None:
        """Keep what is shown in some way, or ask in which."""
        contents, app = self.contents(), self._its_app()
        if contents is None:
            app.notify("There is nothing to keep yet.", severity="warning")
        else:
            app.post_message(KeepContents(contents, way, self.kept_in))
