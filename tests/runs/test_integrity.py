"""A database that no run has written is said to be damaged in one line, by whatever reads it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.runs.making import finished_run
from workbench.errors import StoreError
from workbench.runs.control import claim
from workbench.runs.folder import RunFolder
from workbench.runs.listing import list_runs, note_run, tag_run
from workbench.runs.reader import RunReader
from workbench.runs.schema import examine_database
from workbench.runs.writer import RunWriter

QUESTIONS: dict[str, Callable[[RunReader], Any]] = {
    "status": RunReader.status,
    "meta": RunReader.meta,
    "tags": RunReader.tags,
    "scalars": lambda reader: reader.scalars("train/loss"),
    "buckets": lambda reader: reader.buckets("train/loss", 2),
    "last": lambda reader: reader.last("train/loss"),
    "best": lambda reader: reader.best("train/loss", "min"),
    "latest": RunReader.latest_values,
    "highest": RunReader.highest_values,
    "timing": RunReader.timing,
    "last timing": RunReader.last_timing,
    "events": RunReader.events,
    "changes": RunReader.live_changes,
    "probes": lambda reader: reader.probes("predictions"),
    "probe kinds": RunReader.probe_kinds,
    "probe history": lambda reader: reader.probe_history("predictions", "validation"),
    "probe numbers": lambda reader: reader.probe_numbers("predictions", "$.number"),
    "probe steps": lambda reader: reader.probe_steps("predictions"),
    "commands": RunReader.commands,
}


def a_run(root: Path) -> RunFolder:
    """A finished run with a row in every table."""
    folder = finished_run(root, steps=600)
    writer = RunWriter(folder)
    writer.event("notice", "a word", 3)
    writer.probe(4, "predictions", "validation", np.arange(6, dtype=np.float32).reshape(2, 3), {"items": []})
    writer.close()
    change(folder, "INSERT INTO commands (verb, arguments, sent) VALUES ('pause', '{}', 1.5)")
    return folder


def change(folder: RunFolder, statement: str, *values: Any) -> None:
    """Alter the database behind the program's back."""
    connection = sqlite3.connect(folder.database_path)
    connection.executescript(statement) if not values else connection.execute(statement, values)
    connection.commit()
    connection.close()


def refusals(folder: RunFolder) -> list[str]:
    """The lines of all that refuses to read this run; everything else must give an answer."""
    found = []
    for question in QUESTIONS.values():
        try:
            with RunReader(folder) as reader:
                question(reader)
        except StoreError as error:
            found.append(str(error))
    for ask in (lambda run: tag_run(run, ["x"]), lambda run: note_run(run, "x"), claim_and_refuse):
        try:
            ask(folder)
        except StoreError as error:
            found.append(str(error))
    list_runs(folder.path.parent)
    assert all("\n" not in line and str(folder.path) in line for line in found), found
    return found


def claim_and_refuse(folder: RunFolder) -> None:
    """Going on with a damaged run is refused; whatever else stands against it does not count here."""
    examine_database(folder.database_path)


TABLES = ("meta", "tags", "scalars", "extremes", "steps", "probes", "events", "commands", "status")


@pytest.mark.parametrize("table", TABLES)
def test_a_lost_table_is_named_on_opening(tmp_path: Path, table: str) -> None:
    """Reading, writing and going on are refused alike, and the listing shows the run as damaged."""
    folder = a_run(tmp_path)
    change(folder, f"DROP TABLE {table}")
    for opener in (RunReader, RunWriter, claim):
        with pytest.raises(StoreError, match=f"no such table: {table}"):
            opener(folder)
    (run,) = list_runs(tmp_path)
    assert run.state == "damaged"


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("ALTER TABLE steps DROP COLUMN samples", "table steps has no column samples"),
        ("ALTER TABLE steps RENAME COLUMN samples TO other", "table steps has no column samples"),
        ("ALTER TABLE events ADD COLUMN more", "table events has 7 columns"),
        ("DROP TABLE steps; CREATE TABLE steps (step TEXT, seconds TEXT, samples TEXT)", "column steps.step is 'TEXT'"),
        ("DROP TABLE steps; CREATE VIEW steps AS SELECT 1 AS step, 1.0 AS seconds, 1 AS samples", "got a view 'steps'"),
        ("CREATE TRIGGER t AFTER INSERT ON meta BEGIN DELETE FROM tags; END", "got a trigger 't'"),
    ],
)
def test_another_structure_is_named_on_opening(tmp_path: Path, statement: str, words: str) -> None:
    """Columns that are missing, too many or of another type, and what acts by itself."""
    folder = a_run(tmp_path)
    change(folder, statement)
    with pytest.raises(StoreError, match=words):
        RunReader(folder)


WRONG: list[tuple[str, Any, str]] = [
    ("UPDATE status SET state = ?", "flying", "status.state holds 'flying'"),
    ("UPDATE status SET step = ?", "many", "status.step holds 'many'"),
    ("UPDATE status SET step = ?", 1.5, "status.step holds 1.5"),
    ("UPDATE status SET step = ?", -1, "status.step holds -1"),
    ("UPDATE status SET pid = ?", 2**40, "status.pid"),
    ("UPDATE status SET pid = ?", -4, "status.pid"),
    ("UPDATE status SET heartbeat = ?", 1e300, "heartbeat"),
    ("UPDATE status SET total = ?", b"\xff", "status.total"),
    ("UPDATE scalars SET value = ?", "low", "scalars.value|what is no number"),
    ("UPDATE scalars SET value = ? WHERE step = 5", b"\x00", "scalars.value|what is no number"),
    ("UPDATE scalars SET step = ? WHERE step = 5", "five", "scalars.step"),
    ("UPDATE scalars SET step = ? WHERE step = 5", 5.5, "scalars.step"),
    ("UPDATE steps SET seconds = ?", "long", "steps.seconds"),
    ("UPDATE steps SET samples = ?", 1.5, "steps.samples"),
    ("UPDATE tags SET name = ?||id", b"\xff\xfe", "UTF-8"),
    ("UPDATE events SET data = ?", "{", "events.data"),
    ("UPDATE events SET data = ?", "[1]", "events.data"),
    ("UPDATE events SET data = ?", "[" * 200_000, "events.data"),
    ("UPDATE events SET seconds = ?", 1e200, "events.seconds"),
    ("UPDATE events SET message = ?", b"x", "events.message"),
    ("UPDATE commands SET arguments = ?", "7", "commands.arguments"),
    ("UPDATE probes SET dtype = ?", "|O", "probes.dtype"),
    ("UPDATE probes SET dtype = ?", "no type", "probes.dtype"),
    ("UPDATE probes SET shape = ?", "[-1, 6]", "probes.shape"),
    ("UPDATE probes SET shape = ?", "[99999999999, 99999999999]", "probes.data"),
    ("UPDATE probes SET shape = ?", "{}", "probes.shape"),
    ("UPDATE probes SET shape = ?", None, "probes.shape"),
    ("UPDATE probes SET data = ?", b"123", "probes.data"),
    ("UPDATE probes SET info = ?", "null", "probes.info"),
    ("UPDATE meta SET value = ? WHERE key = 'experiment'", '"x"', "meta.experiment holds 'x'"),
    ("UPDATE meta SET value = ? WHERE key = 'experiment'", '{"model": 5}', "meta.experiment.model"),
    ("UPDATE meta SET value = ? WHERE key = 'experiment'", '{"claim": 5}', "meta.experiment.claim"),
    ("UPDATE meta SET value = ? WHERE key = 'tags'", "5", "meta.tags holds 5"),
    ("UPDATE meta SET value = ? WHERE key = 'tags'", "[[]]", "meta.tags"),
    ("UPDATE meta SET value = ? WHERE key = 'created'", "1e999", "meta.created"),
    ("UPDATE meta SET value = ? WHERE key = 'created'", '"now"', "meta.created"),
    ("UPDATE meta SET value = ? WHERE key = 'name'", "null", "meta.name"),
    ("UPDATE meta SET value = ? WHERE key = 'host'", "5", "meta.host"),
    ("UPDATE meta SET value = ? WHERE key = 'baselines'", "[]", "meta.baselines"),
    ("UPDATE meta SET value = ? WHERE key = 'parent'", '"x"', "meta.parent"),
    ("UPDATE meta SET value = ? WHERE key = 'note'", "{", "meta.note"),
    ("UPDATE meta SET value = ? WHERE key = 'note'", "\x1b[31m", "meta.note"),
]


@pytest.mark.parametrize(("statement", "value", "words"), WRONG, ids=[str(number) for number in range(len(WRONG))])
def test_values_that_no_run_writes_are_named(tmp_path: Path, statement: str, value: Any, words: str) -> None:
    """Whoever asks for a wrong value is told which, in one printable line; nobody meets anything but a StoreError."""
    folder = a_run(tmp_path)
    change(folder, statement, value)
    found = refusals(folder)
    assert any(word in line for line in found for word in words.split("|")), found
    assert all(line.isprintable() for line in found)


def test_going_on_looks_at_everything(tmp_path: Path) -> None:
    """A page in the midst of the rows is overwritten: reading the status does not notice, going on does."""
    folder = a_run(tmp_path)
    whole = folder.database_path.read_bytes()
    size = 4096
    for page in range(1, len(whole) // size):
        folder.database_path.write_bytes(whole[: page * size] + b"\0" * size + whole[(page + 1) * size :])
        with pytest.raises(StoreError) as raised:
            claim(folder)
        assert str(raised.value).isprintable()


def test_a_run_as_it_was_written_is_whole(tmp_path: Path) -> None:
    """Nothing is refused of a run that is as it should be."""
    folder = a_run(tmp_path)
    assert refusals(folder) == []
    with RunReader(folder) as reader:
        assert json.dumps(reader.meta()["tags"]) == '["x"]'
