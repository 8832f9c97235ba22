"""How the documentation's pictures are taken: of every panel, whole, of a run that has it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.pictures import Shown, chosen_runs, take_pictures
from tests.plotting.snapshots import EXAMPLES, SAMPLES, example
from tests.tui.harness import fixed_cards
from tests.tui.running import make_run
from workbench.runs.folder import RunFolder
from workbench.runs.writer import RunWriter
from workbench.tui.session import CONFIG_ENV


@pytest.fixture(autouse=True)
def cards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Few small cards in place of the package's own, and settings of the test alone."""
    monkeypatch.setenv(CONFIG_ENV, str(tmp_path / "config"))
    with fixed_cards():
        yield


@pytest.fixture
def runs(tmp_path: Path) -> dict[str, RunFolder]:
    """A run without anything special, and one with a snapshot of every kind."""
    plain, whole = (make_run(tmp_path / "runs", name=name) for name in ("plain", "whole"))
    writer = RunWriter(whole)
    writer.probe(200, "samples", SAMPLES.name, None, SAMPLES.info)
    for kind in EXAMPLES:
        for row in example(kind, step=200):
            writer.probe(200, kind, row.name, row.array, row.info)
    writer.close()
    return {"plain": plain, "whole": whole}


def test_every_panel_is_shown_of_a_run_that_has_it(runs: dict[str, RunFolder]) -> None:
    """The first one, or the one that is asked for; what no run has is left out."""
    chosen = chosen_runs(runs, [Shown("group/whole", ["log", "states"]), Shown("group/plain", ["attention"])])
    plain = {"concept", "data", "predictions", "metrics", "events", "log"}
    assert set(chosen) == {*plain, *EXAMPLES}
    assert (chosen["log"], chosen["states"], chosen["attention"], chosen["events"]) == ("whole", "whole", "whole", "plain")
    assert set(chosen_runs({"plain": runs["plain"]})) == plain


@pytest.mark.slow
async def test_a_picture_shows_the_panel_with_words_in_their_places(runs: dict[str, RunFolder], tmp_path: Path) -> None:
    """The whole screen is its own; each piece of text begins where its first letter stands, no blanks before it."""
    await take_pictures(runs["whole"], None, ["states", "events"], tmp_path / "pictures")
    for name, words in (("states", {"units by steps", "unit 2 over the text"}), ("events", {"finished"})):
        root = ET.fromstring((tmp_path / "pictures" / f"{name}.svg").read_text(encoding="utf-8"))  # noqa: S314 - our own
        texts = [(float(text.get("x", "nan")), text.text or "") for text in root.iter("{http://www.w3.org/2000/svg}text")]
        assert not [text for _, text in texts if text != text.strip("\xa0 ") or "\xa0\xa0" in text]
        lines = "\n".join(text.replace("\xa0", " ") for _, text in texts)
        assert all(word in lines for word in words), lines
        assert {round(x / 12.2, 3) % 1 for x, text in texts if text != "workbench"} == {0}
