"""`workbench show`: one run in full."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Any

from workbench.cli.options import Json, RunName, RunsDir, laid_over, runs_root
from workbench.cli.output import console, print_json, state_text, table
from workbench.saying import clock, number

if TYPE_CHECKING:
    from workbench.runs.folder import RunFolder

__all__ = ["PANEL", "command"]

PANEL = "Look"


def command(run: RunName, as_json: Json = False, runs_dir: RunsDir = None) -> None:
    """Show one run: state, results next to the baselines, settings, checkpoints and what happened."""
    from workbench.runs.listing import find_run

    folder = find_run(runs_root(runs_dir), run)
    values = _values(folder)
    if as_json:
        print_json(values)
    else:
        _print(folder, values)


def _values(folder: RunFolder) -> dict[str, Any]:
    from workbench.cli.following import run_as_json
    from workbench.runs.reader import RunReader

    with RunReader(folder) as reader:
        meta, status = reader.meta(), reader.status()
        events = [dataclasses.asdict(event) for event in reader.events()]
        live = reader.live_changes()
    start = meta.get("experiment", {})
    return {
        **run_as_json(folder),
        "name": meta.get("name", ""),
        "title": meta.get("title", ""),
        "preset": meta.get("preset", ""),
        "total": status.total,
        "created": meta.get("created"),
        "tags": meta.get("tags", []),
        "note": meta.get("note", ""),
        "meta": {
            key: meta.get(key)
            for key in ("seed", "versions", "git", "host", "threads", "device", "instructions", "signatures", "parent")
        },
        "experiment": laid_over(start, live.until(status.step)),
        "started_with": start,
        "changes": [
            {"step": change.step, "values": dict(change.values), "superseded": sorted(change.superseded)} for change in live.all()
        ],
        "events": events,
    }


def _print(folder: RunFolder, values: dict[str, Any]) -> None:
    from rich.text import Text

    out = console()
    heading = values["title"] or values["name"] or _cards(values) or folder.id
    out.print(Text.assemble((heading, "bold"), "  ", state_text(values["state"])))
    out.print(
        f"{folder.id}\n{folder.path}\nstep {values['step']:,} of {values['total']:,} in {clock(values['seconds'])} of training",
        markup=False,
    )
    if parent := values["meta"]["parent"]:
        out.print(_origin(parent), markup=False, soft_wrap=True)
    for key in ("name", "preset", "note"):
        if values[key]:
            out.print(f"{key}: {values[key]}", markup=False)
    if values["tags"]:
        out.print(f"tags: {' '.join(values['tags'])}", markup=False)
    baselines = _baselines(folder)
    if values["metrics"]:
        rows = [(tag, number(value), baselines.get(tag, "")) for tag, value in values["metrics"].items()]
        out.print(table(("metric", "latest", "baseline"), rows, right=("latest",)))
        if any(tag.startswith("test_best/") for tag in values["metrics"]):
            out.print("test/ is of the last weights, test_best/ of the best ones on validation, which export and predict take.")
        for metric, signature in (values["meta"]["signatures"] or {}).items():
            out.print(f"{metric}: {signature}", markup=False)
    out.print(table(*_settings(values)))
    if values["checkpoints"]:
        out.print(
            table(("checkpoint", "", "file"), [_checkpoint_row(item) for item in values["checkpoints"]], right=("checkpoint",))
        )
    if values["events"]:
        out.print(table(("time", "step", "event", ""), [_event_row(event) for event in values["events"]], right=("step",)))


def _origin(parent: dict[str, Any]) -> str:
    """The run that it was forked from, or whose weights it began with, and what was changed then."""
    how = "begins with the weights of" if parent.get("weights_only") else "forked from"
    changes = parent.get("changes") or {}
    with_changes = f", with {', '.join(f'{key} = {value}' for key, value in changes.items())}" if changes else ""
    return f"{how} {parent['run']} at step {parent['step']:,}{with_changes}"


def _cards(values: dict[str, Any]) -> str:
    """Architecture and dataset, or "" where they are not known."""
    model, data = (values["experiment"].get(table, {}).get("name", "") for table in ("model", "data"))
    return f"{model} on {data}" if model and data else ""


def _settings(values: dict[str, Any]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Titles and rows of the settings in force; where some were changed on the way, with what they were and since when."""
    since: dict[str, int] = {}
    for change in values["changes"]:
        if change["step"] <= values["step"]:
            since |= {key: change["step"] for key in change["values"] if key not in change["superseded"]}
    rows = []
    for name, section in values["experiment"].items():
        if not isinstance(section, dict) or name == "claim":
            continue
        for key, value in section.items():
            full = f"{name}.{key}"
            began = values["started_with"].get(name, {}).get(key)
            rows.append((full, value, f"{began} until step {since[full]:,}" if full in since else ""))
    if not since:
        return ("setting", "value"), [row[:2] for row in rows]
    return ("setting", "value", "before"), rows


def _checkpoint_row(item: dict[str, Any]) -> tuple[str, str, str]:
    return f"{item['step']:,}", " ".join(word for word in ("best", "last") if item[word]), item["path"]


def _event_row(event: dict[str, Any]) -> tuple[str, str, str, str]:
    clock = time.strftime("%H:%M:%S", time.localtime(event["seconds"]))
    return clock, f"{event['step']:,}", event["kind"], event["message"]


def _baselines(folder: RunFolder) -> dict[str, str]:
    """Tag -> the trivial predictor's score, for held-out splits. None when the experiment's data are gone."""
    from workbench.errors import WorkbenchError

    try:
        baselines = folder.experiment().task.baselines
    except WorkbenchError:
        return {}
    return {
        f"{split}/{baseline.metric}": f"{number(baseline.value)} ({baseline.sentence})"
        for split in ("validation", "test", "test_best")
        for baseline in reversed(baselines)  # of several for one metric the first stands
    }
