"""A warm worker: torch is loaded while the user fills in the form, so that Start feels instant.

Requests come as JSON lines on stdin, answers go as JSON lines to stdout; the process ends when stdin does. It answers `QUESTIONS`
about models; asked to `train`, it answers, lets go of its pipes and becomes the run's worker.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from workbench.errors import WorkbenchError
from workbench.runs.folder import RunFolder
from workbench.saying import one_line
from workbench.training.questions import QUESTIONS
from workbench.training.worker import work

__all__ = ["serve"]


def _answer(verb: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    question = QUESTIONS.get(verb)
    if question is None:
        return {"error": f"worker: got '{verb}'; expected {', '.join(QUESTIONS)} or train."}
    return question(**arguments)


def serve() -> int:
    """Answer requests until stdin ends, or until one asks to train; returns the exit code."""
    torch.set_num_threads(1)
    for line in sys.stdin:
        request = json.loads(line)
        if request["verb"] == "train":
            folder = RunFolder(Path(request["arguments"]["run"]))
            _say({"id": request["id"], "pid": os.getpid()})
            _let_go(folder)
            return work(folder, request["arguments"].get("owner", ""))
        try:
            answer = _answer(request["verb"], request["arguments"])
        except WorkbenchError as error:
            answer = {"error": one_line(str(error))}
        except Exception as error:  # noqa: BLE001 - a model that cannot be built must not end the process that says so
            answer = {"error": f"worker: {request['verb']} failed: {type(error).__name__}: {error}"}
        _say({"id": request["id"], **answer})
    return 0


def _say(answer: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _let_go(folder: RunFolder) -> None:
    """Of the viewer's pipes: from here on the process speaks into the run's log."""
    log = os.open(folder.log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(nothing)
    os.close(log)
