"""The one validated configuration: reading, changing, and saying what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.cards import catalog
from workbench.errors import ExperimentError
from workbench.experiment import Experiment
from workbench.experiment.presets import load_preset
from workbench.experiment.settings import TrainingConfig

VALUES: dict[str, Any] = {
    "title": "A title",
    "model": {"name": "lstm", "hidden_size": 16},
    "data": {"name": "adding", "length": 20},
    "optimizer": {"name": "adam", "lr": 1e-3},
    "training": {"steps": 10},
}


def problems_of(text: str, tmp_path: Path, **changes: Any) -> list[str]:
    """The lines that a broken file is answered with; the file is named in short."""
    path = tmp_path / "broken.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ExperimentError) as caught:
        Experiment.load(path, changes)
    return [str(problem).replace(str(tmp_path) + "/", "") for problem in caught.value.problems]


def test_every_problem_is_reported_at_once_with_its_line(tmp_path: Path) -> None:
    """A file with five mistakes gets five lines: where, what was got, what was expected, and how to fix it."""
    text = """title = "x"
[model]
name = "lstm"
hiden_size = 64
[data]
name = "adding"
length = "long"
[optimizer]
name = "adam"
lr = -1
[training]
batch_size = 2.5
[claims]
"""
    assert sorted(problems_of(text, tmp_path)) == [
        "broken.toml:10: [optimizer] lr: got -1; expected a number above 0.",
        "broken.toml:12: [training] batch_size: got 2.5; expected a whole number.",
        "broken.toml:13: claims: unknown key. Did you mean 'claim'?",
        "broken.toml:4: [model] hiden_size: unknown key. Did you mean 'hidden_size'?",
        "broken.toml:7: [data] length: got 'long'; expected a whole number.",
    ]


def test_an_unknown_card_is_answered_with_the_nearest(tmp_path: Path) -> None:
    """A mistyped architecture is named together with the one that was meant."""
    found = problems_of('[model]\nname = "ltsm"\n[data]\nname = "adding"\n[optimizer]\nname = "adam"\n', tmp_path)
    assert found == ["broken.toml:2: [model] name: got 'ltsm'; expected one of the known names. Did you mean 'lstm'?"]


def test_an_impossible_pair_is_refused_with_reason_and_choices(tmp_path: Path) -> None:
    """An architecture that cannot do the data's task is refused, and those that can are listed."""
    text = '[model]\nname = "lstm"\n[data]\nname = "reversal"\n[optimizer]\nname = "adam"\n'
    (line,) = problems_of(text, tmp_path)
    assert "'lstm' cannot be trained on 'reversal'" in line
    assert "seq2seq" in line
    assert "transformer" in line


def test_a_change_that_is_wrong_is_located_at_set(tmp_path: Path) -> None:
    """A bad `--set` is blamed on `--set`, not on a line of the file."""
    text = '[model]\nname = "lstm"\n[data]\nname = "adding"\n[optimizer]\nname = "adam"\n'
    found = problems_of(text, tmp_path, **{"model.hidden_size": 0})
    assert found == ["--set: [model] hidden_size: got 0; expected a number of at least 1."]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"[model\n", "not valid TOML"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (None, "cannot be read: No such file"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(content: bytes | None, expected: str, tmp_path: Path) -> None:
    """Broken TOML, broken text and a missing file are each one line that names the file."""
    path = tmp_path / "file.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ExperimentError, match=expected) as caught:
        Experiment.load(path)
    assert "file.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_keys_in_text_of_several_lines_are_not_taken_for_settings(tmp_path: Path) -> None:
    """Line numbers come from settings, not from text that looks like one."""
    text = 'about = """\nhidden_size = 1\n"""\n[model]\nname = "lstm"\nhidden_size = 0\n[data]\nname = "adding"\n'
    assert "broken.toml:6: [model] hidden_size: got 0; expected a number of at least 1." in problems_of(text, tmp_path)


def test_another_card_keeps_what_both_have() -> None:
    """Changing the architecture keeps the settings that the new one has too, and drops the others without complaint."""
    first = Experiment.from_dict(VALUES, changes={"model.forget_bias": 0.5})
    second = first.with_changes({"model.name": "gru"})
    assert second.model.name == "gru"
    assert second.model.config.hidden_size == 16


@pytest.mark.parametrize("key", ["training.lr", "lr", "optimizer.lr"])
def test_the_learning_rate_has_the_names_that_people_use(key: str) -> None:
    """`training.lr` and `lr` mean the optimiser's learning rate."""
    assert Experiment.from_dict(VALUES, changes={key: 0.25}).optimizer.config.lr == 0.25


def test_a_bare_key_is_enough_where_it_is_unique() -> None:
    """`steps` is training.steps; a key of no table is answered with the nearest."""
    assert Experiment.from_dict(VALUES, changes={"steps": 77}).training.steps == 77
    with pytest.raises(ExperimentError, match=r"unknown key.*training\.steps"):
        Experiment.from_dict(VALUES, changes={"stepz": 77})


def test_the_monitored_metric_must_be_one_of_the_task() -> None:
    """A metric that the task does not have is refused with those that it has."""
    with pytest.raises(ExperimentError, match=r"got 'bleu'; expected a metric of regress: loss, mse"):
        Experiment.from_dict(VALUES, changes={"training.monitor": "bleu"})


def test_live_settings_are_those_declared_as_live() -> None:
    """Learning rate, clipping and dropout can change while a run goes on; sizes cannot."""
    live = Experiment.from_dict(VALUES).live_settings()
    assert {"optimizer.lr", "training.clip_norm", "model.dropout", "training.eval_every"} <= set(live)
    assert not {"model.hidden_size", "training.steps", "training.batch_size"} & set(live)


EXPERIMENTS: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {
        "title": st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=30),
        "model": st.fixed_dictionaries({"name": st.sampled_from(["lstm", "gru", "elman"])}),
        "data": st.just(VALUES["data"]),
        "optimizer": st.fixed_dictionaries(
            {"name": st.sampled_from(sorted(catalog.optimizers())), "lr": st.floats(1e-9, 100, allow_nan=False)}
        ),
        "training": st.fixed_dictionaries({"steps": st.integers(1, 10**6), "clip_norm": st.floats(0, 1e6, allow_nan=False)}),
    }
)


@given(EXPERIMENTS)
def test_toml_gives_the_same_experiment_back(tmp_path_factory: pytest.TempPathFactory, values: dict[str, Any]) -> None:
    """Whatever the values, writing and reading an experiment changes nothing."""
    first = Experiment.from_dict(values)
    path = tmp_path_factory.mktemp("toml") / "experiment.toml"
    path.write_text(first.to_toml(), encoding="utf-8")
    assert Experiment.load(path) == first


KEYS: st.SearchStrategy[Any] = st.sampled_from([*TrainingConfig.model_fields, "nonsense"])


@given(st.dictionaries(KEYS, st.none() | st.integers() | st.text() | st.floats()))
def test_any_values_are_accepted_or_refused_in_one_line_each(values: dict[str, Any]) -> None:
    """No value of any setting escapes as another error, and each problem is one line."""
    problems: list[str] = []
    try:
        Experiment.from_dict(VALUES | {"training": values})
    except ExperimentError as error:
        problems = [str(problem) for problem in error.problems]
        problems = problems or ["\n"]
    assert not [problem for problem in problems if "\n" in problem]


def test_title_text_and_claim_go_with_the_card_that_they_speak_of() -> None:
    """Another architecture or dataset makes them untrue; another setting, or the same name again, does not."""
    kept = load_preset("elman_echo", {"model.hidden_size": 8, "model.name": "elman"})
    assert kept.title
    assert kept.claim is not None
    for key, other in (("model.name", "gru"), ("data.name", "parity")):
        changed = load_preset("elman_echo", {key: other})
        assert (changed.title, changed.about, changed.claim) == ("", "", None)


def test_settings_that_do_not_fit_together_are_blamed_on_the_change() -> None:
    """The value that was changed is named, once, and no dictionary is printed."""
    with pytest.raises(ExperimentError) as raised:
        load_preset("elman_echo", {"data.delay": 500})
    assert str(raised.value) == "--set: [data] delay: expected a delay below the length 25, got 500."


def test_an_impossible_pair_is_told_beside_settings_that_are_wrong() -> None:
    """What no setting can fix is not hidden by the ones that the other data brought along."""
    with pytest.raises(ExperimentError, match="'jordan' cannot be trained on 'mackey_glass'"):
        load_preset("jordan_recall", {"data.name": "mackey_glass"})


def test_a_mistyped_preset_is_answered_once() -> None:
    """Its short name, or its full one where a chapter was typed."""
    for word, hint in (("jordan_recal", "'jordan_recall'"), ("recurrent/jordan_recal", "'recurrent/jordan_recall'")):
        with pytest.raises(ExperimentError) as raised:
            load_preset(word)
        assert hint in str(raised.value)
        assert str(raised.value).count("jordan_recall'") == 1


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.binary(max_size=3)
    | st.just(1 << 70)
    | st.dates()
)
WORDS: st.SearchStrategy[Any] = st.text(max_size=5)
JUNK = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.integers(), inner, max_size=3), max_leaves=5
)
SETTINGS: st.SearchStrategy[Any] = st.sampled_from(["name", "hidden_size", "length", "lr", "steps", "metric", "path", "x"])
CARDS: st.SearchStrategy[Any] = st.sampled_from(["lstm", "adding", "adam", "sentence_pairs", "mnist"])
TABLE = st.dictionaries(SETTINGS | WORDS | st.integers(), JUNK | CARDS, max_size=4)
TABLES: st.SearchStrategy[Any] = st.sampled_from(["title", "about", "model", "data", "optimizer", "training", "claim"])
EXPERIMENTS = st.dictionaries(TABLES | WORDS | st.integers(), TABLE | JUNK, max_size=6)
CHANGED: st.SearchStrategy[Any] = st.sampled_from(
    ["model.name", "data.name", "hidden_size", "data.path", "claim.also", "training.steps", "lr", "name", "."]
)
CHANGES = st.dictionaries(CHANGED | WORDS | st.integers(), JUNK, max_size=3)


@given(EXPERIMENTS | JUNK, CHANGES | JUNK)
def test_any_values_are_an_experiment_or_problems(values: Any, changes: Any) -> None:
    """Whatever has entered, nothing but ExperimentError comes out, a problem a printable line."""
    with pytest.raises(ExperimentError) as caught:
        Experiment.from_dict(values, where="file", changes=changes)
    assert all(str(problem).isprintable() and len(str(problem)) < 3000 for problem in caught.value.problems)


@given(st.dictionaries(st.sampled_from(["model", "data", "optimizer", "training"]), TABLE | JUNK, max_size=2), CHANGES)
def test_a_sound_experiment_with_junk_in_it_is_answered_alike(tables: dict[str, Any], changes: dict[Any, Any]) -> None:
    """Junk among sound values reaches the later checks too, and what is accepted can be written and read again."""
    mixed = {
        key: {**VALUES[key], **tables[key]} if isinstance(tables.get(key), dict) else tables.get(key, VALUES[key])
        for key in VALUES
    }
    try:
        found = Experiment.from_dict(mixed, changes=changes)
    except ExperimentError as error:
        assert str(error)  # noqa: PT017 - either is right
    else:
        import tomllib

        assert Experiment.from_dict(tomllib.loads(found.to_toml())) == found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'model = "gru"\n[data]\nname = "adding"\n[optimizer]\nname = "adam"\n',
            ":1: [model] got 'gru'; expected a table [model].",
        ),
        (
            '[model]\nname = "gru"\n[data]\nname = "adding"\n[optimizer]\nname = "adam"\n[[training]]\nsteps = 5\n',
            ":7: [training] got [{'steps': 5}]; expected a table [training].",
        ),
        (
            '[model]\nname = ["gru"]\n[data]\nname = "adding"\n[optimizer]\nname = "adam"\n',
            ":2: [model] name: got ['gru']; expected one name as text.",
        ),
        (
            '[model]\nname = "gru"\n[data]\nname = "mnist"\npath = "a\\u0000b"\n[optimizer]\nname = "adam"\n',
            ":5: [data] path: got 'a\\x00b'; expected a path without the NUL sign.",
        ),
    ],
)
@pytest.mark.parametrize("change", [{}, {"model.hidden_size": 4}, {"hidden_size": 4}, {"training.steps": 3}, {"steps": 3}])
def test_a_wrong_shape_is_one_line_whatever_is_laid_over_it(
    text: str, expected: str, change: dict[str, Any], tmp_path: Path
) -> None:
    """The file's own fault is told at the file's line, once, with and without changes."""
    found = [line for line in problems_of(text, tmp_path, **change) if not line.startswith("--set: hidden_size")]
    assert len(found) == 1
    assert found[0].startswith(f"broken.toml{expected}")


@pytest.mark.parametrize("value", [["lstm"], {"a": 1}, 3, None, "x" * 500])
@pytest.mark.parametrize("table", ["model", "data", "optimizer"])
def test_a_name_that_is_none_is_told_at_the_change(table: str, value: Any) -> None:
    """Also one that cannot be looked up."""
    with pytest.raises(ExperimentError, match=rf"^--set: \[{table}\] name: got "):
        Experiment.from_dict(VALUES, where="file", changes={f"{table}.name": value})


FILE = '[model]\nname = "lstm"\n[data]\nname = "mnist"\nview = "rows"\n[optimizer]\nname = "adam"\n'


@pytest.mark.parametrize(
    "changes",
    [
        {"data.path": "/nowhere/at/all"},
        {"data.name": "sentence_pairs"},
        {"data.name": "reversal"},
        {"model.name": "seq2seq"},
        {"training.teacher_forcing": 0.5},
        {"training.monitor": "bleu"},
    ],
)
def test_what_a_change_brought_about_lies_with_the_change(changes: dict[str, Any], tmp_path: Path) -> None:
    """Whatever card refuses it, and whenever: the file by itself was sound."""
    assert all(line.startswith("--set: ") for line in problems_of(FILE, tmp_path, **changes))


def test_what_the_file_has_by_itself_lies_with_the_file(tmp_path: Path) -> None:
    """A change of something else takes no blame, and the line is the setting's."""
    text = FILE.replace('view = "rows"', 'view = "rows"\npath = "/nowhere/at/all"')
    for change in ({}, {"training.steps": 3}, {"data.view": "image"}):
        found = problems_of(text, tmp_path, **change)
        assert [line.partition(" ")[0] for line in found if "/nowhere/at/all" in line] == ["broken.toml:6:"]


def test_a_setting_of_another_card_is_told_where_it_belongs() -> None:
    """Beside those that the chosen card has."""
    with pytest.raises(ExperimentError) as told:
        load_preset("adding_lstm", {"data.path": "pairs.tsv"})
    assert str(told.value) == (
        "--set: [data] path: unknown key. There are: length. It is a setting of other values of "
        "data.name: arrays, images, mnist, sentence_pairs, series, table, text."
    )


def test_a_setting_is_named_once(tmp_path: Path) -> None:
    """Also where the dataset's own error begins with it."""
    (tmp_path / "pairs.tsv").write_text("a b\tc d\n" * 20, encoding="utf-8")
    changes = {"data.name": "sentence_pairs", "data.path": str(tmp_path / "pairs.tsv"), "data.encoding": "klingon"}
    with pytest.raises(ExperimentError, match=r"^--set: \[data\] encoding: got 'klingon'; expected the name of an encoding"):
        load_preset("translate_attention", changes)
