"""Runs every command with streams that cannot be written: `python -m tests.cli.streams RUN` prints what came of it as JSON.

One process loads what the commands need, and each command runs in a fork of it, to the very end of an interpreter's life.
"""

from __future__ import annotations

import gc
import io
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

__all__ = ["CALLS", "TRIES"]

CALLS: dict[str, tuple[str, ...]] = {
    "ablate": ("RUN", "without=nothing"),
    "architectures": (),
    "attach": ("RUN",),
    "check-card": ("FOLDER/nowhere.py",),
    "compare": ("RUN", "--no-evaluate"),
    "concepts": (),
    "datasets": (),
    "doctor": (),
    "evaluate": ("RUN",),
    "export": ("RUN", "-f", "csv", "--force"),
    "fork": ("RUN@100000", "-d"),
    "lesson": ("gates",),
    "lessons": (),
    "metrics": ("RUN",),
    "name": ("RUN", "again"),
    "new": ("README.md", "--out", "FOLDER/new.toml", "--force"),
    "note": ("RUN", "words"),
    "pause": ("RUN",),
    "predict": ("RUN",),
    "presets": (),
    "probe": ("RUN",),
    "replay": ("RUN", "--until", "100000"),
    "report": ("RUN", "--no-evaluate", "--out", "FOLDER/report", "--force"),
    "resume": ("RUN", "-d"),
    "rewind": ("RUN", "100000"),
    "rm": ("RUN",),
    "run": ("adding_gru", "-d"),
    "runs": (),
    "set": ("RUN", "lr=0.1"),
    "show": ("RUN",),
    "snap": ("RUN",),
    "step": ("RUN",),
    "stop": ("RUN",),
    "tag": ("RUN", "+x"),
    "verify": ("no-such-preset",),
}
"""A call of each command; RUN is a finished run's name, FOLDER its folder."""

COMPUTE = ("ablate", "check-card", "evaluate", "fork", "predict", "replay", "rewind")
"""Commands that import torch, which takes them ten times as long as all else: in place of each fork, their parent does. `doctor`
does so too, and is left to it, so that torch is also imported with streams that are broken."""

KINDS = ("stdout full", "stderr closed", "stdout left", "both closed", "stderr full", "stdout closed", "both full", "stderr left")
TRIES = [
    (name, how)
    for place, name in enumerate(CALLS)
    for how in ("none", *(KINDS[(place * 3 + shift) % len(KINDS)] for shift in range(3)))
]
"""Each command as it is, and with three kinds of broken streams, in turn."""


def _break(how: str) -> None:
    """Put streams that cannot be written in the place of those that are named."""
    names, _, kind = how.partition(" ")
    for number, name in ((1, "stdout"), (2, "stderr")):
        if names not in (name, "both"):
            continue
        if kind == "closed":
            os.close(number)
            setattr(sys, name, None)
            continue
        if kind == "full":
            end = os.open("/dev/full", os.O_WRONLY)
        else:
            reader, end = os.pipe()
            os.close(reader)
        os.dup2(end, number)
        os.close(end)
        setattr(sys, name, io.TextIOWrapper(open(number, "wb", closefd=False)))  # noqa: SIM115 - to the end of the process


def _call(words: list[str], how: str) -> dict[str, Any] | None:
    """What came of one command; None in the fork that is to run it."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if not child:
            for number, file in enumerate((out, err), 1):
                os.dup2(file.fileno(), number)
            sys.stdout, sys.stderr = (io.TextIOWrapper(open(number, "wb", closefd=False)) for number in (1, 2))  # noqa: SIM115
            _break(how)
            return None
        _, status = os.waitpid(child, 0)
        written = out.seek(0, os.SEEK_END)
        err.seek(0)
        return {"code": os.waitstatus_to_exitcode(status), "out": written, "err": err.read().decode("utf-8", "replace")}


def main(run: Path) -> None:
    """Try all of them."""
    import rich.box
    import rich.markdown
    import rich.table  # noqa: F401 - what is loaded here is not loaded in each fork

    from workbench.cards import catalog
    from workbench.cli import app, main
    from workbench.experiment import presets
    from workbench.export.writing import formats
    from workbench.runs import listing, query  # noqa: F401 - as above
    from workbench.training import launch

    for load in (catalog.architectures, catalog.datasets, catalog.optimizers, presets.list_presets, formats, app.command_line):
        load()
    setattr(launch, "start", lambda _folder: 0)  # noqa: B010 - no worker is wanted
    found = {}
    for name, how in sorted(TRIES, key=lambda tried: tried[0] in COMPUTE):
        if name in COMPUTE:
            import workbench.training.state  # noqa: F401 - from here on every fork has torch, which the others had better not copy
        gc.freeze()  # a fork that collects would copy every page
        call = [name, *(word.replace("RUN", run.name).replace("FOLDER", str(run)) for word in CALLS[name])]
        answer = _call(call, how)
        if answer is None:
            main(call)
            return
        found[f"{name}: {how}"] = answer
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
