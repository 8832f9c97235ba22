"""The export dialog: format, checkpoint and place, the command that does the same, and what was verified once it is written.

The export runs as `workbench export ... --json` in a process of its own: it needs torch, which this process never loads.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Input, OptionList
from textual.widgets.option_list import Option

from workbench.paths import resolved
from workbench.runs.folder import RunFolder
from workbench.runs.root import default_root
from workbench.tui.base.background import in_thread
from workbench.tui.base.steady_list import SteadyList
from workbench.tui.base.untrusted_text import Words, as_is
from workbench.tui.dialogs.prompts import Choice, Dialog
from workbench.tui.glyphs import glyphs_of
from workbench.tui.requests import CopyText
from workbench.tui.wording import folded

__all__ = ["ExportDialog", "checkpoint_choices", "export_arguments", "format_choices"]

_WIDTH = 78
"""Columns of the box's text where there is room for all of it."""


def format_choices() -> list[Choice]:
    """The export formats there are."""
    from workbench.export.writing import formats

    return [Choice(name, name, str(card.summary)) for name, card in formats().items()]


def checkpoint_choices(folder: RunFolder) -> list[Choice]:
    """The run's checkpoints, the best and the last first; empty when there is none yet."""
    from workbench.training.checkpoint_files import list_checkpoints

    checkpoints = list_checkpoints(folder)
    choices = [Choice("best", "best", f"step {info.step:,}") for info in checkpoints if info.is_best]
    choices += [Choice("last", "last", f"step {info.step:,}") for info in checkpoints if info.is_last]
    named = {info.step for info in checkpoints if info.is_last or info.is_best}
    return choices + [Choice(str(info.step), f"step {info.step:,}") for info in reversed(checkpoints) if info.step not in named]


def export_arguments(folder: RunFolder, which: str, format_name: str, out: str, *, replace: bool = False) -> list[str]:
    """The words after `workbench` that export a checkpoint, or all metrics in a format that needs none."""
    from workbench.export.writing import formats

    if format_name in formats() and not formats()[format_name].needs_checkpoint:
        which = ""
    arguments = ["export", f"{folder.id}@{which}" if which else folder.id, "--format", format_name]
    if out.strip():
        arguments += ["--out", str(Path(out.strip()).expanduser())]
    if resolved(folder.path.parent) != resolved(default_root()):
        arguments += ["--runs-dir", str(folder.path.parent)]
    return [*arguments, "--force"] if replace else arguments


class ExportDialog(Dialog[Path]):
    """Exports a run; returns the path written, or None."""

    HELP = """
    ## Export

    Choose a format and a checkpoint with `up` and `down`; `enter` goes on to the next, and exports from the last line.
    `ctrl+s` (or the button) exports at once.
    What was written is loaded again and compared with the run before success is reported. `ctrl+y` copies the path.
    """
    AUTO_FOCUS = "#formats"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "export", "Export", id="export.start", priority=True),
        Binding("ctrl+y", "copy", "Copy path", id="export.copy", priority=True),
    ]
    DEFAULT_CSS = """
    ExportDialog {
        & > .dialog { width: 84; }
        & .caption { color: $text-muted; height: auto; }
        & .lists { height: auto; margin-bottom: 1; }
        & .list { width: 1fr; height: auto; }
        & OptionList { max-height: 6; margin-right: 2; scrollbar-size-vertical: 1; }
        & OptionList > .option-list--option-highlighted { background: $foreground 10%; }
        & #about { height: auto; margin-bottom: 1; }
        & #command { color: $text-muted; height: auto; margin: 0 0 1 0; }
        & #outcome { height: auto; margin-bottom: 1; display: none; }
        & .buttons { height: 1; }
        & Button { margin-right: 2; }
    }
    """

    @dataclass
    class _Done(Message):
        exported: Mapping[str, Any] | None
        problem: str

    def __init__(self, run: RunFolder) -> None:
        super().__init__()
        self._run_folder = run
        self._formats: Sequence[Choice] = format_choices()
        self._checkpoints: Sequence[Choice] = checkpoint_choices(run)
        self._process: subprocess.Popen[str] | None = None
        self._exported: Path | None = None
        self._replace = False

    def compose(self) -> ComposeResult:
        """Formats beside checkpoints, the place, the command, the outcome, the buttons."""
        with VerticalScroll(classes="dialog", can_focus=False) as box:
            box.border_title = as_is(f"Export {self._run_folder.id}")
            box.border_subtitle = "enter goes on, ctrl+s exports, esc closes"
            with Horizontal(classes="lists"):
                with VerticalScroll(classes="list", can_focus=False):
                    yield Words("format", classes="caption")
                    yield SteadyList(*[Option(Content(item.label), id=item.value) for item in self._formats], id="formats")
                with VerticalScroll(classes="list", can_focus=False):
                    yield Words("checkpoint", classes="caption")
                    lines = [Option(_line(item, 6), id=item.value) for item in self._checkpoints]
                    yield SteadyList(*lines or [Option("none yet", disabled=True)], id="checkpoints")
            yield Words(id="about")
            yield Words(id="to", classes="caption")
            yield Input(placeholder="another file or folder", id="out")
            yield Words(id="command")
            yield Words(id="outcome")
            with Horizontal(classes="buttons"):
                yield Button("Export", id="export", variant="primary", compact=True, disabled=not self._formats)
                yield Button("Copy path", id="copy", compact=True, disabled=True)
                yield Button("Close", id="close", compact=True)

    def on_mount(self) -> None:
        """Begin with the first of each list."""
        for listed in self.query(OptionList):
            listed.highlighted = 0 if listed.option_count and not listed.get_option_at_index(0).disabled else None
        self._show_command()

    def on_unmount(self) -> None:
        """An export that is still being written ends with its dialog."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self.app.notify("The export was left before it was written.", title=self._run_folder.id, severity="warning")

    @on(OptionList.OptionHighlighted)
    @on(Input.Changed)
    def _changed(self) -> None:
        self._replace = False
        self._show_command()

    def _arguments(self) -> list[str]:
        chosen = [self.query_one(name, OptionList).highlighted_option for name in ("#formats", "#checkpoints")]
        names = [(option.id or "") if option is not None else "" for option in chosen]
        out = self.query_one("#out", Input).value
        return export_arguments(self._run_folder, names[1], names[0], out, replace=self._replace)

    def _show_command(self) -> None:
        chosen = self.query_one("#formats", OptionList).highlighted
        self.query_one("#about", Words).update("" if chosen is None else self._formats[chosen].about)
        self._write("#to", f"to {self._run_folder.exports_path}, or to:")
        self._write("#command", f"workbench {shlex.join(self._arguments())}")
        self.query_one("#export", Button).label = "Replace what is there" if self._replace else "Export"

    def on_resize(self) -> None:
        """Fold paths for the width that there is now."""
        self.call_after_refresh(self._show_command)

    def _write(self, place: str, text: str) -> None:
        self.query_one(place, Words).update(self._folded(text))

    def _say(self, words: str | Content) -> None:
        """What comes of the export; until there is something to say, its lines are left to the rest."""
        outcome = self.query_one("#outcome", Words)
        outcome.display = True
        outcome.update(words)

    def _folded(self, text: str) -> str:
        """Text for the box's width, paths broken behind their separators."""
        return folded(text, self.query_one("#command").content_size.width or _WIDTH)

    @on(OptionList.OptionSelected)
    def _go_on(self) -> None:
        """`enter` in a list takes the line under the cursor and goes on to the next question."""
        self.focus_next()

    @on(Input.Submitted)
    @on(Button.Pressed, "#export")
    def _export_chosen(self) -> None:
        self.action_export()

    @on(Button.Pressed, "#close")
    def _close_pressed(self) -> None:
        self.action_cancel()

    @on(Button.Pressed, "#copy")
    def _copy_pressed(self) -> None:
        self.action_copy()

    def action_cancel(self) -> None:
        """Leave with the path that was written, if one was."""
        self.dismiss(self._exported)

    def action_copy(self) -> None:
        """Copy the path written to the clipboard."""
        if self._exported is not None:
            self.app.post_message(CopyText(str(self._exported), "Path"))

    def action_export(self) -> None:
        """Start the export, if none is going on."""
        button = self.query_one("#export", Button)
        if button.disabled:
            return
        button.disabled = True
        self._say("exporting, loading again and comparing ...")
        self._export(self._arguments())

    @in_thread("export", exclusive=True)
    def _export(self, arguments: Sequence[str]) -> None:
        """Run the command and wait for it."""
        command = [sys.executable, "-m", "workbench", *arguments, "--json"]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own program with the arguments shown
                command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, env=environment
            )
            output, errors = self._process.communicate()
            exported = json.loads(output) if self._process.returncode == 0 else None
        except (OSError, ValueError) as error:
            self.post_message(self._Done(None, f"export: could not be run: {error}."))
            return
        self.post_message(self._Done(exported, _last_line(errors)))

    @on(_Done)
    def _finished(self, event: _Done) -> None:
        event.stop()
        self.query_one("#export", Button).disabled = False
        signs = glyphs_of(self.app)
        if event.exported is None:
            self._replace = "--force" in event.problem
            problem = self._folded(f"{signs.wrong} {event.problem or 'the export ended without a word'}")
            self._say(Content.assemble((problem, "$text-error")))
        else:
            self._replace = False
            self._exported = Path(str(event.exported["path"]))
            lines = [f"  {name.replace('_', ' ')}: {value}" for name, value in dict(event.exported["verified"]).items()]
            head = (f"{signs.right} written and verified\n", "$text-success bold")
            path = self._folded(str(self._exported))
            self._say(Content.assemble(head, f"{path}\n", ("\n".join(lines), "$foreground 60%")))
            copy = self.query_one("#copy", Button)
            copy.disabled = False
            copy.focus()
        self._show_command()


def _line(choice: Choice, width: int) -> Content:
    return Content.assemble((choice.label.ljust(width), "bold"), " ", (choice.about, "$foreground 60%"))


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
