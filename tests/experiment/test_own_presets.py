"""Presets of the user's own: written, found, imported and edited; nothing of it costs what was there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.errors import ExperimentError, StoreError, UsageError
from workbench.experiment.own_presets import (
    checked_preset_name,
    draft_of,
    edit_preset,
    import_preset,
    is_there,
    list_own,
    own_path,
    preset_name_problem,
    save_preset,
    suggested_name,
)
from workbench.experiment.presets import find_preset, full_name, list_presets, load_preset, own_folder
from workbench.experiment.proposal import is_data_file
from workbench.paths import CONFIG_ENV

TEXT = load_preset("elman_echo").to_toml()
WRONG = TEXT.replace("hidden_size", "hiden_size")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration folder that is not there yet."""
    monkeypatch.setenv(CONFIG_ENV, str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "config" / "presets"


def writes(text: str) -> Callable[[Path], None]:
    """An editor in which a person writes this."""

    def write(path: Path) -> None:
        path.write_text(text, encoding="utf-8")

    return write


def test_one_that_was_saved_is_found_like_a_shipped_one(folder: Path) -> None:
    """By name, with `user/` and without, behind the shipped ones; a file in the current folder is no rival."""
    assert list_own() == []
    path = save_preset("mine", TEXT)
    assert path == folder / "mine.toml"
    Path("mine").touch()
    assert not is_data_file("mine")
    assert find_preset("mine") == find_preset("user/mine") == path
    assert full_name("mine") == full_name(str(path)) == "user/mine"
    assert load_preset("mine") == load_preset("elman_echo")
    assert [preset.name for preset in list_presets(own=True)][-1] == "user/mine"
    assert all(not preset.is_own for preset in list_presets())
    assert [entry.name for entry in folder.iterdir()] == ["mine.toml"]


def test_no_shipped_preset_is_shadowed(folder: Path) -> None:
    """The name is refused; a file of that name, put there by hand, is found by its full name alone."""
    with pytest.raises(UsageError, match="expected a name other than that of a shipped preset"):
        save_preset("adding_gru", TEXT)
    folder.mkdir(parents=True)
    (folder / "adding_gru.toml").write_text(TEXT)
    assert load_preset("adding_gru").data.name == "adding"
    assert load_preset("user/adding_gru").data.name == "echo"


@pytest.mark.parametrize(
    "name", ["", "  ", "latest", "a/b", "../a", "a@b", "-x", ".a", "_a", "a.toml", "a:b", "a\x1b[31m", "x" * 81, "é" * 101, "run"]
)
def test_a_name_that_means_something_else_is_refused(name: str) -> None:
    """Runs' guard and what a file's name needs besides, in one printable line; nothing is written."""
    assert preset_name_problem(name)
    with pytest.raises(UsageError) as raised:
        save_preset(name, TEXT)
    assert str(raised.value).isprintable()
    assert not own_folder().exists()


@pytest.mark.parametrize(
    ("given", "name"), [("Two numbers, [red]!", "two_numbers_red"), ("!", ""), ("GRU", "gru"), ("Adding GRU", "")]
)
def test_a_name_is_suggested_where_one_can_be(given: str, name: str) -> None:
    """Small letters and digits of the title; none that is taken by a shipped preset."""
    assert suggested_name(given) == name
    assert not name or checked_preset_name(name) == name


def test_one_that_is_there_stays_unless_it_is_to_be_replaced() -> None:
    """Of many writers at once one is first, the others are told; a file is never half one text and half another."""
    outcomes: list[str] = []

    def write(number: int) -> None:
        try:
            save_preset("mine", TEXT + f"# {number}\n" * 1000)
        except UsageError as error:
            outcomes.append(str(error))
        else:
            outcomes.append("")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("") == 1
    assert all("is there already" in told for told in outcomes if told)
    lines = own_path("mine").read_text().splitlines()
    assert len(set(lines[-1000:])) == 1
    save_preset("mine", TEXT, replacing=True)
    assert own_path("mine").read_text() == TEXT
    assert len(list(own_folder().iterdir())) == 1


def test_a_link_stays_one(tmp_path: Path, folder: Path) -> None:
    """Whoever keeps their settings elsewhere finds the text there; a link to nothing is told, and keeps no other away."""
    folder.mkdir(parents=True)
    (tmp_path / "kept.toml").write_text("# old\n")
    (folder / "mine.toml").symlink_to(tmp_path / "kept.toml")
    assert is_there("mine")
    save_preset("mine", TEXT, replacing=True)
    assert (folder / "mine.toml").is_symlink()
    assert (tmp_path / "kept.toml").read_text() == TEXT
    (folder / "gone.toml").symlink_to(tmp_path / "gone.toml")
    gone, mine = list_own()
    assert "cannot be read" in gone.problems[0]
    assert mine.problems == ()


def test_a_broken_one_is_named_with_its_line_and_the_others_go_on(folder: Path) -> None:
    """Whether it is no TOML or no experiment; hidden files are none."""
    save_preset("good", TEXT)
    for name, text in (("no_toml", "title = 'a'\n[model\n"), ("wrong", WRONG), (".hidden", ""), ("_hidden", "")):
        (folder / f"{name}.toml").write_text(text)
    told = {preset.name: preset.problems for preset in list_own()}
    assert set(told) == {"user/good", "user/no_toml", "user/wrong"}
    assert told["user/good"] == ()
    assert "line 2" in told["user/no_toml"][0]
    line = WRONG.splitlines().index(next(line for line in WRONG.splitlines() if "hiden_size" in line)) + 1
    assert f"wrong.toml:{line}: [model] hiden_size: unknown key." in told["user/wrong"][0]


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the place, and what to do."""
    (tmp_path / "file").touch()
    monkeypatch.setenv(CONFIG_ENV, str(tmp_path / "file" / "below"))
    assert list_own() == []
    with pytest.raises(StoreError, match=r"mine.toml: cannot be written: .*WORKBENCH_CONFIG"):
        save_preset("mine", TEXT)
    with pytest.raises(StoreError, match="cannot be written"):
        draft_of("mine").open(TEXT, writes("x"))


def test_an_import_keeps_comments_and_means_the_same_files(tmp_path: Path) -> None:
    """Under the file's name or another one; a relative path of data becomes absolute."""
    (tmp_path / "book.txt").write_text("a cat sat on a mat. " * 500)
    source = tmp_path / "shared.toml"
    tables = ('[model]\nname = "gru"', '[data]\nname = "text"\npath = "book.txt"  # ours', '[optimizer]\nname = "adam"\n')
    source.write_text("# a note\n" + "\n\n".join(tables))
    name, path = import_preset("shared.toml")
    assert name == "shared"
    written = path.read_text()
    assert "# a note" in written
    assert f'path = "{tmp_path / "book.txt"}"  # ours' in written
    assert import_preset("shared.toml", "other")[0] == "other"
    with pytest.raises(UsageError, match="is there already"):
        import_preset("shared.toml")
    source.write_text(WRONG)
    with pytest.raises(ExperimentError, match=r"shared.toml:\d+: \[model\] hiden_size"):
        import_preset("shared.toml", "third")
    assert not is_there("third")


def test_an_edited_text_takes_the_place_of_the_preset_once_it_is_right() -> None:
    """What is wrong is told with its lines and costs neither the preset nor the text, which the editor shows again."""
    path, draft = save_preset("mine", TEXT), draft_of("mine")
    assert edit_preset("mine", lambda _path: None) is None
    with pytest.raises(ExperimentError, match=r"drafts/mine.toml:\d+: \[model\] hiden_size"):
        edit_preset("user/mine", writes(WRONG))
    assert (path.read_text(), draft.path.read_text()) == (TEXT, WRONG)
    shown: list[str] = []

    def mends(file: Path) -> None:
        shown.append(file.read_text())
        file.write_text(TEXT + "# mended\n")

    assert edit_preset("mine", mends) == path
    assert shown == [WRONG]
    assert path.read_text() == TEXT + "# mended\n"
    assert not draft.is_kept


def test_an_emptied_text_is_given_up() -> None:
    """Then the next one begins with the preset again."""
    save_preset("mine", TEXT)
    with pytest.raises(ExperimentError):
        edit_preset("mine", writes("x"))
    assert edit_preset("mine", writes(" \n")) is None
    assert not draft_of("mine").is_kept
    assert own_path("mine").read_text() == TEXT


def test_an_editor_that_fails_keeps_what_was_written() -> None:
    """Nothing is taken over; where nothing was written, nothing is kept."""

    def fails(path: Path, text: str) -> None:
        if text:
            path.write_text(text)
        raise UsageError("EDITOR: failed")

    draft = draft_of("_form", "text")
    for text in ("", "# half\n"):
        with pytest.raises(UsageError, match="failed"):
            draft.open(TEXT, lambda path, text=text: fails(path, text))  # type: ignore[misc]
        assert draft.is_kept == bool(text)


def test_a_shipped_preset_is_not_edited() -> None:
    """The line says how a copy is made."""
    with pytest.raises(UsageError, match=r"not one of yours.*--out FILE"):
        edit_preset("adding_gru", writes(""))
