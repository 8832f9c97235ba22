"""Cards are found by their files; what is wrong with one is said by name."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.cards import OptimizerCard, catalog
from workbench.errors import CardError
from workbench.saying import nearest

CARD = """
from workbench.cards import OptimizerCard
from workbench.cards import OptimizerSettings
class {name}(OptimizerCard):
    Config = OptimizerSettings
    title = summary = reference = equation = "words"
    @classmethod
    def build(cls, config, parameters):
        return None
"""
WORDS = ("Config", "title", "summary", "reference", "equation")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty package of cards that can be imported as `some_cards`."""
    folder = tmp_path / "some_cards"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield folder
    for name in [name for name in sys.modules if name.startswith("some_cards")]:
        del sys.modules[name]


def test_a_file_is_a_card_under_its_own_name(package: Path) -> None:
    """Adding a file is all it takes; files that start with an underscore are not cards."""
    (package / "second.py").write_text(CARD.format(name="Anything"))
    (package / "first.py").write_text(CARD.format(name="Whatever"))
    (package / "_shared.py").write_text("")
    found = catalog.discover("some_cards", OptimizerCard, WORDS)
    assert list(found) == ["first", "second"]
    assert found["first"].name == "first"


def test_a_file_without_a_card_is_named(package: Path) -> None:
    """A file in the folder that holds no card is an error that says where."""
    (package / "empty.py").write_text("")
    with pytest.raises(CardError, match=r"some_cards\.empty: got 0 cards; expected exactly one"):
        catalog.discover("some_cards", OptimizerCard, WORDS)


def test_a_card_that_lacks_something_is_named(package: Path) -> None:
    """A card without its equation is an error that says which card and what."""
    (package / "half.py").write_text(CARD.format(name="Half").replace("= equation", ""))
    with pytest.raises(CardError, match=r"some_cards\.half: the card lacks equation"):
        catalog.discover("some_cards", OptimizerCard, WORDS)


def test_the_cards_of_this_package_keep_the_contract() -> None:
    """Every card of every kind has its name and words, and its settings all have help and a default."""
    for cards in (catalog.architectures(), catalog.datasets(), catalog.optimizers()):
        assert cards
        for name, card in cards.items():
            assert card.name == name
            card.Config()
            for key, info in card.Config.model_fields.items():
                assert info.description, f"{name}.{key} has no help"


@pytest.mark.parametrize(("word", "expected"), [("lsmt", "Did you mean 'lstm'"), ("zzzz", "There are: gru, lstm.")])
def test_the_nearest_words_are_offered(word: str, expected: str) -> None:
    """A near word is suggested, and where none is near all are listed."""
    assert nearest(word, ["gru", "lstm"]).startswith(expected)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import nothing_of_that_name", "ModuleNotFoundError"),
        ("def f(:", "SyntaxError"),
        ("raise SystemExit(3)", "SystemExit"),
        (CARD.format(name="A") + "    x = 1 / 0\n", "ZeroDivisionError"),
        (
            CARD.format(name="A").replace("Config = OptimizerSettings", "Config = dict"),
            "expected a subclass of workbench.cards.Config",
        ),
        (CARD.format(name="A").replace("Config = OptimizerSettings", "pass"), "the card lacks Config"),
        (CARD.format(name="A").replace("def build", "def built"), "the card lacks build"),
        (CARD.format(name="A").replace('"words"', "3"), "title: got 3; expected text"),
    ],
)
def test_a_broken_card_leaves_the_others_alone(package: Path, text: str, reason: str) -> None:
    """It is skipped, and named with its error in one line."""
    (package / "good.py").write_text(CARD.format(name="Good"))
    (package / "bad.py").write_text(text)
    broken: list[catalog.BrokenCard] = []
    assert list(catalog.discover("some_cards", OptimizerCard, WORDS, broken=broken)) == ["good"]
    assert [card.name for card in broken] == ["bad"]
    assert reason in broken[0].reason
    assert broken[0].reason.isprintable()


def test_no_card_of_this_package_is_broken() -> None:
    """What is skipped elsewhere would be missed here."""
    assert catalog.broken_cards() == ()


def test_a_card_that_fails_when_it_is_asked_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger's code that raises is a reason not to take the card, in words, for whoever asks."""
    from workbench.errors import ExperimentError
    from workbench.experiment.presets import load_preset

    def fails(*_: object) -> None:
        raise ZeroDivisionError("by\nzero")

    monkeypatch.setattr(catalog.architectures()["gru"], "refuse", fails)
    with pytest.raises(ExperimentError, match="the card 'gru' failed: ZeroDivisionError: by zero"):
        load_preset("adding_gru")
    monkeypatch.setattr(catalog.datasets()["adding"], "task", fails)
    with pytest.raises(ExperimentError, match="the card 'adding' failed: ZeroDivisionError: by zero"):
        load_preset("adding_gru")
