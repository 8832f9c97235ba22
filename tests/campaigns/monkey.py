"""A monkey at the interface: keys, mouse, pastes and resizes at random from the first millisecond, with real runs going on.

python -m tests.campaigns.monkey --events 20000 --seeds 4 --first-seed 0

Each seed has a process, a home, a folder of runs and a working folder of its own, and cannot write elsewhere. An exception of the
app or of one of its threads, an interface that does not answer, and a process that stays behind are faults; each is printed with
its seed and what was done last. The same seed does the same again: `--seeds 1 --first-seed SEED`.
"""

from __future__ import annotations

import argparse
import asyncio
import faulthandler
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from textual import events
from textual._context import message_hook
from textual.geometry import Size
from textual.keys import _character_to_key
from textual.message import Message
from textual.pilot import Pilot, WaitForScreenTimeout
from textual.worker import Worker, WorkerFailed, WorkerState

from tests.campaigns.monkey_hands import Deed, deeds
from tests.campaigns.sandbox import end_all, left_behind, make_sandbox
from workbench.errors import WorkbenchError
from workbench.runs import control
from workbench.runs.folder import RunFolder
from workbench.runs.listing import list_runs
from workbench.runs.reader import RunReader
from workbench.tui.app import WorkbenchApp
from workbench.tui.base.background import BackgroundFailed

__all__ = ["campaign"]

BUSY_S = 30.0
"""Seconds of the processor's time after which an interface that has not answered hangs; a busy machine is not its fault."""
ANSWER_S = 180.0
"""Seconds after which it hangs though it does nothing."""
LAST = 50
"""So many deeds are told with a fault."""
_LIVE_RUNS = 2
"""More runs than these are stopped now and then: the machine is not what is tried."""
_MEMORY = 12 << 30
_END_S = 120.0


@dataclass
class Monkey:
    """One seed's visit.

    Attributes:
        seed: what it does.
        faults: what must not be, with what was done before.
        counts: how often each kind of deed was done, and how often the interface was opened.
    """

    seed: int
    faults: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, int] = (0.0, 0)

    def __post_init__(self) -> None:
        self._deeds = deeds(self.seed)
        self._dice = random.Random(f"pauses {self.seed}")  # noqa: S311 - no secret
        self._last: deque[str] = deque(maxlen=LAST)
        self._done = 0

    async def visit(self, events_wanted: int) -> None:
        """Open the interface again and again until so many deeds are done, or something is wrong."""
        message_hook.set(self._look)
        while self._done < events_wanted and not self.faults:
            self.counts["opened"] += 1
            self._last.append("-- opened")
            app = WorkbenchApp(runs_dir=Path(os.environ["WORKBENCH_RUNS"]))
            task = asyncio.create_task(app.run_async(headless=True, size=(120, 40)))
            try:
                await self._play(app, task, events_wanted)
            finally:
                if not task.done():
                    app.exit()
            try:
                await asyncio.wait_for(task, ANSWER_S)
            except TimeoutError:
                self._fault("it does not leave")
            if (error := app._exception) is not None:
                cause = error.error if isinstance(error, WorkerFailed) else error
                self._fault("".join(traceback.format_exception(cause)))
            self._keep_few_runs()

    async def _play(self, app: WorkbenchApp, task: asyncio.Task[Any], events_wanted: int) -> None:
        for _ in iter(lambda: app._driver is None and not task.done(), False):
            await asyncio.sleep(0)
        pilot = Pilot(app)
        while self._done < events_wanted and not _is_gone(app, task) and not self.faults:
            deed = next(self._deeds)
            self._last.append(str(deed))
            self.counts[deed.kind] += 1
            self._done += 1
            signal.setitimer(signal.ITIMER_PROF, BUSY_S)
            begun = time.process_time()
            try:
                await self._do(app, deed)
                await asyncio.sleep(0)
                if self._dice.random() < 0.08 and not _is_gone(app, task):
                    await pilot._wait_for_screen(ANSWER_S)
            except WaitForScreenTimeout:
                if not _is_gone(app, task):
                    self._fault("it does not answer\n" + _stacks(app))
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
                self.slowest = max(self.slowest, (time.process_time() - begun, self._done))
            if self._done % 500 == 0:
                self._keep_few_runs()
                sys.stdout.write(f"{self._done}\n")
                sys.stdout.flush()

    async def _do(self, app: WorkbenchApp, deed: Deed) -> None:
        driver = app._driver
        assert driver is not None
        match deed.kind:
            case "key":
                driver.process_message(_key(deed.what))
            case "paste":
                driver.process_message(events.Paste(deed.what))
            case "down" | "up" | "move" | "scroll":
                driver.process_message(_mouse(deed))
            case "size":
                driver._size = (deed.x, deed.y)
                driver.process_message(events.Resize(Size(deed.x, deed.y), Size(deed.x, deed.y)))
            case "focus":
                driver.process_message(events.AppBlur() if deed.what == "blur" else events.AppFocus())
            case "wait":
                await asyncio.sleep(float(deed.what))
            case "kill":
                _kill_one()

    def _look(self, message: Message) -> None:
        """Errors in threads end nothing, and are faults all the same."""
        if isinstance(message, BackgroundFailed):
            self._fault(f"in a thread ({message.group}): {''.join(traceback.format_exception(message.error))}")
        if isinstance(message, Worker.StateChanged) and message.state is WorkerState.ERROR:
            error = message.worker.error
            self._fault(f"in the thread {message.worker.name}: {''.join(traceback.format_exception(error))}" if error else "?")

    def _fault(self, what: str) -> None:
        self.faults.append(f"seed {self.seed}, after {self._done}: {what}\nlast: {'; '.join(self._last)}")

    def _keep_few_runs(self) -> None:
        for folder in _live()[_LIVE_RUNS:]:
            with suppress(WorkbenchError):
                control.send(folder, "stop")


def _is_gone(app: WorkbenchApp, task: asyncio.Task[Any]) -> bool:
    return app._exit or task.done()


def _key(name: str) -> events.Key:
    if len(name) == 1:
        return events.Key(_character_to_key(name) if not name.isalnum() else name, name)
    signs = {"space": " ", "slash": "/", "question_mark": "?", "plus": "+", "minus": "-", "equals_sign": "=", "tab": "\t"}
    signs |= {"enter": "\r", "left_square_bracket": "[", "right_square_bracket": "]", "escape": "\x1b", "backspace": "\x7f"}
    return events.Key(name, signs.get(name))


def _mouse(deed: Deed) -> events.MouseEvent:
    kinds = {"down": events.MouseDown, "up": events.MouseUp, "move": events.MouseMove}
    scrolls = {
        "up": events.MouseScrollUp,
        "down": events.MouseScrollDown,
        "left": events.MouseScrollLeft,
        "right": events.MouseScrollRight,
    }
    modifier, _, way = deed.what.rpartition("+")
    kind = scrolls[way] if deed.kind == "scroll" else kinds[deed.kind]
    button = int(deed.what) if deed.what.isdigit() else 0
    return kind(None, deed.x, deed.y, 0, 0, button, modifier == "shift", False, modifier == "ctrl")


def _stacks(app: WorkbenchApp) -> str:
    return "\n".join(
        "".join(
            traceback.format_list(
                traceback.StackSummary.from_list(
                    [(f.f_code.co_filename, f.f_lineno, f.f_code.co_name, None) for f in task.get_stack(limit=8)]
                )
            )
        )
        for task in asyncio.all_tasks(app._loop)
    )


def _live() -> list[RunFolder]:
    """Runs that a process works on, the newest first."""
    try:
        found = [RunFolder(run.path) for run in list_runs(Path(os.environ["WORKBENCH_RUNS"]))]
    except WorkbenchError:
        return []
    return [folder for folder in found if (status := _status(folder)) is not None and status.alive]


def _status(folder: RunFolder) -> Any:
    with suppress(WorkbenchError), RunReader(folder) as reader:
        return reader.status()
    return None


def _kill_one() -> None:
    """A run loses its process."""
    for folder in _live()[:1]:
        status = _status(folder)
        if status is not None and status.pid in left_behind(Path(os.environ["WORKBENCH_TEST_SANDBOX"])):
            with suppress(OSError):
                os.kill(status.pid, signal.SIGKILL)


def _inside(seed: int, events_wanted: int) -> int:
    """In the sandbox: one seed's visit, told as JSON in the last line of stdout."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"the loop was held up: {number}")

    faulthandler.enable()
    signal.signal(signal.SIGPROF, ring)
    monkey = Monkey(seed)
    asyncio.run(monkey.visit(events_wanted))
    for folder in _live():
        with suppress(WorkbenchError):
            control.send(folder, "stop")
    sys.stdout.write("\n" + json.dumps({"faults": monkey.faults, "counts": monkey.counts, "slowest": monkey.slowest}) + "\n")
    return 0


def campaign(seed: int, events_wanted: int, place: Path) -> tuple[Counter[str], list[str]]:
    """One seed in a sandbox of its own: what was done, and every fault."""
    environment = make_sandbox(place)
    command = [
        sys.executable,
        "-m",
        "tests.campaigns.monkey",
        "--inside",
        "--first-seed",
        str(seed),
        "--events",
        str(events_wanted),
    ]
    with (place / "said").open("w") as said, (place / "errors").open("w") as errors:
        inside = subprocess.run(
            command,
            cwd=place / "work",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=errors,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY)),
        )
    lines = (place / "said").read_text(errors="replace").strip().splitlines()
    try:
        told = json.loads(lines[-1])
    except (IndexError, ValueError):
        return Counter(), [f"seed {seed}: it ended with {inside.returncode}: {(place / 'errors').read_text()[-2000:]}"]
    faults = list(told["faults"])
    deadline = time.monotonic() + _END_S
    while (left := left_behind(place)) and time.monotonic() < deadline:
        time.sleep(0.2)
    if left:
        faults.append(f"seed {seed}: processes left behind: {[_command_of(pid) for pid in left]}")
        end_all(place)
    return Counter(told["counts"]), faults


def _command_of(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return str(pid)


def main(arguments: Sequence[str] | None = None) -> int:
    """The campaign from the command line; exit code 1 when something was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.inside:
        return _inside(chosen.first_seed, chosen.events)
    found = []
    for seed in range(chosen.first_seed, chosen.first_seed + chosen.seeds):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
            counts, faults = campaign(seed, chosen.events, Path(place))
        sys.stdout.write(f"seed {seed}: {', '.join(f'{kind} {count}' for kind, count in sorted(counts.items()))}\n")
        sys.stdout.writelines(f"{fault}\n" for fault in faults)
        sys.stdout.flush()
        found += faults
    sys.stdout.write(f"{chosen.seeds} x {chosen.events} events, {len(found)} faults\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
