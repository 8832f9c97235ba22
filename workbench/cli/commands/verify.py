"""`workbench verify`: train what presets claim, on several seeds, and say whether it holds."""

from __future__ import annotations

import shlex
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

import typer

from workbench.cli.options import Json, complete_preset
from workbench.cli.output import console, message, print_json
from workbench.cli.working import rest_words
from workbench.saying import clock

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID
    from rich.text import Text

    from workbench.verification.claims import CheckedClaim, Trial, Verdict

__all__ = ["PANEL", "command"]

PANEL = "Train"


def command(
    presets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PRESET...]",
            help="Presets whose claims are tested, by name or by path; all that claim something by default.",
            autocompletion=complete_preset,
        ),
    ] = None,
    seeds: Annotated[int, typer.Option("--seeds", min=1, max=1000, help="Number of seeds, each a run of its own.")] = 3,
    first_seed: Annotated[
        int, typer.Option("--first-seed", min=0, max=2**63 - 1001, help="The first seed; the others follow it.")
    ] = 0,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, max=1024, help="Runs at a time; as many as there are cores by default.")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", metavar="PATH", help="Also write the table as Markdown to this file.")
    ] = None,
    as_json: Json = False,
    runs_dir: Annotated[
        Path | None,
        typer.Option(
            "--runs-dir",
            metavar="DIR",
            help="Keep the runs in this folder, and take from it those that need not be run again; by default none is kept.",
        ),
    ] = None,
) -> None:
    """Train what presets claim on several seeds, contrasts included, and say what holds; exit code 1 when a claim does not.

    Ctrl-C ends all runs that it started. With --runs-dir the same command then goes on where it was: runs that finished, with the
    same settings, versions and code, are not trained again.
    """
    from workbench.cli.following import leave
    from workbench.paths import checked_path
    from workbench.system import cores
    from workbench.verification.claims import claims_of
    from workbench.verification.report import claim_holds, entries
    from workbench.verification.report import markdown as as_markdown

    markdown = None if markdown is None else checked_path(markdown, "--markdown")
    runs_dir = None if runs_dir is None else checked_path(runs_dir, "--runs-dir")
    _check_writable(markdown)
    claims = claims_of(presets or [])
    chosen = range(first_seed, first_seed + seeds)
    with ExitStack() as stack:
        stack.enter_context(_terminated_like_interrupted())
        root = runs_dir or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="workbench-verify-")))
        out = console(stderr=as_json)
        results = _verify(claims, chosen, root, jobs or cores(), out, keep=runs_dir is not None)
    if markdown is not None:
        markdown.write_text(as_markdown(results, _command(presets or [], seeds, first_seed)), encoding="utf-8")
        message(f"Wrote {markdown}")
    if as_json:
        print_json(entries(results))
    leave(0 if all(claim_holds(verdicts) for verdicts in results) else 1)


def _verify(
    claims: Sequence[CheckedClaim], seeds: range, root: Path, jobs: int, out: Console, *, keep: bool
) -> list[list[Verdict]]:
    """Run everything that the claims need and show each claim's verdict as soon as its last run has ended."""
    from workbench.verification.earlier_trials import kept_outcomes
    from workbench.verification.report import claim_holds, claims_hold, verdicts_of
    from workbench.verification.trials import Ended, run_trials

    trials = list(dict.fromkeys(trial for claim in claims for trial in claim.trials(seeds)))
    experiments = {side.preset: side.experiment for claim in claims for side in claim.sides}
    outcomes = kept_outcomes(trials, experiments, root) if keep else {}
    if outcomes:
        out.print(f"{len(outcomes)} of {len(trials)} runs are in {root} already.", soft_wrap=True, highlight=False, markup=False)
    missing = [trial for trial in trials if trial not in outcomes]
    results: dict[str, list[Verdict]] = {}

    def tell() -> None:
        """Show the claims whose last run has ended since the last time."""
        for claim in claims:
            if claim.own.preset not in results and outcomes.keys() >= set(claim.trials(seeds)):
                results[claim.own.preset] = verdicts_of(claim, outcomes, seeds)
                out.print(_text(results[claim.own.preset]), soft_wrap=True)

    tell()
    steps = {trial: experiments[trial.preset].training.steps for trial in missing}
    with _Shown(out, steps) as shown, closing(run_trials(missing, experiments, root, jobs, keep=keep)) as events:
        for event in events:
            shown.show(event)
            if isinstance(event, Ended):
                outcomes[event.trial] = event.outcome
                tell()
    ordered = [results[claim.own.preset] for claim in claims]
    holding = sum(claim_holds(verdicts) for verdicts in ordered)
    which = f"seeds {seeds[0]} to {seeds[-1]}" if len(seeds) > 1 else f"seed {seeds[0]}"
    out.print(f"{claims_hold(holding, len(ordered))} on {which}.", style="bold", highlight=False, markup=False)
    return ordered


class _Shown:
    """The progress of all trials: one bar for the whole, one for each run that goes on. Shown in a terminal alone.

    Args:
        out: where it is shown.
        steps: how many steps each trial takes.
    """

    def __init__(self, out: Console, steps: Mapping[Trial, int]) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        rest = TextColumn("{task.fields[rest]}")
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), rest)
        self._progress: Progress = Progress(*columns, console=out, transient=True, disable=not out.is_terminal)
        self._all = self._progress.add_task("runs", total=len(steps), rest="")
        self._bars: dict[Trial, TaskID] = {}
        self._steps, self._taken = steps, dict.fromkeys(steps, 0)
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, event: Any) -> None:
        """Move a bar, or add or take away one."""
        from rich.markup import escape  # a preset of one's own may be called anything

        from workbench.verification.trials import Moved, Started

        match event:
            case Started(trial=trial, total=total):
                self._bars[trial] = self._progress.add_task(escape(str(trial)), total=total, rest="")
            case Moved(trial=trial, step=step):
                self._progress.update(self._bars[trial], completed=step)
                self._taken[trial] = step
            case _:
                self._progress.remove_task(self._bars.pop(event.trial))
                self._progress.advance(self._all)
                self._taken[event.trial] = self._steps[event.trial]
        taken, total = sum(self._taken.values()), sum(self._steps.values())
        self._progress.update(self._all, rest=rest_words(taken, total, taken / max(1e-3, time.monotonic() - self._began)))


def _text(verdicts: Sequence[Verdict]) -> Text:
    """A claim's verdict: its sentence, then a line for each condition with the values, then what went wrong."""
    from rich.text import Text

    from workbench.verification.report import claim_holds, show_number

    holds = claim_holds(verdicts)
    mark, colour = ("✓", "green") if holds else ("✗", "red")
    seconds = clock(sum(verdict.seconds for verdict in verdicts if not verdict.is_further))
    verdict_word = "holds" if holds else "does not hold"
    text = Text.assemble(
        (f"{mark} {verdict_word}", colour), "  ", (verdicts[0].side.preset, "bold"), f"  {seconds} of training in all runs\n"
    )
    text.append(f"  {verdicts[0].claim.sentence}\n")
    for verdict in verdicts:
        head = f"contrast {verdict.side.preset}: " if verdict.is_contrast else ""
        values = "  ".join(show_number(value) for value in verdict.values)
        text.append(f"    {head}{verdict.side.needed}   ", style="dim")
        text.append(values, style="" if verdict.holds else "red")
        if verdict.side.measure != "value":
            text.append(f"   of {'  '.join(show_number(value) for value in verdict.metric_values)}", style="dim")
        if verdict.side.trivial:
            text.append(f"   ({verdict.side.trivial})", style="dim")
        text.append("\n" if verdict.holds else "  does not hold\n")
        for problem in verdict.problems:
            text.append(f"    {problem}\n", style="red")
    return text


def _command(presets: Sequence[str], seeds: int, first_seed: int) -> str:
    """The command that gives the same runs again."""
    words = ["workbench", "verify", *presets, "--seeds", str(seeds)]
    return shlex.join([*words, "--first-seed", str(first_seed)] if first_seed else words)


def _check_writable(path: Path | None) -> None:
    """Refuse what could only fail after the training.

    Raises:
        UsageError: the file cannot be written.
    """
    from workbench.errors import UsageError

    if path is None:
        return
    try:
        with path.open("a", encoding="utf-8"):
            pass
    except OSError as error:
        raise UsageError(f"--markdown: {path} cannot be written: {error.strerror}. Name another file.") from error


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end this command as Ctrl-C does, so that no run is left behind."""

    def interrupt(number: int, frame: object) -> None:
        del number, frame
        raise KeyboardInterrupt

    numbers = [signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)]
    before = [(number, signal.signal(number, interrupt)) for number in dict.fromkeys(numbers)]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
