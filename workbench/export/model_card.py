"""The model card of a bundle, in Markdown: what it is, how good it is against trivial answers, and how to load it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workbench.experiment import Experiment
from workbench.export.export_format import ExportSource
from workbench.runs.reader import RunReader

__all__ = ["model_card"]


def model_card(source: ExportSource, experiment: Experiment, num_parameters: int, scores: Mapping[str, float]) -> str:
    """The card as Markdown.

    Args:
        source: run and step.
        experiment: settings in force at that step.
        num_parameters: numbers in the exported weights.
        scores: metric -> what exactly these weights score on the test set.
    """
    with RunReader(source.folder) as reader:
        meta = reader.meta()
        results = _results(reader, source.step, scores)
    architecture, dataset = experiment.architecture, experiment.dataset_card
    sections = [
        f"# {experiment.title or f'{architecture.title} on {dataset.title}'}",
        experiment.about,
        f"Run `{source.folder.id}`, {source.step:,} of {experiment.training.steps:,} steps, {num_parameters:,} parameters.",
        f"## Architecture\n\n**{architecture.title}** (`{experiment.model.name}`). {architecture.summary}",
        f"```text\n{architecture.equation.strip()}\n```\n\nReference: {architecture.reference}",
        f"## Data\n\n**{dataset.title}** (`{experiment.data.name}`). {dataset.describe(experiment.data.config)}",
        f"Reference: {dataset.reference}",
        f"## Results\n\n{_table(('metric', 'value', 'measured'), results)}",
        _baselines(experiment),
        f"## Settings\n\n{_table(('setting', 'value'), _settings(experiment))}",
        _loading(),
        f"## Origin\n\n{_table(('', ''), _origin(meta))}",
    ]
    return "\n\n".join(section.strip() for section in sections if section.strip()) + "\n"


def _results(reader: RunReader, step: int, scores: Mapping[str, float]) -> list[tuple[str, str, str]]:
    """The test scores of these weights, and the last validation values on the way to them."""
    results = [(f"`test/{metric}`", f"{value:.6g}", "these weights, whole test set") for metric, value in scores.items()]
    for tag in reader.tags():
        steps, values = reader.scalars(tag)
        reached = steps <= step
        if tag.startswith("validation/") and reached.any():
            results.append((f"`{tag}`", f"{values[reached][-1]:.6g}", f"while training, step {steps[reached][-1]:,}"))
    return results


def _baselines(experiment: Experiment) -> str:
    baselines = experiment.task.baselines
    if not baselines:
        return ""
    rows = [(f"`{line.metric}`", f"{line.value:.6g}", line.sentence) for line in baselines]
    return f"Trivial predictors score, for comparison:\n\n{_table(('metric', 'value', 'what it does'), rows)}"


def _settings(experiment: Experiment) -> list[tuple[str, str]]:
    values = experiment.to_dict()
    return [
        (f"`{table}.{key}`", f"`{value}`")
        for table in ("model", "data", "optimizer", "training")
        for key, value in values[table].items()
    ]


def _loading() -> str:
    return """## How to load it

Install workbench from the project's checkout (`pip install .` there); then, with this folder as `path`:

```python
import workbench
loaded = workbench.load_bundle(path)
print(loaded.predict())  # answers on test samples; loaded.model is the torch module
```

Loading reads numbers and settings only; nothing in this folder is executed. Where the run is at hand,
`workbench.open_run("RUN").model("best")` gives a model of its checkpoints. `metrics.csv` holds every logged value,
and `workbench run experiment.toml` trains the model anew."""


def _origin(meta: dict[str, Any]) -> list[tuple[str, str]]:
    git = meta.get("git")
    commit = f"{git['commit']}{' with changes' if git['dirty'] else ''}" if git else "none"
    versions = ", ".join(f"{name} {version}" for name, version in meta.get("versions", {}).items())
    parent = meta.get("parent")
    rows = [
        ("versions", versions),
        ("git commit", commit),
        ("device", str(meta.get("device", ""))),
        ("threads", str(meta.get("threads", ""))),
        ("seed", str(meta.get("seed", ""))),
    ]
    if parent:
        rows.append(("forked from", f"`{parent['run']}` at step {parent['step']:,}"))
    return rows


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines)
