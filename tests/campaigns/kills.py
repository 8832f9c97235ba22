"""Kills workers at random moments, steers their runs at others, and goes on with them: each must end as if nobody had touched it.

python -m tests.campaigns.kills --kills 100 --seed 0 [--kind plateau] [--jobs 1]

A run that has a fault is kept, with the untouched run beside it. What is done follows from the seed; when it hits the run depends
on the machine, so a fault is tried again with the command that is printed with it, several times if need be.
"""

from __future__ import annotations

import argparse
import multiprocessing
import shutil
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from tests.campaigns.compared import differences
from tests.campaigns.kinds_of_runs import KINDS
from tests.campaigns.lives import Fault, Subject
from tests.campaigns.untouched import in_force, train_untouched
from workbench.runs.reader import RunReader

__all__ = ["Result", "campaign", "trial"]

KILLS_A_RUN = 6
MOST_LIVES = 30


@dataclass
class Result:
    """What came of one run.

    Attributes:
        kind, seed: of which it was.
        kills: how often it was killed.
        counts: what else was done to it.
        faults: all that must not be; none when it ended as the untouched run did.
    """

    kind: str
    seed: int
    kills: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def trial(kind: str, seed: int, kills: int, root: Path, steps: int = 0) -> Result:
    """Take one run through its lives and compare it; a run without fault leaves nothing behind.

    Args:
        kind: one of KINDS.
        seed: of the run and of what is done to it.
        kills: how often it is killed at most.
        root: folder in which it is made.
        steps: its length where that is not the kind's.
    """
    place = root / f"{kind.replace(' ', '-')}-{seed}"
    subject = Subject(KINDS[kind], place, seed, steps)
    result = Result(kind, seed, counts=subject.counts)
    try:
        _lives(subject, result, kills)
        result.faults += _judge(subject, result)
    except Exception as error:  # noqa: BLE001 - whatever comes out is what is looked for
        result.faults.append(str(error) if isinstance(error, Fault) else traceback.format_exc()[-1500:])
    finally:
        subject.close()
    _say(f"{kind} {seed}: {result.kills} kills, {_listed(result.counts)}: {'FAULT' if result.faults else 'equal'}")
    for fault in result.faults:
        _say(f"  FAULT {fault}")
    if result.faults:
        _say(f"  kept in {place}; again: python -m tests.campaigns.kills --kind '{kind}' --seed {seed} --kills {kills}")
    else:
        shutil.rmtree(place)
    return result


def _lives(subject: Subject, result: Result, kills: int) -> None:
    for life in range(1, MOST_LIVES + 1):
        how = subject.live(kills - result.kills)
        result.kills += how.startswith("killed")
        _say(f"{result.kind} {result.seed} life {life}: {how}")
        if subject.status().state == "finished":
            return
    raise Fault(f"not finished after {MOST_LIVES} lives")


def _judge(subject: Subject, result: Result) -> list[str]:
    """Compare the run with an untouched one, and its answers to commands with what it did."""
    with RunReader(subject.run) as reader:
        events, commands = reader.events(), reader.commands()
    faults = [f"command without an answer: {command}" for command in commands if command.outcome is None]
    made = [dict(event.data) for event in events if event.kind == "changed"]
    faults += [f"answered and not made: {values}" for values in subject.acknowledged if values not in made]
    changes = in_force(events)
    result.counts["changes in force"] = len(changes)
    result.counts["rewinds"] = sum(event.kind == "nonfinite" for event in events)
    alone = train_untouched(subject.place / "alone", subject.run.experiment(), changes)
    return faults + differences(subject.run, alone)


def campaign(kills: int, seed: int, kinds: Sequence[str], jobs: int, root: Path) -> list[Result]:
    """Runs of all kinds in turn until there have been as many kills."""
    results: list[Result] = []
    going: dict[Future[Result], int] = {}
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        number = 0
        while True:
            done = sum(result.kills for result in results)
            while len(going) < jobs and (left := kills - done - sum(going.values())) > 0:
                wanted = min(KILLS_A_RUN, left)
                going[pool.submit(trial, kinds[number % len(kinds)], seed + number, wanted, root)] = wanted
                number += 1
            if not going:
                return results
            for future in wait(going, return_when=FIRST_COMPLETED).done:
                del going[future]
                results.append(future.result())
            _say(f"-- {sum(result.kills for result in results)} of {kills} kills, {len(results)} runs")


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(counts.items()) if number)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """The campaign from the command line; exit code 1 when a fault was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0, help="of the first run; each further run has the next number")
    parser.add_argument("--kind", choices=sorted(KINDS), action="append", help="repeatable; all of them by default")
    parser.add_argument("--jobs", type=int, default=1, help="runs at the same time")
    chosen = parser.parse_args(arguments)
    root = Path(tempfile.mkdtemp(prefix="kills-"))
    results = campaign(chosen.kills, chosen.seed, chosen.kind or list(KINDS), chosen.jobs, root)
    for kind in KINDS:
        of_kind = [result for result in results if result.kind == kind]
        counts = sum((result.counts for result in of_kind), Counter[str]())
        _say(f"{kind}: {len(of_kind)} runs, {sum(result.kills for result in of_kind)} kills, {_listed(counts)}")
    faults = sum(bool(result.faults) for result in results)
    if not faults:
        shutil.rmtree(root)
    _say(f"{len(results)} runs, {sum(result.kills for result in results)} kills, {faults} runs with faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
