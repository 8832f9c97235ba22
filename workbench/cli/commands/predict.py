"""`workbench predict`: a checkpoint's answers to what a person types."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.options import AcceptChangedData, Json, RunReference, RunsDir, runs_root
from workbench.cli.output import console, message, print_json, table
from workbench.cli.working import Working
from workbench.errors import DataError
from workbench.saying import clean, one_line, said

if TYPE_CHECKING:
    from workbench.cards import Dataset
    from workbench.training.decodings import Decoding

__all__ = ["PANEL", "asked_decoding", "command", "one_sequence"]

PANEL = "Use"

_TOP_CLASSES = 3
_LINES = 24
"""Lines of a picture at most."""
_AROUND = 4
"""Lines of a picture beside its rows, of which each may take two."""
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\*?")
"""A number, perhaps marked as `adding` marks them."""


def command(
    run: RunReference,
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="INPUT...",
            help="What the model is asked, as its dataset writes it, a sentence in quotes; without any, samples of the test set.",
        ),
    ] = None,
    temperature: Annotated[
        float | None,
        typer.Option(metavar="T", help="Of models that write sequences: draw each symbol; below 1 the likely becomes likelier."),
    ] = None,
    greedy: Annotated[bool, typer.Option("--greedy", help="Of these: take the likeliest symbol each time.")] = False,
    beam: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, max=1000, help="Of these: search for the likeliest sequence, N beginnings at a time."),
    ] = None,
    top_k: Annotated[
        int | None,
        typer.Option(metavar="K", min=1, help="With a temperature: draw from the K likeliest symbols alone."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(metavar="N", min=0, max=2**63 - 1, help="Of what is drawn; else every call draws anew.")
    ] = None,
    saliency: Annotated[
        bool,
        typer.Option("--saliency", help="Tell what each answer hangs on: its gradient with respect to each part of the input."),
    ] = False,
    attention: Annotated[bool, typer.Option("--attention", help="Tell where the model looked, layer by layer.")] = False,
    go_on: Annotated[
        int, typer.Option(metavar="N", min=0, help="Of forecasters: go on for N steps, each forecast the next input.")
    ] = 0,
    accept_changed_data: AcceptChangedData = False,
    as_json: Json = False,
    runs_dir: RunsDir = None,
) -> None:
    """Ask a trained model: a sentence to translate, numbers of a sequence, test:12 for a sample of the test set.

    A forecaster of a table says for `end` what comes after its last row (`end:NAME` of a series, --json for all of the numbers).

    Each input is answered; one that cannot be is told by its place, and the exit code is 2.
    """
    decoding = asked_decoding(temperature, beam, top_k, greedy=greedy)
    from workbench.cli.following import leave
    from workbench.runs.listing import find_reference

    folder, which = find_reference(runs_root(runs_dir), run)
    with Working(f"{folder.id}: loading the model"):
        from workbench.training.inference import load_model  # torch

        loaded = load_model(folder, which, accept_changed_data=accept_changed_data)
    if accept_changed_data:
        _tell_changed(loaded.dataset)
    typed = one_sequence(loaded.dataset, inputs or [])
    with Working(f"{folder.id}: answering") as told:
        asked = loaded.predict_each(
            typed or None, decoding=decoding, seed=seed, saliency=saliency, attention=attention, go_on=go_on
        )
        answers = list(told.over(asked, len(typed)) if typed else asked)
    items, refused = _sorted(typed, answers)
    for notice in dict.fromkeys(item["notice"] for item in items if "notice" in item):
        message(notice)
    if as_json:
        print_json({"run": folder.id, "step": loaded.step, "items": items})
    elif len(items) > refused:
        message(f"{folder.id} at step {loaded.step:,}")
        answered = [item for item in items if "error" not in item]
        console().print(_table(answered))
        _draw(answered)
    leave(DataError.exit_code if refused else 0)


def _draw(items: list[dict[str, Any]]) -> None:
    """What else was asked for, as pictures below the table, and why there is none of it."""
    from workbench.cli.output import drawing_size
    from workbench.cli.pictures import Drawing
    from workbench.plotting.answers import answer_pictures, missing_words

    out = console()
    width, lines = drawing_size("predict", None, _LINES)
    for item in items:
        told: dict[str, Any] = {key: item[key] for key in ("saliency", "attention") if key in item}
        if not told and "continuation" not in item:
            continue
        out.print(f"\n{clean(item['input'])} -> {clean(item['predicted'])}", markup=False)
        if "continuation" in item:
            out.print("continued: " + "  ".join(" ".join(f"{value:.4g}" for value in step) for step in item["continuation"]))
        for picture in answer_pictures(told):
            Drawing(width, min(lines, 2 * picture.shape[0] + _AROUND)).print(out, [picture])
    for words in dict.fromkeys(words for item in items for words in missing_words(item, "saliency", "attention")):
        message(words)


def _tell_changed(dataset: Dataset) -> None:
    """Which data files are others by now, and what that means for the answers."""
    from workbench.cards.carried_data import changes_of

    for change in changes_of(dataset.sources):
        message(f"{change}; the model reads with the vocabulary and classes of its checkpoint.")


def _sorted(asked: list[str], answers: list[dict[str, Any] | DataError]) -> tuple[list[dict[str, Any]], int]:
    """The answers as items, the error in the place of one that there is not, and on stderr; how many these are."""
    items, refused = [], 0
    for place, answer in enumerate(answers, 1):
        if isinstance(answer, dict):
            items.append(answer)
            continue
        refused += 1
        text = asked[place - 1]
        items.append({"input": text, "error": str(answer)})
        reason = str(answer).removeprefix("input: ")
        message(one_line(str(answer) if len(answers) == 1 else f"input {place} of {len(answers)}, {said(text)}: {reason}"))
    return items, refused


def asked_decoding(temperature: float | None, beam: int | None, top_k: int | None = None, *, greedy: bool) -> Decoding | None:
    """What the options ask for; None where they leave it to the model."""
    from workbench.errors import UsageError

    if temperature is None and beam is None and top_k is None and not greedy:
        return None
    if greedy and (temperature is not None or beam is not None or top_k is not None):
        given = {"--temperature": temperature, "--beam": beam, "--top-k": top_k}
        other = next(f"{name} {value:g}" for name, value in given.items() if value is not None)
        raise UsageError(f"predict: got --greedy and {other}; expected one of them. Leave one out.")
    from workbench.training.decodings import Decoding

    try:
        return Decoding(temperature, 1 if beam is None else beam, top_k)
    except UsageError as error:
        raise UsageError(f"--{str(error).replace('top_k', 'top-k', 1)}") from error


def one_sequence(dataset: Dataset, words: list[str]) -> list[str]:
    """The inputs; bare numbers that are a step each are one sequence that the shell has taken apart."""
    import numpy as np

    def steps(text: str) -> int:
        try:
            return len(np.atleast_1d(dataset.parse_input(text)))
        except DataError:
            return 0

    together = " ".join(words)
    if len(words) > 1 and all(_NUMBER.fullmatch(word) and steps(word) <= 1 for word in words) and steps(together) == len(words):
        return [together]
    return words


def _table(items: list[dict[str, Any]]) -> Any:
    """The answers; a sequence drawn for nothing has no target of its own, and stands beside some of the data as elsewhere."""
    certain = [("log_probability", "log P")] if any("log_probability" in item for item in items) else []
    drawn = all("valid" in item and item.get("correct") is None for item in items)
    columns = [("sample", "sample")] if any("sample" in item for item in items) else []
    if drawn:
        columns += [("valid", "valid"), ("predicted", "written by the model"), ("target", "some of the data"), *certain]
    else:
        columns += (
            [("input", "input")] if any(item["input"] != item.get("sample") for item in items) else []
        )  # pictures have none
        columns += [("target", "target")] if any("target" in item for item in items) else []
        columns += [("predicted", "predicted")]
        columns += [("correct", "")] if any("target" in item for item in items) else []
        columns += [("valid", "valid")] if any("valid" in item for item in items) else []
        columns += certain
        columns += [("probabilities", "probabilities")] if any("probabilities" in item for item in items) else []
    return table([title for _, title in columns], [[_cell(item, key) for key, _ in columns] for item in items])


def _cell(item: dict[str, Any], key: str) -> str:
    """One part of an answer as text."""
    if key in ("correct", "valid"):
        judged = item.get(key)
        return "" if judged is None else "✓" if judged else "✗"
    if key == "log_probability":
        return f"{item[key]:.2f}" if key in item else ""
    if key == "probabilities":
        shares = item.get(key, {})
        likely = list(shares)[:_TOP_CLASSES]
        target = [item["target"]] if item.get("target") in shares and item["target"] not in likely else []
        return "  ".join(f"{name} {shares[name]:.3f}" for name in (*likely, *target))
    return str(item.get(key, ""))
