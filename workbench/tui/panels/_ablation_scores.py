"""Scores and predictions of an intact model, and beside them those without one of its parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType

from workbench.plotting.ablated import score_lines
from workbench.plotting.prediction_pairs import pair_caption, pair_lines
from workbench.plotting.predictions import Room, caption, prediction_form, prediction_lines, score_words
from workbench.tui.base.untrusted_text import Words
from workbench.tui.bindings import bindings
from workbench.tui.glyphs import is_ascii
from workbench.tui.panels._scrolled import Scrolled
from workbench.tui.panels._signs import prediction_signs
from workbench.tui.widgets.halfblock import pictures

if TYPE_CHECKING:
    from workbench.plotting.pictures import Mode
    from workbench.tui.run.ablations import Measured

__all__ = ["AblationScores"]

_PICTURE_WIDTH = 14
"""Columns of a picture."""
_NAMES = ("intact", "without")


class AblationScores(Scrolled):
    """A page of text: the metrics, and the model's predictions on the first samples."""

    HELP = """
    ## Scores without a part

    Each metric of the intact model, and what it is without the part under the cursor in the list: the new value, the change,
    and whether that is worse or better; further parts that were measured stand beside it as far as there is room. Below, the
    first validation samples with both predictions, wrong symbols underlined and marked by `^`. `enter` shows long texts whole.
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("predictions")]
    DEFAULT_CSS: ClassVar[str] = """
    AblationScores {
        width: 1fr; height: 1fr; scrollbar-size-vertical: 1; scrollbar-gutter: stable;
        & > Words { height: auto; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._intact: Measured | None = None
        self._off: Sequence[tuple[str, Measured]] = ()
        self._chosen: str | None = None
        self._metrics: Sequence[str] = ()
        self._whole = self._shortened = False

    def compose(self) -> ComposeResult:
        """One text."""
        yield Words()

    def show(
        self, intact: Measured | None, off: Sequence[tuple[str, Measured]], chosen: str | None, metrics: Sequence[str]
    ) -> None:
        """Show other scores.

        Args:
            intact: of the intact model, None as long as nothing is known.
            off: of the parts that were switched off, with their names; the one under the cursor first.
            chosen: name of the part under the cursor; the predictions are those without it where it was measured.
            metrics: in this order.
        """
        if chosen != self._chosen:
            self.scroll_home(animate=False)
        self._intact, self._off, self._chosen, self._metrics = intact, off, chosen, metrics
        self._draw()

    def on_resize(self) -> None:
        """Everything is drawn to the width."""
        self._draw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's signature
        """The key for whole texts is there where some are shortened."""
        return self._whole or self._shortened if action == "whole" else True

    def action_whole(self) -> None:
        """Show long texts from end to end, or shortened again."""
        self._whole = not self._whole
        self._draw()

    # Drawing -----------------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        if not self.children:
            return
        width, room = max(1, self.scrollable_content_region.width), Room(whole=self._whole)
        self.query_one(Words).update(self.text(width, room))
        if room.shortened is not self._shortened:
            self._shortened = room.shortened
            self.refresh_bindings()

    def text(self, width: int, room: Room) -> Text:
        """All that is shown, in lines of a width."""
        if self._intact is None:
            return Text()
        scores = {metric: self._intact.metrics[metric] for metric in self._metrics}
        off = [(name, measured.metrics) for name, measured in self._off]
        lines = score_lines(scores, off, width, prediction_signs(self.app))
        named = next(((name, measured) for name, measured in self._off if name == self._chosen), None)
        body = self._predictions(self._intact, named[1] if named else None, width, room)
        if body is None:
            return Text("\n").join(lines)
        title = Text("\n").join([Text(), self._title(self._intact, named)])
        return Text("\n").join([*lines, title, body])

    @staticmethod
    def _title(intact: Measured, off: tuple[str, Measured] | None) -> Text:
        """What stands over the predictions: how many are right, of each model."""
        words = [score_words(intact.items)]
        below = " (below each picture: intact, then without it)" if intact.images is not None and off is not None else ""
        if off is not None:
            other = score_words(off[1].items)
            words = [f"intact {words[0]}", f"without {off[0]} {other}"] if other else [f"intact and without {off[0]}"]
        said = ", ".join(filter(None, words)) or "intact"
        return Text.assemble(("predictions: ", "bold"), (said + below, "dim"))

    def _predictions(self, intact: Measured, off: Measured | None, width: int, room: Room) -> Text | None:
        items = intact.items
        if not items:
            return None
        form, signs = prediction_form({"answers": intact.answers, "items": items}), prediction_signs(self.app)
        if intact.images is not None:
            if off is None:
                captions = [caption(item, form, signs, _PICTURE_WIDTH) for item in items]
            else:
                pairs = zip(items, off.items, strict=True)
                captions = [pair_caption(one, other, form, signs, _PICTURE_WIDTH) for one, other in pairs]
            images = [np.asarray(image, dtype=np.uint8) for image in intact.images]
            mode: Mode = "ascii" if is_ascii(self.app) else ("plain" if self.app.no_color else "colour")
            return pictures(list(zip(images, captions, strict=False)), width, mode, _PICTURE_WIDTH)
        if off is None:
            return prediction_lines(items, form, signs, width, room)
        return pair_lines(items, off.items, _NAMES, form, signs, width, room)
