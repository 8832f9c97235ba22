"""The experiment of the form as TOML in the person's own editor: handed over, taken back, problems told with their lines."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from workbench.editor import edit_file, editor_words
from workbench.errors import ExperimentError, UsageError, WorkbenchError
from workbench.experiment.own_presets import Draft, draft_of
from workbench.experiment.toml_text import written
from workbench.tui.base.background import start_in_thread

if TYPE_CHECKING:
    from textual.app import App

    from workbench.experiment import Experiment
    from workbench.tui.form.experiment_form import ExperimentForm

__all__ = ["FormText"]

_NOT_EDITED = "Not edited"


class FormText:
    """Edits what stands in a form as text.

    Args:
        form: the form.
    """

    def __init__(self, form: ExperimentForm) -> None:
        self._form = form

    def ask(self) -> None:
        """Open the editor once the line being typed counts; where a text of before is kept, ask with which to go on."""
        form = self._form
        if form.model.live:
            form.app.notify(
                "The form shows the run that goes on. F5, then 'Change settings for another first', makes it the next run's.",
                title=_NOT_EDITED,
                severity="warning",
            )
        elif wrong := form.when_checked(self._begin):
            form.app.notify(wrong, title=_NOT_EDITED, severity="error")

    def _begin(self) -> None:
        from workbench.tui.dialogs.prompts import Choice, ChoiceDialog  # here: the first frame needs no dialog

        try:
            editor_words()  # before anything is asked
            draft = draft_of("_form", "text")
        except WorkbenchError as error:
            self._say(error)
            return
        if not draft.is_kept:
            self._open(draft)
            return
        choices = [
            Choice("kept", "Go on with that text", "What was wrong in it is still to be fixed."),
            Choice("form", "Edit the form as it is now", "That text is forgotten."),
            Choice("", "Edit nothing"),
        ]

        def answered(answer: str | None) -> None:
            if answer == "form":
                draft.discard()
            if answer is not None:
                self._open(draft)

        self._form.app.push_screen(ChoiceDialog("A text of before is kept", f"It stands in {draft.path}.", choices), answered)

    def _open(self, draft: Draft) -> None:
        form = self._form
        text = form.experiment.to_toml(pinned=False) if form.experiment is not None else written(form.model.values.snapshot())
        try:
            left = draft.open(text, partial(_hand_over, form.app))
        except WorkbenchError as error:
            self._say(error)
            return
        if left:
            start_in_thread(form, "form-text", partial(self._read, draft), exclusive=True)
        else:
            form.refuse_text(())
            form.app.notify("The form is as it was. An editor that returns at once needs an option, such as 'code --wait'.")

    def _read(self, draft: Draft) -> None:
        """In a thread, since a dataset may read files for its task."""
        try:
            _, experiment = draft.read()
        except ExperimentError as error:
            self._form.call_later(self._form.refuse_text, str(error).split("\n"))
        else:
            self._form.call_later(self._take, experiment)

    def _take(self, experiment: Experiment) -> None:
        self._form.take_text(experiment)

    def _say(self, error: WorkbenchError) -> None:
        self._form.app.notify(str(error), title=_NOT_EDITED, severity="error", timeout=10)


def _hand_over(app: App[None], path: Path) -> None:
    """Open the editor in the terminal of the interface, which waits meanwhile; runs go on.

    Raises:
        UsageError: the terminal cannot be handed over, or the editor did not do its work.
    """
    try:
        with app.suspend():
            edit_file(path)
    except SuspendNotSupported as error:
        raise UsageError(
            "the editor: this terminal cannot be handed to another program; expected one that can. "
            "Save the form (w), and edit it with 'workbench presets NAME --edit'."
        ) from error
