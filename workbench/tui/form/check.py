"""When the form's values are checked: a moment after the last change, in a thread, and only the newest state counts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from textual.worker import get_current_worker

from workbench.tui.base.background import start_in_thread
from workbench.tui.form.validation import Validation, validate

if TYPE_CHECKING:
    from textual.timer import Timer
    from textual.widget import Widget

    from workbench.tui.form.model import FormModel
    from workbench.tui.form.state import Values

__all__ = ["FormCheck"]

_DEBOUNCE_S = 0.12


class FormCheck:
    """Checks values whenever they have changed.

    Args:
        widget: whose values they are; what is called here is called as its own work.
        model: what has the values.
        checked: takes what was said of them.

    Attributes:
        timer: what the next check waits for, or None.
    """

    def __init__(self, widget: Widget, model: FormModel, checked: Callable[[Validation], None]) -> None:
        self._widget, self._model, self._checked = widget, model, checked
        self._version = 0
        self._then: Callable[[], None] | None = None
        self.timer: Timer | None = None

    def soon(self) -> None:
        """The values have changed: check them when they have rested for a moment."""
        self._version += 1
        if self.timer is not None:
            self.timer.stop()
        self.timer = self._widget.set_timer(_DEBOUNCE_S, self.now)

    def now(self) -> None:
        """Check the values as they are."""
        self._version += 1
        start_in_thread(
            self._widget, "form-check", partial(self._check, self._model.values.snapshot(), self._version), exclusive=True
        )

    def now_then(self, then: Callable[[], None]) -> None:
        """Check the values, and go on with something once that is done."""
        self._then = then
        self._widget.call_later(self.now)  # behind what is being handled

    def _check(self, values: Values, version: int) -> None:
        """In a thread, since a dataset may read files for its task."""
        validation = validate(values)
        if not get_current_worker().is_cancelled:
            self._widget.call_later(self._take, version, validation)

    def _take(self, version: int, validation: Validation) -> None:
        if version != self._version:  # the values have changed since
            return
        then, self._then = self._then, None
        if then is not None:
            self._widget.call_later(then)
        self._checked(validation)
