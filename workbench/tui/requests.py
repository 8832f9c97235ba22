"""What screens, widgets and work in threads ask of the app: messages, so that none of them knows the app or another screen.

They are posted to the app itself (`self.app.post_message(OpenRun(folder))`), which gives each to the part that carries it out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from textual.message import Message

if TYPE_CHECKING:
    from textual.screen import Screen
    from textual.widget import Widget

    from workbench.experiment import Experiment
    from workbench.plotting.saving import Contents
    from workbench.runs.folder import RunFolder
    from workbench.runs.groups import RunGroup
    from workbench.tui.run.data import RunData

__all__ = [
    "AskModel",
    "ChooseCard",
    "CompareRuns",
    "CopyText",
    "DescribeModel",
    "EvaluateRun",
    "ExportRun",
    "FindInForm",
    "ForkRun",
    "GiveUp",
    "GoTo",
    "KeepContents",
    "KeepWay",
    "LoadPreset",
    "ModelAnswered",
    "Notice",
    "OpenBeside",
    "OpenRun",
    "PointAtSetting",
    "Request",
    "ResumeRun",
    "RewindRun",
    "ScreenReady",
    "SendCommand",
    "ShowConcept",
    "ShowExperiment",
    "ShowInTitle",
    "ShowLesson",
    "StartRun",
    "Way",
]


Way: TypeAlias = Literal["", "beside", "queue", "stop"]
"""How a run begins where others go on."""


class Request(Message, bubble=False):
    """Something that the app is asked to do."""


@dataclass
class Notice(Request):
    """Say something in a corner of the screen.

    Attributes:
        text: what is said, as it is written.
        title: its heading, or "".
        problem: it is an error.
        lasting: it stays as long as an error does.
    """

    text: str
    title: str = ""
    problem: bool = False
    lasting: bool = False


KeepWay: TypeAlias = Literal["", "copy", "copy_csv", "text", "svg", "svg_dark", "csv", "all", "all_dark"]
"""How something that is shown is kept; "" asks."""


@dataclass
class KeepContents(Request):
    """Keep what a chart, a panel or a table shows, in files or in the clipboard; files go to the run's, else to that on Bench."""

    contents: Contents
    way: KeepWay = ""
    run: RunFolder | None = None


@dataclass
class CopyText(Request):
    """Copy a text, and say what is known of it: no program knows whether a terminal took it.

    Attributes:
        text: what is copied.
        what: what it is, for the heading of what is said.
    """

    text: str
    what: str = ""


# Where to go --------------------------------------------------------------------------------------------------------------


@dataclass
class GoTo(Request):
    """Show a screen by the name of its mode (`bench`, `runs`, `presets`, `concepts`, `lessons`), and nothing over it."""

    mode: str


@dataclass
class ShowExperiment(Request):
    """Show an experiment in the form of Bench.

    Attributes:
        experiment: the experiment.
        typed: what an earlier session left in the form, right or wrong, or None.
    """

    experiment: Experiment
    typed: Mapping[str, Any] | None = None


@dataclass
class LoadPreset(Request):
    """Show an experiment in the form: a preset by its name, a TOML file or a data file by its path."""

    name: str


@dataclass
class ShowConcept(Request):
    """Show a concept page: by its name, that of an architecture or preset, or "" for what is before one's eyes."""

    name: str = ""


@dataclass
class ShowLesson(Request):
    """Show a lesson by its name, at the step where one is."""

    name: str


@dataclass
class ChooseCard(Request):
    """Choose an architecture (`model`) or a dataset (`data`) in the form."""

    table: str
    name: str


@dataclass
class PointAtSetting(Request):
    """Go to a setting of the form ("optimizer.lr")."""

    name: str


class FindInForm(Request):
    """Search architectures, datasets and settings by words."""


# Runs ---------------------------------------------------------------------------------------------------------------------


@dataclass
class StartRun(Request):
    """Start a run of an experiment, under a name or without one (""), and show it on Bench.

    Attributes:
        experiment: what is trained.
        name: the run's name, or "".
        way: how it begins where others go on: `beside` them, in the `queue` for a free core, or after a `stop` of one; "" asks.
        others: runs on Bench that go on, and are drawn beside it; for `stop` the one that is stopped.
        made: called in a thread with the run's folder before it begins, for whoever is to know the run again; None for nobody.
        seeds: runs that are started, each with a seed of its own from the experiment's on; those that find no free core wait.
    """

    experiment: Experiment
    name: str = ""
    way: Way = ""
    others: tuple[RunFolder, ...] = ()
    made: Callable[[RunFolder], object] | None = None
    seeds: int = 1


@dataclass
class ResumeRun(Request):
    """Go on with a run that no process works on, and show it."""

    folder: RunFolder


@dataclass
class ForkRun(Request):
    """Begin a new run where another one was after a step, and show it.

    Attributes:
        folder: the run.
        step: steps that it had done.
        changes: what is different from there on, each as `table.key=value`.
    """

    folder: RunFolder
    step: int
    changes: tuple[str, ...] = ()


@dataclass
class RewindRun(Request):
    """Bring a run back to a step; what came after is kept as a run of its own."""

    folder: RunFolder
    step: int


@dataclass
class OpenRun(Request):
    """Show a run on Bench, live or ended, and others in the same charts (`beside`): other runs, or the others of its group."""

    folder: RunFolder
    beside: tuple[RunFolder, ...] = ()
    as_group: bool = False


@dataclass
class CompareRuns(Request):
    """Compare runs, and groups of runs that differ in nothing but the seed."""

    groups: tuple[RunGroup, ...]


@dataclass
class EvaluateRun(Request):
    """Measure a run's checkpoint in full, and show what came of it."""

    folder: RunFolder


@dataclass
class OpenBeside(Request):
    """Draw runs into the charts of the run on Bench."""

    folders: tuple[RunFolder, ...]


@dataclass
class SendCommand(Request):
    """Ask a run's worker for something; the answer is shown when it comes.

    Attributes:
        folder: the run.
        verb: what is asked for (`pause`, `set`).
        arguments: for `set`, what is to change ("table.key" -> value).
    """

    folder: RunFolder
    verb: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class ExportRun(Request):
    """Open the export dialog on a run."""

    folder: RunFolder


@dataclass
class DescribeModel(Request):
    """Measure the experiment's model in the waiting worker; the answer goes to the form."""

    experiment: Experiment


# Trained models -----------------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class AskModel(Request):
    """Ask something about the model of a run's checkpoint; `ModelAnswered` is posted to the widget that asks.

    Of several questions of one widget the newest alone is answered.

    Attributes:
        asker: the widget.
        folder: the run.
        step: of the checkpoint.
        question: its name, see `workbench.training.questions`.
        arguments: what else it takes, JSON values.
    """

    asker: Widget
    folder: RunFolder
    step: int
    question: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class ModelAnswered(Message, bubble=False):
    """What came of a question; a widget that asked again, or gave up, meanwhile looks whether `request` is the one it waits for.

    Attributes:
        request: the question.
        answer: JSON values, or None.
        problem: why there is no answer, in one line, or "".
    """

    request: AskModel
    answer: Mapping[str, Any] | None
    problem: str = ""


@dataclass
class GiveUp(Request):
    """A widget wants no answer any more."""

    asker: Widget


# What is shown ------------------------------------------------------------------------------------------------------------


@dataclass
class ShowInTitle(Request):
    """Show a run in the title of whichever screen is seen, also behind a dialog.

    Attributes:
        run: the run as it was read last, or None.
        starting: what is said while a run is on its way, or "".
    """

    run: RunData | None
    starting: str = ""

    def can_replace(self, message: Message) -> bool:
        """Only the newest state counts."""
        return isinstance(message, ShowInTitle)


@dataclass
class ScreenReady(Request):
    """The first screen has its parts, or will not get them: keys typed before take effect now."""

    screen: Screen[Any]
