"""Saving what stands in the form as a preset of the user's own: asks for name and title, and before it replaces one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from workbench.errors import WorkbenchError
from workbench.experiment.own_presets import is_there, own_path, save_preset, suggested_name
from workbench.experiment.toml_text import written
from workbench.tui.base.background import start_in_thread
from workbench.tui.form.fields import show_value
from workbench.tui.requests import Notice

if TYPE_CHECKING:
    from workbench.experiment import Experiment
    from workbench.tui.form.experiment_form import ExperimentForm
    from workbench.tui.form.state import FormState

__all__ = ["FormSaving", "values_of_own"]

_NOT_SAVED = "Not saved"
_SEED = "training.seed"


class FormSaving:
    """Saves what stands in a form.

    Args:
        form: the form.
    """

    def __init__(self, form: ExperimentForm) -> None:
        self._form = form

    def ask(self) -> None:
        """Ask for name and title, once the line being typed counts and all is right."""
        if wrong := self._form.when_checked(self._checked):
            self._form.app.notify(wrong, title=_NOT_SAVED, severity="error")

    def _checked(self) -> None:
        from workbench.tui.dialogs.save_preset import SavePresetDialog  # here: the first frame needs no dialog

        form, experiment = self._form, self._form.experiment
        if experiment is None:
            form.app.notify("\n".join(map(str, form.problems)), title=_NOT_SAVED, severity="error", timeout=8)
            form.show_problem()
            return
        title = experiment.title or f"{experiment.architecture.title} on {experiment.dataset_card.title}"
        values = partial(values_of_own, experiment, form.model.values.copy())

        def answered(answer: tuple[str, str] | None) -> None:
            if answer is not None:
                name, chosen = answer
                self._unless_there(name, values(chosen.strip() or title))

        form.app.push_screen(SavePresetDialog(suggested_name(title), title), answered)

    def _unless_there(self, name: str, values: dict[str, Any]) -> None:
        from workbench.tui.dialogs.prompts import ConfirmDialog

        if not is_there(name):
            self._save(name, values, replacing=False)
            return

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - the dialog's answer
            if yes:
                self._save(name, values, replacing=True)

        question = f"{own_path(name)} is there already."
        self._form.app.push_screen(ConfirmDialog("Replace the preset?", question, "Replace it", "Leave it as it is"), answered)

    def _save(self, name: str, values: dict[str, Any], *, replacing: bool) -> None:
        start_in_thread(self._form, "save-preset", partial(self._write, name, values, replacing=replacing))

    def _write(self, name: str, values: dict[str, Any], *, replacing: bool) -> None:
        try:
            path = save_preset(name, written(values), replacing=replacing)
        except WorkbenchError as error:
            notice = Notice(str(error), _NOT_SAVED, problem=True)
        else:
            notice = Notice(f"{path}\n'workbench {name}' opens it, and F4 lists it.", "Saved", lasting=True)
        self._form.app.post_message(notice)


def values_of_own(experiment: Experiment, state: FormState, title: str) -> dict[str, Any]:
    """What is written of an experiment that comes of another one by changes.

    Its text says which; the other one's claim was not tested with them and stays behind. The seed is no change of that kind.

    Args:
        experiment: what the form's values make.
        state: the form's values, which know what was loaded.
        title: what it is called.
    """
    values = experiment.with_absolute_paths().to_dict(pinned=False)
    values["title"] = title
    changes = {name: value for name, value in state.changes().items() if name != _SEED}
    if changes:
        origin = state.baseline.get("title")
        settings = ", ".join(f"{name} = {show_value(value)}" for name, value in changes.items())
        values["about"] = f"Made from '{origin}' with {settings}." if origin else f"Made with {settings}."
        values.pop("claim", None)
    return values
