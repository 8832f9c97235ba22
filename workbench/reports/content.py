"""What stands in a report, apart from how it is written: sections of paragraphs, lists, tables, figures and commands."""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from workbench.comparison.compared import Comparison
from workbench.comparison.curves import default_tags, overlaid
from workbench.comparison.entries import Entry
from workbench.errors import WorkbenchError
from workbench.experiment import Experiment
from workbench.experiment.presets import load_preset
from workbench.plotting.charted import charted_metrics
from workbench.plotting.evaluated import MEASURE_COLUMNS, evaluation_pictures, measure_row
from workbench.plotting.pictures import Picture
from workbench.plotting.probes import Chosen, probe_views
from workbench.plotting.svg import Figure
from workbench.run_figures import USUAL_TAGS, run_figure
from workbench.runs.differences import as_words
from workbench.runs.evaluations import Evaluation
from workbench.runs.folder import RunFolder
from workbench.runs.groups import SEED
from workbench.runs.pins import Pin, pins_of
from workbench.runs.reader import RunReader
from workbench.runs.summary import RunSummary
from workbench.saying import number, took
from workbench.verification.claims import bounds_of
from workbench.verification.values import run_values

__all__ = ["Block", "Drawing", "Items", "Lines", "Report", "Section", "Table", "Words", "report_of"]

_MOST_EVALUATED = 4
"""Runs whose evaluations are drawn: more of them are compared by numbers."""
_MOST_PINNED = 12


@dataclass(frozen=True)
class Words:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Items:
    """A list, an item each."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Lines:
    """Commands, as they are typed."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        head: titles of the columns.
        rows: the cells.
        strong: places (row, column) that stand out.
        folded: what is to be opened before the table is seen; "" where it stands open.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    strong: frozenset[tuple[int, int]] = frozenset()
    folded: str = ""


@dataclass(frozen=True, eq=False)
class Drawing:
    """A figure.

    Attributes:
        name: of its file.
        caption: what it shows.
        figure: curves, or None.
        picture: what else is drawn, or None.
    """

    name: str
    caption: str
    figure: Figure | None = None
    picture: Picture | None = None

    @property
    def title(self) -> str:
        """What stands over it already."""
        return self.figure.title if self.figure is not None else self.picture.title if self.picture is not None else ""


Block: TypeAlias = Words | Items | Lines | Table | Drawing


@dataclass(frozen=True)
class Section:
    """A part with its heading."""

    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Report:
    """A report.

    Attributes:
        title: what it is about.
        made: when it was written, Unix time.
        sections: its parts; those without a block are left out.
    """

    title: str
    made: float
    sections: tuple[Section, ...] = field(default=())


def report_of(comparison: Comparison, title: str = "") -> Report:
    """A report on runs and groups, from what is kept of them.

    Args:
        comparison: the runs and groups beside each other; also of one alone.
        title: what it is about; by default what they are called.
    Raises:
        StoreError: a run cannot be read.
    """
    entries, evaluations = comparison.entries, comparison.evaluations
    single = [entry for entry in entries if not entry.is_group]
    sections = [
        ("Question", _question(entries)),
        ("Claim", _claims(entries)),
        ("Results", _results(comparison)),
        ("Curves", _curves(entries)),
        *((f"Evaluation of {_called(entry, entries)}", _evaluation(entry, evaluations)) for entry in single[:_MOST_EVALUATED]),
        ("Inside the model", _pinned(entries)),
        ("Settings", _settings(comparison)),
        ("Runs", _runs(entries)),
        ("How to repeat it", _commands(entries)),
    ]
    kept = tuple(Section(heading, tuple(blocks)) for heading, blocks in sections if blocks)
    return Report(title or _title(entries), time.time(), kept)


def _folder(run: RunSummary) -> RunFolder:
    return RunFolder(run.path)


def _title(entries: Sequence[Entry]) -> str:
    return entries[0].name if len(entries) == 1 else " against ".join(entry.name for entry in entries)


def _called(entry: Entry, entries: Sequence[Entry]) -> str:
    return entry.name if len(entries) == 1 else f"{entry.number} {entry.name}"


def _experiment(run: RunSummary) -> Experiment | None:
    try:
        return _folder(run).experiment()
    except WorkbenchError:
        return None


def _question(entries: Sequence[Entry]) -> list[Block]:
    """What the experiments are about, and the notes that people wrote on the runs."""
    abouts, notes = [], []
    for entry in entries:
        experiment = _experiment(entry.runs[0])
        if experiment is not None and experiment.about:
            abouts.append(experiment.about)
        notes += [run.note for run in entry.runs if run.note]
    return [Words(text) for text in dict.fromkeys((*notes, *abouts))]


def _claims(entries: Sequence[Entry]) -> list[Block]:
    """Claims of the experiments, and whether the runs keep them."""
    blocks: list[Block] = []
    for entry in entries:
        experiment = _experiment(entry.runs[0])
        if experiment is None or experiment.claim is None:
            continue
        rows, every = [], True
        for run in entry.runs:
            with RunReader(_folder(run)) as reader:
                values = run_values(reader)
            for bound in bounds_of(experiment.claim):
                value = values.get(bound.metric)
                holds = bound.holds(value)
                every &= holds
                needed = f"{bound.metric} {bound.operator} {bound.threshold:g}"
                rows.append((run.id, needed, number(value) if value is not None else "-", "holds" if holds else "does not hold"))
        verdict = "What it asks of these runs holds." if every else "What it asks of these runs does not hold."
        against = (
            f" Its contrast, {experiment.claim.against}, is tested by 'workbench verify'." if experiment.claim.against else ""
        )
        other = {key: value for key, value in changed_settings(entry.runs[0], experiment).items() if key != SEED}
        changed = f" The claim is the preset's, and these runs have other settings: {as_words(other)}." if other else ""
        blocks += [
            Words(f"{_called(entry, entries)}: {experiment.claim.sentence}"),
            Table(("run", "needed", "value", "verdict"), tuple(rows)),
            Words(verdict + changed + against),
        ]
    return blocks


def _results(comparison: Comparison) -> list[Block]:
    entries = comparison.entries
    blocks: list[Block] = []
    if len(entries) == 1 and (told := comparison.evaluations.get(entries[0].number)) is not None:
        blocks.append(Words(f"The checkpoint after {told.step:,} steps on {told.samples:,} samples of the {told.split} set:"))
        blocks.append(Table(MEASURE_COLUMNS, tuple(map(measure_row, told.measures))))
        blocks.append(Words("What the run measured itself, with its last weights and with its best ones (test_best):"))
    rows = comparison.result_rows(mark="")
    strong = frozenset((row, 1 + place) for row, result in enumerate(comparison.results) for place in result.best)
    head = ("metric", *(comparison.head() if len(entries) > 1 else ["value"]), "baseline")
    blocks.append(Table(head, tuple(tuple(cell.rstrip() for cell in row) for row in rows), strong))
    if any(entry.is_group for entry in entries):
        blocks.append(Words("Of a group: the mean over its runs, with the interval of 95 % of that mean by Student's t."))
    if strong:
        blocks.append(Words("The best value of each line stands out."))
    said = [*(verdict.words for verdict in comparison.verdicts), *comparison.notes]
    if said:
        blocks.append(Items(tuple(said)))
    return blocks


def _curves(entries: Sequence[Entry]) -> list[Block]:
    if len(entries) == 1 and not entries[0].is_group:
        run = entries[0].runs[0]
        tags = [*USUAL_TAGS, *(tag for tag in run.values if tag.rpartition("/")[2] == run.metric.rpartition("/")[2])]
        with RunReader(_folder(run)) as reader:
            figures = [run_figure(reader, metric) for metric in charted_metrics(tags)]
    else:
        figures = overlaid(entries, default_tags(entries))
    return [
        Drawing(f"curve-{place}", one.title, figure=one) for place, one in enumerate((one for one in figures if one.series), 1)
    ]


def _evaluation(entry: Entry, evaluations: Mapping[int, Evaluation]) -> list[Block]:
    told = evaluations.get(entry.number)
    if told is None:
        return []
    return [
        Drawing(f"evaluation-{entry.number}-{place}", picture.title, picture=picture)
        for place, picture in enumerate(evaluation_pictures(told), 1)
    ]


def _pinned(entries: Sequence[Entry]) -> list[Block]:
    """The panels that were pinned, drawn at the step that they were pinned at."""
    blocks: list[Block] = []
    for entry in entries:
        for run in entry.runs:
            folder = _folder(run)
            with RunReader(folder) as reader:
                for pin in pins_of(reader)[:_MOST_PINNED]:
                    blocks += _pin(reader, pin, f"{entry.number}-{len(blocks) + 1}")
    return blocks


def _pin(reader: RunReader, pin: Pin, name: str) -> list[Block]:
    view = probe_views().get(pin.kind)
    if view is None:
        return []
    step = pin.step if pin.step in reader.probe_steps(pin.kind) else None
    snapshot = view.read(reader, step)
    if snapshot is None:
        return []
    look = view.look(snapshot, Chosen(pin.sample, pin.name, pin.head, pin.unit))
    where = f"{view.title}, {reader.folder.id} at step {look.row.step:,}"
    caption = f"{where}: {view.summary(look)}" if view.summary(look) else where
    return [
        Drawing(f"pinned-{name}-{place}", caption if place == 1 else picture.title, picture=picture)
        for place, picture in enumerate(view.pictures(look), 1)
    ]


def _settings(comparison: Comparison) -> list[Block]:
    entries = comparison.entries
    blocks: list[Block] = []
    if len(entries) > 1:
        blocks.append(Words("Only what differs:"))
        blocks.append(Table(("setting", *comparison.head()), tuple(comparison.setting_rows())))
    for entry in entries:
        rows = tuple((name, _value(value)) for name, value in entry.settings.items())
        blocks.append(Table(("setting", "value"), rows, folded=f"All settings of {_called(entry, entries)}"))
    return blocks


def _value(value: Any) -> str:
    return "none" if value is None else ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _runs(entries: Sequence[Entry]) -> list[Block]:
    """Where each run comes from, how it ended, and what computed it."""
    rows = []
    for entry in entries:
        for run in entry.runs:
            with RunReader(_folder(run)) as reader:
                meta = reader.meta()
            versions = ", ".join(f"{name} {version}" for name, version in (meta.get("versions") or {}).items())
            git = meta.get("git") or {}
            commit = f"{git['commit'][:10]}{' with changes' if git.get('dirty') else ''}" if git.get("commit") else "-"
            rows.append(
                (
                    str(entry.number),
                    run.id,
                    run.state,
                    f"{run.step:,} of {run.total:,}",
                    took(run.seconds),
                    str(meta.get("seed", "-")),
                    run.origin or "-",
                    f"{meta.get('device', '-')}, {meta.get('threads', '-')} threads {meta.get('instructions', '')}".rstrip(),
                    versions,
                    commit,
                )
            )
    head = ("", "run", "state", "steps", "time", "seed", "from", "computed on", "versions", "started in commit")
    return [Table(head, tuple(rows))]


def _commands(entries: Sequence[Entry]) -> list[Block]:
    """What starts the same runs again."""
    lines, changed = [], []
    for entry in entries:
        lines += [command for run in entry.runs if (command := repeating(run))]
        changed += [run.id for run in entry.runs if run.changes]
    blocks: list[Block] = [Lines(tuple(lines))] if lines else []
    if changed:
        told = ", ".join(changed)
        blocks.append(
            Words(f"Settings were changed while it went on in {told}: 'workbench replay RUN' computes such a run again.")
        )
    return blocks


def repeating(run: RunSummary) -> str:
    """The command that starts the same experiment again: a preset with what differs from it, else the run's own file."""
    experiment = _experiment(run)
    if experiment is None:
        return ""
    own_file = f"workbench run {shlex.quote(str(_folder(run).experiment_path))}"
    if not run.preset:
        return own_file
    changes = changed_settings(run, experiment)
    words = [word for key, value in changes.items() for word in ("--set", f"{key}={_typed(value)}")]
    command = shlex.join(["workbench", "run", run.preset, *words])
    try:
        same = load_preset(run.preset, changes).to_dict() == experiment.to_dict()
    except WorkbenchError:
        same = False
    return command if same else own_file


def changed_settings(run: RunSummary, experiment: Experiment) -> dict[str, Any]:
    """The settings that a run was started with and its preset has not, "table.key" -> value; {} for a run of no preset."""
    try:
        preset = load_preset(run.preset).to_dict() if run.preset else None
    except WorkbenchError:
        return {}
    if preset is None:
        return {}
    return {
        f"{table}.{key}": value
        for table, section in experiment.to_dict().items()
        if isinstance(section, dict) and table != "claim"
        for key, value in section.items()
        if preset.get(table, {}).get(key) != value
    }


def _typed(value: Any) -> str:
    """A value as `--set` takes it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
