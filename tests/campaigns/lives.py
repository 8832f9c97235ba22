"""The lives of one run: a real worker that is steered, killed at some moment and gone on with, until the run is finished."""

from __future__ import annotations

import contextlib
import io
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from tests.campaigns.kinds_of_runs import Kind
from workbench.cli.app import run as run_command
from workbench.errors import WorkbenchError
from workbench.experiment import Experiment
from workbench.runs.control import send, wait
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.runs.records import Status
from workbench.training import launch
from workbench.training.checkpoint_files import list_checkpoints

__all__ = ["Fault", "Subject"]

LONGEST_S = 180.0
"""What takes longer hangs."""
ENDED = ("finished", "stopped", "failed")
KILLS = {"step": 26, "event": 26, "file": 10, "command": 12, "paused": 8, "start-up": 6, "launcher": 4}
"""How often a worker is killed at a step, after an event, while a file is written, with a command on its way, while it is paused,
at any time after its start, and together with the command that starts it."""
AT_THE_END = {"end": 30}
"""After the last checkpoint, while the test data are measured; tried with a run's last kill alone."""
ENDS = {"stop": 5, "SIGTERM": 5}
"""Ends of a life that are none of a kill."""
DELAYS_S = (0.0, 0.0, 0.001, 0.004, 0.02, 0.06)
_LOOK = (
    "SELECT state, step, (SELECT max(id) FROM events), (SELECT message FROM events ORDER BY id DESC LIMIT 1),"
    " (SELECT count(*) FROM events WHERE message LIKE '% parameters on %') FROM status"
)


class Fault(Exception):  # noqa: N818 - what is looked for, not what goes wrong in looking
    """Something that must not happen to a run."""


class Seen(NamedTuple):
    """A glance at run.db: status, newest event, and how many lives have begun."""

    state: str
    step: int
    event: int
    message: str
    lives: int


class Subject:
    """One run, and what is done to it.

    Args:
        kind: what is trained.
        place: folder for its run, made here.
        seed: of the run, and of every choice made here; when a choice hits the run depends on the machine.
        steps: length of the run, where that is not the kind's.
    Attributes:
        folder: the run, once it has begun.
        counts: what was done to it, by word.
        acknowledged: live changes that the worker said it had made.
    """

    def __init__(self, kind: Kind, place: Path, seed: int, steps: int = 0) -> None:
        self.kind, self.place, self.dice = kind, place, random.Random(seed)  # noqa: S311 - no secret
        self.counts = Counter[str]()
        self.acknowledged: list[Mapping[str, Any]] = []
        place.mkdir(parents=True)
        changes = {"training.seed": seed, "inspect.share": 1.0, **({"training.steps": steps} if steps else {})}
        wanted = Experiment.from_dict(kind.values, changes=changes)
        (place / "wanted.toml").write_text(wanted.to_toml(), encoding="utf-8")
        self._around = min(wanted.training.steps, kind.around)
        self.folder: RunFolder | None = None
        self._lives = 0
        self._rest = threading.Event()

    @property
    def run(self) -> RunFolder:
        """The run."""
        assert self.folder is not None
        return self.folder

    def status(self) -> Status:
        """Where it stands, with its process looked up."""
        with RunReader(self.run) as reader:
            return reader.status()

    def close(self) -> None:
        """Leave no worker behind."""
        if self.folder is not None:
            self._signal(signal.SIGKILL)
        for worker in launch._started:
            if str(self.place) in str(worker.args):
                worker.kill()
                worker.wait()

    def live(self, kills_left: int) -> str:
        """One life, with a kill where one is left; says how it ended: "killed ...", "finished", or what else was done to it."""
        chosen = {**KILLS, **ENDS, **(AT_THE_END if kills_left == 1 else {})} if kills_left else {**ENDS, "alone": 40}
        how = self.dice.choices(list(chosen), list(chosen.values()))[0]
        if how == "launcher" and self.folder is not None:
            return self._kill_launcher()
        self._start()
        if how == "start-up":
            self._sleep(self.dice.uniform(0, 3))
            return self._kill(how)
        if not self._until(lambda seen: seen.lives > self._lives):
            return self._ended()
        base = max((info.step for info in list_checkpoints(self.run)), default=0)
        target = base + self.dice.randint(1, max(1, 2 * (self._around - base) // (kills_left + 2)))
        for step in sorted(self.dice.randint(base, target) for _ in range(self.dice.choice((0, 0, 1, 1, 2, 3)))):
            if self._until(lambda seen, step=step: seen.step >= step):  # type: ignore[misc]
                self._ask()
        if how == "alone":
            self._until(lambda seen: False)  # until it has ended
        else:
            self._until(lambda seen: seen.step >= target)
        return self._end(how)

    def _end(self, how: str) -> str:
        """End a life that has come to its moment."""
        if self._look().state in ENDED:
            return self._ended()
        match how:
            case "event":
                newest = self._look().event
                self._until(lambda seen: seen.event > newest)
            case "file":
                names = self._names()
                self._until(lambda _: self._names() != names, rest_s=0)
            case "command":
                verb = self.dice.choice(("set", "set", "set", "evaluate", "checkpoint", "stop", "pause"))
                with contextlib.suppress(WorkbenchError):  # it has ended
                    send(self.run, verb, **(self._change() if verb == "set" else {}))
            case "paused":
                self._command("pause")
                for _ in range(self.dice.choice((0, 1))):
                    self._set()
            case "end":
                self._until(lambda seen: "(end)" in seen.message)
                self._sleep(self.dice.choice((0.01, 0.1, 0.3)))
            case "stop":
                self._command("stop")
                return self._ended(how)
            case "SIGTERM":
                self._signal(signal.SIGTERM)
                self._until(lambda seen: False)
                return self._ended(how)
        self._sleep(self.dice.choice(DELAYS_S))
        return self._kill(how)

    def _ended(self, how: str = "") -> str:
        """How a life ended that was not killed."""
        state = self.status().state
        if state not in ("finished", "stopped", "paused"):
            raise Fault(f"the run is {state} and was not killed")
        if how and state != "finished":
            self.counts[how] += 1
        return state

    def _start(self) -> None:
        """`workbench run`, or `workbench resume`, detached; one in four in a process of its own."""
        if self.folder is None:
            out = self._call(
                "run", str(self.place / "wanted.toml"), "--detach", "--quiet", "--runs-dir", str(self.place / "runs")
            )
            self.folder = RunFolder(self.place / "runs" / out.split()[-1])
            return
        self._lives = self._look().lives
        try:
            self._call("resume", *self._words())
        except Fault:
            if not self.status().alive:  # a launcher that was killed had started a worker all the same
                raise

    def _words(self) -> tuple[str, ...]:
        return (self.run.id, "--detach", "--quiet", "--runs-dir", str(self.place / "runs"))

    def _call(self, *words: str) -> str:
        """A command of the workbench; what it printed."""
        if self.dice.random() < 0.25:
            done = subprocess.run([sys.executable, "-m", "workbench", *words], capture_output=True, text=True, check=False)
            code, out, err = done.returncode, done.stdout, done.stderr
        else:
            to, complaints = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(to), contextlib.redirect_stderr(complaints):
                code = run_command(list(words))
            out, err = to.getvalue(), complaints.getvalue()
        if code:
            raise Fault(f"workbench {' '.join(words)}: exit code {code}: {err[-400:]}")
        return out

    def _command(self, verb: str, *words: str) -> bool:
        """A command to the live run; False when it came too late."""
        try:
            self._call(verb, self.run.id, *words, "--runs-dir", str(self.place / "runs"))
        except Fault as fault:
            if self.status().alive and "the run has ended" not in str(fault):
                raise
            return False
        self.counts[verb] += 1
        return True

    def _ask(self) -> None:
        """Something that a person may do at any moment."""
        match self.dice.choice(("set", "set", "set", "pause", "evaluate", "checkpoint")):
            case "set":
                self._set()
            case "pause":
                if self._command("pause"):
                    for _ in range(self.dice.choice((0, 1, 2))):
                        self._set()
                    self._command("resume", "--detach", "--quiet")
            case verb:  # keys of the interface
                with contextlib.suppress(WorkbenchError):  # it has ended
                    wait(self.run, send(self.run, verb), LONGEST_S)
                    self.counts[verb] += 1

    def _set(self) -> None:
        values = self._change()
        if self._command("set", *(f"{key}={value}" for key, value in values.items())):
            self.acknowledged.append(values)

    def _change(self) -> Mapping[str, Any]:
        keys = self.dice.sample(sorted(self.kind.live), self.dice.choice((1, 1, 2)))
        return {key: self.dice.choice(self.kind.live[key]) for key in keys}

    def _kill_launcher(self) -> str:
        """Kill a command that goes on with the run, and with it, half of the times, the worker that it has started."""
        self._lives = self._look().lives
        launcher = subprocess.Popen(
            [sys.executable, "-m", "workbench", "resume", *self._words()], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._sleep(self.dice.uniform(0.3, 1.5))
        launcher.kill()
        launcher.wait()
        if self.dice.random() < 0.5:
            return self._kill("launcher")
        return f"killed (launcher): {self._place(self._look())}"

    def _kill(self, how: str) -> str:
        """Kill -9, and wait until the run is known to be lost."""
        seen = self._look()
        if not self._signal(signal.SIGKILL) and seen.state in ENDED:
            return self._ended()
        deadline = time.monotonic() + LONGEST_S
        while self.status().alive:
            self._in_time(deadline, "the killed worker to be gone")
            self._sleep(0.005)
        return f"killed ({how}): {self._place(seen)}"

    def _signal(self, number: int) -> bool:
        """Send a signal to the run's worker; False when there is none, or it is not known yet."""
        pid = self.status().pid
        try:
            if pid is None or str(self.run.path) not in psutil.Process(pid).cmdline():
                return False
            os.kill(pid, number)
        except (psutil.Error, ProcessLookupError):
            return False
        return True

    def _place(self, seen: Seen) -> str:
        newest = max((info.step for info in list_checkpoints(self.run)), default="none")
        return f"{seen.state} at step {seen.step}, newest checkpoint {newest}, last event: {seen.message[:50]}"

    def _look(self) -> Seen:
        """A glance that costs little and holds nothing open."""
        while True:
            try:
                with contextlib.closing(sqlite3.connect(f"file:{self.run.database_path}?mode=ro", uri=True, timeout=5)) as found:
                    state, step, event, message, lives = found.execute(_LOOK).fetchone()
            except sqlite3.OperationalError:  # its log is just being folded away
                self._sleep(0.005)
            else:
                return Seen(state, step, event or 0, message or "", lives)

    def _names(self) -> set[str]:
        """Files that are written or have been."""
        path = self.run.checkpoints_path
        return {file.name for file in path.iterdir()} if path.is_dir() else set()

    def _until(self, reached: Callable[[Seen], bool], rest_s: float = 0.004) -> bool:
        """Wait for something that the run does; False when it ended before that."""
        deadline, checked = time.monotonic() + LONGEST_S, time.monotonic()
        while not reached(seen := self._look()):
            if seen.state in ENDED:
                deadline = self._wait_for_its_process(deadline)
                return False
            if time.monotonic() > checked + 0.25:
                checked = time.monotonic()
                if not self.status().alive:
                    return False
            self._in_time(deadline, f"a run that is {seen.state} at step {seen.step}")
            self._sleep(rest_s)
        return True

    def _wait_for_its_process(self, deadline: float) -> float:
        """A worker notes its end before it folds its database."""
        with RunReader(self.run) as reader:
            while reader.written_status()["pid"] is not None:
                self._in_time(deadline, "the worker to let go of its run")
                self._sleep(0.005)
        return deadline

    def _in_time(self, deadline: float, what: str) -> None:
        if time.monotonic() > deadline:
            raise Fault(f"waited {LONGEST_S:g} s in vain for {what}")

    def _sleep(self, seconds: float) -> None:
        self._rest.wait(seconds)
