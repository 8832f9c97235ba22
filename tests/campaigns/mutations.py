"""Damages files of runs, their exports, their data and a preset at random, and reads them: the right answer, or one line.

python -m tests.campaigns.mutations --count 500 --seed 0
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import hashlib
import io
import json
import random
import shutil
import signal
import struct
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from tests.campaigns.damages import (
    damage_bytes,
    damage_database,
    damage_header,
    damage_table,
    damage_toml,
    repack,
    resign,
)
from tests.export.making import ECHO, run_with_checkpoint
from workbench.api import load_bundle
from workbench.cli.app import run
from workbench.errors import WorkbenchError
from workbench.experiment import Experiment
from workbench.export.loading import write_digests
from workbench.export.writing import export_run
from workbench.runs.control import claim
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader

__all__ = ["Found", "campaign"]

LONGEST_S = 60
"""A reader that takes longer hangs."""

Answer = tuple[int, str, str]
Question = Callable[[Path], Answer]
Damage = Callable[[Path, random.Random], str]

PAIRS: dict[str, Any] = {
    "model": {"name": "seq2seq", "hidden_size": 4},
    "data": {"name": "sentence_pairs", "min_frequency": 1},
    "optimizer": {"name": "adam"},
    "training": {"steps": 40},
}
PICTURES: dict[str, Any] = {
    "model": {"name": "elman", "hidden_size": 4},
    "data": {"name": "mnist", "view": "rows"},
    "optimizer": {"name": "adam"},
    "training": {"steps": 40},
}


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


def _told(ask: Callable[[], str]) -> Answer:
    """An answer of the Python API, as the command line would give it."""
    try:
        return 0, ask(), ""
    except WorkbenchError as error:
        return error.exit_code, "", f"{error}\n"


def _exported(name: str) -> Question:
    return lambda place: _told(
        lambda: repr([item["predicted"] for item in load_bundle(place / name).predict(["test:0", "test:1"])])
    )


def _values(place: Path) -> Answer:
    """Structure and values by the interface's reader."""

    def ask() -> str:
        with RunReader(_run_of(place)) as reader:
            told = (
                reader.meta().get("title"),
                reader.latest_values(),
                reader.events(),
                [reader.probes(kind) for kind in reader.probe_kinds()],
                reader.commands(),
            )
            return repr((*told, reader.status(), reader.live_changes()))

    return _told(ask)


def _going_on(place: Path) -> Answer:
    """What `resume` asks before it starts a process."""

    def ask() -> str:
        folder = _run_of(place)
        held = claim(folder)
        folder.check_data()
        return type(held).__name__

    return _told(ask)


def _experiment(place: Path) -> Answer:
    return _told(lambda: _run_of(place).experiment().to_toml())


def _read_anew(name: str) -> Question:
    """The data as a new run reads them."""

    def ask(place: Path) -> str:
        experiment = _with_path(PAIRS if name == "pairs" else PICTURES, place, name)
        batch = experiment.open_data().train_batch(0, 1, 4)
        return hashlib.sha256(np.asarray(batch.inputs).tobytes()).hexdigest()

    return lambda place: _told(lambda: ask(place))


def _run_of(place: Path, kind: str = "echo") -> RunFolder:
    return RunFolder(place / "runs" / json.loads((place / "names").read_text())[kind])


def _on(kind: str, *words: str) -> Question:
    return lambda place: _cli(words[0], _run_of(place, kind).id, *words[1:], "--runs-dir", str(place / "runs"))


_CHECKPOINT = (_on("echo", "predict", "test:0"), _on("echo", "export", "--format", "safetensors"))
_DATABASE = (
    *(_values, _on("echo", "show"), _on("echo", "metrics", "--csv"), _on("echo", "snap"), _on("echo", "probe"), _going_on),
    *(
        _on("echo", "show", "--json"),
        _on("echo", "predict", "1011"),
        _on("echo", "name", "x"),
        _on("echo", "export", "-f", "csv"),
    ),
    lambda place: _cli("runs", "--runs-dir", str(place / "runs")),
)
READERS: dict[str, tuple[Question, ...]] = {
    "run.db": _DATABASE,
    "checkpoint": _CHECKPOINT,
    "signed checkpoint": _CHECKPOINT,
    "experiment.toml": (_experiment, _on("echo", "show"), _on("echo", "tag", "+x"), _going_on),
    "bundle": (_exported("bundle"),),
    "signed bundle": (_exported("bundle"),),
    "safetensors": (_exported("model.safetensors"),),
    "signed safetensors": (_exported("model.safetensors"),),
    "pt": (_exported("model.pt"),),
    "preset": (lambda place: _cli("presets", str(place / "preset.toml")),),
    "data.json": (_on("pairs", "predict", "a b c"), _on("pairs", "show"), _on("pairs", "export", "-f", "bundle", "--force")),
    "pairs": (_read_anew("pairs"), _on("pairs", "predict", "test:0"), _on("pairs", "predict", "a b c")),
    "pictures": (
        _read_anew("pictures"),
        _on("pictures", "predict", "test:0"),
        _on("pictures", "export", "-f", "bundle", "--force"),
    ),
}
EXACT = {
    **dict.fromkeys(("checkpoint", "bundle", "safetensors"), (0, 1, 2)),
    **dict.fromkeys(("pairs", "pictures"), (1, 2)),
}
"""What carries a digest, so that no damage may change an answer, by the places of those that ask."""
MANY_LINES = frozenset({"experiment.toml", "preset", "checkpoint", "signed checkpoint", "signed bundle", "signed safetensors"})
"""What may have more than one problem, a line each."""


def _head(place: Path, dice: random.Random, path: Path) -> str:
    return dice.choice((damage_bytes, damage_header, damage_header))(path, dice)


def _facts(metadata: dict[str, str]) -> str:
    return metadata["facts"]


def _all_facts(metadata: dict[str, str]) -> str:
    return json.dumps({key: metadata[key] for key in sorted(metadata) if key != "digest"})


def _checkpoint_of(place: Path) -> Path:
    return max((_run_of(place).path / "checkpoints").glob("step-*"))


def _in_bundle(place: Path, dice: random.Random) -> str:
    path = dice.choice(sorted(path for path in (place / "bundle").iterdir() if path.is_file()))
    return _head(place, dice, path) if path.suffix == ".safetensors" else damage_bytes(path, dice)


def _signed_bundle(place: Path, dice: random.Random) -> str:
    told = resign(place / "bundle" / "model.safetensors", dice, _all_facts)
    (place / "bundle" / "SHA256SUMS").unlink()
    write_digests(place / "bundle")
    return told


def _pictures(place: Path, dice: random.Random) -> str:
    path = dice.choice(sorted((place / "pictures").iterdir()))
    way = dice.choice(("bytes", "bytes", "head", "gone", "swapped", "packed", "beside"))
    if way == "head":
        data = path.read_bytes()
        data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
        path.write_bytes(damaged := bytes(dice.randrange(256) if dice.random() < 0.2 else sign for sign in data[:16]) + data[16:])
        return f"{path.name}: head {damaged[:16].hex(' ')}"
    if way == "packed":
        return repack(path, dice)
    if way == "swapped":
        other = dice.choice(sorted((place / "pictures").iterdir()))
        one, two = path.read_bytes(), other.read_bytes()
        path.write_bytes(two)
        other.write_bytes(one)
    elif way == "gone":
        path.unlink()
    elif way == "beside":
        path.with_name(f"other-{path.name}").write_bytes(path.read_bytes())
    else:
        return damage_bytes(path, dice)
    return f"{path.name}: {way}"


DAMAGES: dict[str, Damage] = {
    "run.db": lambda place, dice: dice.choice((damage_bytes, damage_database, damage_database))(
        _run_of(place).database_path, dice
    ),
    "checkpoint": lambda place, dice: _head(place, dice, _checkpoint_of(place)),
    "signed checkpoint": lambda place, dice: resign(_checkpoint_of(place), dice, _facts),
    "experiment.toml": lambda place, dice: dice.choice((damage_bytes, damage_toml))(_run_of(place).experiment_path, dice),
    "bundle": _in_bundle,
    "signed bundle": _signed_bundle,
    "safetensors": lambda place, dice: _head(place, dice, place / "model.safetensors"),
    "signed safetensors": lambda place, dice: resign(place / "model.safetensors", dice, _all_facts),
    "pt": lambda place, dice: damage_bytes(place / "model.pt", dice),
    "preset": lambda place, dice: dice.choice((damage_bytes, damage_toml, damage_toml))(place / "preset.toml", dice),
    "data.json": lambda place, dice: dice.choice((damage_bytes, damage_table, damage_table))(
        _run_of(place, "pairs").path / "data.json", dice
    ),
    "pairs": lambda place, dice: dice.choice((damage_bytes, damage_bytes, repack))(place / "pairs", dice),
    "pictures": _pictures,
}


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


def _judge(kind: str, number: int, before: Answer, now: Answer) -> str:
    """What is wrong with an answer, "" for nothing."""
    code, out, err = now
    if "Traceback" in out + err or code not in (0, 1, 2):
        return f"exit code {code}: {err[-300:]}"
    if code == 0:
        return "another answer without a word" if number in EXACT.get(kind, ()) and out != before[1] and not err else ""
    lines = err.strip().splitlines()
    if not lines or (kind not in MANY_LINES and len(lines) != 1):
        return f"{len(lines)} lines: {err[:300]}"
    return "" if all(line.isprintable() for line in lines) else f"control signs: {err[:300]!r}"


def _with_path(values: dict[str, Any], place: Path, name: str) -> Experiment:
    return Experiment.from_dict({**values, "data": {**values["data"], "path": str(place / name)}})


def _make(place: Path) -> None:
    """Three runs with checkpoints, what was exported of one, and the data of the others."""
    place.mkdir(parents=True)
    words = ("a", "b", "c", "d")
    lines = [f"{one} {two} {three}\t{three} {two} {one}\n" for one in words for two in words for three in words]
    (place / "pairs").write_text("".join(lines), encoding="utf-8")
    (place / "pictures").mkdir()
    numbers = np.random.default_rng(0)
    for split, count in (("train", 40), ("t10k", 10)):
        pictures = (
            struct.pack(">4B3I", 0, 0, 8, 3, count, 4, 4) + numbers.integers(0, 256, (count, 4, 4), dtype=np.uint8).tobytes()
        )
        labels = struct.pack(">4BI", 0, 0, 8, 1, count) + (np.arange(count) % 3).astype(np.uint8).tobytes()
        (place / "pictures" / f"{split}-images-idx3-ubyte").write_bytes(pictures)
        (place / "pictures" / f"{split}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels, mtime=0))
    experiments = {"pairs": _with_path(PAIRS, place, "pairs"), "pictures": _with_path(PICTURES, place, "pictures")}
    folders = {kind: run_with_checkpoint(place / "runs", experiment.to_dict()) for kind, experiment in experiments.items()}
    folders["echo"] = run_with_checkpoint(place / "runs", ECHO)
    (place / "names").write_text(json.dumps({kind: folder.id for kind, folder in folders.items()}))
    export_run(folders["echo"], "bundle", out=place / "bundle")
    for name in ("safetensors", "pt"):
        export_run(folders["echo"], name, out=place / f"model.{name}")
    shutil.copy(folders["echo"].experiment_path, place / "preset.toml")


def campaign(count: int, seed: int, place: Path, kinds: Sequence[str] = ()) -> tuple[Counter[str], list[Found]]:
    """Damage `count` files; how many of each kind were read, with what end, and all that must not be."""
    dice, counts, found = random.Random(seed), Counter[str](), list[Found]()  # noqa: S311 - no secret
    work, whole = place / "work", place / "whole"
    _make(work)
    shutil.copytree(work, whole)
    kinds = kinds or sorted(READERS)
    before = {kind: [ask(work) for ask in READERS[kind]] for kind in kinds}
    for turn in range(count):
        kind = kinds[turn % len(kinds)]
        state = dice.getstate()
        for number, ask in enumerate(READERS[kind]):
            shutil.rmtree(work, ignore_errors=True)
            shutil.copytree(whole, work)
            dice.setstate(state)
            told = DAMAGES[kind](work, dice)
            try:
                with _alarm():
                    now = ask(work)
            except BaseException:  # noqa: BLE001 - whatever comes out is what is looked for
                found.append(Found(told, f"{kind} {number}", traceback.format_exc()[-600:]))
                continue
            counts[f"{kind}: {'answered' if now[0] == 0 else 'refused'}"] += 1
            if what := _judge(kind, number, before[kind][number], now):
                found.append(Found(told, f"{kind} {number}", what))
    return counts, found


def main(arguments: Sequence[str] | None = None) -> int:
    """The campaign from the command line; exit code 1 when something was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", nargs="*", default=[], choices=sorted(READERS))
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as place:
        counts, found = campaign(chosen.count, chosen.seed, Path(place), chosen.kinds)
    for name, number in sorted(counts.items()):
        sys.stdout.write(f"{name} {number}\n")
    for one in found:
        sys.stdout.write(f"{one}\n")
    sys.stdout.write(f"{chosen.count} damaged files, {len(found)} faults\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
