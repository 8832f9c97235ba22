"""Damages files of a run, its exports and a preset at random, and reads them: the right answer, or one line, and nothing else.

python -m tests.campaigns.mutations --count 500 --seed 0
"""

from __future__ import annotations

import argparse
import contextlib
import io
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from tests.export.making import run_with_checkpoint
from workbench.api import load_bundle
from workbench.cli.app import run
from workbench.errors import WorkbenchError
from workbench.export.writing import export_run
from workbench.runs.control import claim
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader

__all__ = ["Found", "campaign"]

LONGEST_S = 60
"""A reader that takes longer hangs."""

Answer = tuple[int, str, str]
Question = Callable[[Path], Answer]


@dataclass(frozen=True)
class Found:
    """Something that a reader must not do: what was damaged and how, who read it, and what came of it."""

    damage: str
    reader: str
    what: str


def _cli(*arguments: str) -> Answer:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(list(arguments))
    return code, out.getvalue(), err.getvalue()


def _bundle(place: Path) -> Answer:
    try:
        return 0, repr([item["predicted"] for item in load_bundle(place / "bundle").predict(["test:0", "test:1"])]), ""
    except WorkbenchError as error:
        return error.exit_code, "", f"{error}\n"


def _values(place: Path) -> Answer:
    """Structure and values by the interface's reader."""
    try:
        with RunReader(_run_of(place)) as reader:
            told = (reader.meta()["title"], reader.latest_values(), reader.events(), reader.newest_probes(), reader.commands())
            return 0, repr(told), ""
    except WorkbenchError as error:
        return error.exit_code, "", f"{error}\n"


def _going_on(place: Path) -> Answer:
    """What `resume` asks before it starts a process."""
    try:
        claim(_run_of(place))
    except WorkbenchError as error:
        return error.exit_code, "", f"{error}\n"
    return 0, "", ""


def _experiment(place: Path) -> Answer:
    try:
        return 0, _run_of(place).experiment().to_toml(), ""
    except WorkbenchError as error:
        return error.exit_code, "", f"{error}\n"


def _run_of(place: Path) -> RunFolder:
    return RunFolder(place / "runs" / (place / "name").read_text())


def _on_run(*words: str) -> Question:
    return lambda place: _cli(words[0], (place / "name").read_text(), *words[1:], "--runs-dir", str(place / "runs"))


READERS: dict[str, tuple[Question, ...]] = {
    "run.db": (_values, _on_run("show"), _on_run("metrics", "--csv"), _on_run("snap"), _on_run("probe"), _going_on),
    "checkpoint": (_on_run("predict", "test:0"), _on_run("export", "--format", "safetensors")),
    "experiment.toml": (_experiment, _on_run("show"), _on_run("tag", "+x")),
    "bundle": (_bundle,),
    "preset": (lambda place: _cli("presets", str(place / "preset.toml")),),
}
EXACT = frozenset({"checkpoint", "bundle"})
"""What carries a digest, so that no damage may change an answer."""


def _flip(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.choice((1, 1, 8))):
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def _zero(data: bytes, dice: random.Random) -> bytes:
    start, length = dice.randrange(len(data)), dice.choice((16, 512, 4096))
    return data[:start] + bytes(len(data[start : start + length])) + data[start + length :]


def _swap(data: bytes, dice: random.Random) -> bytes:
    size = min(dice.choice((16, 512, 4096)), max(1, len(data) // 3))
    a, b = sorted(dice.sample(range(max(2, len(data) // size)), 2))
    blocks = [data[at : at + size] for at in range(0, len(data), size)]
    blocks[a], blocks[b] = blocks[b], blocks[a]
    return b"".join(blocks)


BYTES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "flip": _flip,
    "cut": lambda data, dice: data[: dice.randrange(len(data))],
    "zero": _zero,
    "swap": _swap,
}


def _sql(path: Path, dice: random.Random) -> str:
    """Drop a table or write a value of another type."""
    table = dice.choice(("meta", "tags", "scalars", "extremes", "steps", "probes", "events", "commands", "status"))
    connection = sqlite3.connect(path)
    try:
        if dice.random() < 0.3:
            connection.execute(f"DROP TABLE {table}")
            return f"drop {table}"
        column = dice.choice([row[1] for row in connection.execute(f"PRAGMA table_info({table})")])
        value = dice.choice(("x\x1b[31m", -1, 1.5, 1e300, b"\xff\x00", "[" * 5000, None, 2**62, "{}", "5"))
        with contextlib.suppress(sqlite3.Error):  # what the table itself refuses
            connection.execute(f"UPDATE {table} SET {column} = ?", (value,))  # noqa: S608 - a table of ours
        connection.commit()
        return f"{table}.{column} = {value!r:.30}"
    finally:
        connection.close()


def _file(place: Path, kind: str, dice: random.Random) -> Path:
    folder = place / "runs" / (place / "name").read_text()
    if kind == "bundle":
        return dice.choice(sorted(path for path in (place / "bundle").iterdir() if path.is_file()))
    return {
        "run.db": folder / "run.db",
        "checkpoint": max((folder / "checkpoints").glob("step-*")),
        "experiment.toml": folder / "experiment.toml",
        "preset": place / "preset.toml",
    }[kind]


def _damage(place: Path, kind: str, dice: random.Random) -> str:
    path = _file(place, kind, dice)
    if kind == "run.db" and dice.random() < 0.5:
        return f"{path.name}: {_sql(path, dice)}"
    name = dice.choice(sorted(BYTES))
    path.write_bytes(BYTES[name](path.read_bytes(), dice))
    return f"{path.name}: {name}"


@contextlib.contextmanager
def _alarm() -> Iterator[None]:
    def ring(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise TimeoutError("it hangs")

    signal.signal(signal.SIGALRM, ring)
    signal.alarm(LONGEST_S)
    try:
        yield
    finally:
        signal.alarm(0)


def _judge(kind: str, before: Answer, now: Answer) -> str:
    """What is wrong with an answer, "" for nothing."""
    code, out, err = now
    if "Traceback" in out + err or code not in (0, 1, 2):
        return f"exit code {code}: {err[-300:]}"
    if code == 0:
        return "another answer without a word" if kind in EXACT and out != before[1] and not err else ""
    lines = err.strip().splitlines()
    if not lines or (kind not in ("experiment.toml", "preset", "checkpoint") and len(lines) != 1):
        return f"{len(lines)} lines: {err[:300]}"
    return "" if all(line.isprintable() for line in lines) else f"control signs: {err[:300]!r}"


def _make(place: Path) -> None:
    folder = run_with_checkpoint(place / "runs")
    (place / "name").write_text(folder.id)
    export_run(folder, "bundle", out=place / "bundle")
    shutil.copy(folder.experiment_path, place / "preset.toml")


def campaign(count: int, seed: int, place: Path) -> tuple[Counter[str], list[Found]]:
    """Damage `count` files; how many of each kind were read, with what end, and all that must not be."""
    dice, counts, found = random.Random(seed), Counter[str](), list[Found]()  # noqa: S311 - no secret
    _make(place / "whole")
    shutil.copytree(place / "whole", place / "work")
    before = {kind: [ask(place / "work") for ask in asks] for kind, asks in READERS.items()}
    for _ in range(count):
        kind = dice.choice(sorted(READERS))
        for number, ask in enumerate(READERS[kind]):
            work = place / "work"
            shutil.rmtree(work, ignore_errors=True)
            shutil.copytree(place / "whole", work)
            state = dice.getstate()
            told = _damage(work, kind, dice)
            if number + 1 < len(READERS[kind]):
                dice.setstate(state)
            try:
                with _alarm():
                    now = ask(work)
            except BaseException:  # noqa: BLE001 - whatever comes out is what is looked for
                found.append(Found(told, f"{kind} {number}", traceback.format_exc()[-600:]))
                continue
            counts[f"{kind}: {'answered' if now[0] == 0 else 'refused'}"] += 1
            if what := _judge(kind, before[kind][number], now):
                found.append(Found(told, f"{kind} {number}", what))
    return counts, found


def main(arguments: Sequence[str] | None = None) -> int:
    """The campaign from the command line; exit code 1 when something was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as place:
        counts, found = campaign(chosen.count, chosen.seed, Path(place))
    for name, number in sorted(counts.items()):
        sys.stdout.write(f"{name} {number}\n")
    for one in found:
        sys.stdout.write(f"{one}\n")
    sys.stdout.write(f"{chosen.count} damaged files, {len(found)} faults\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
