"""What a monkey does to a keyboard, a mouse and a window, drawn from a seed alone: the same seed does the same again."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator
from dataclasses import dataclass

from workbench.tui.bindings import TABLE

__all__ = ["Deed", "deeds"]

_SIZES = ((80, 24), (120, 40), (200, 60), (100, 30), (10, 3), (300, 80), (40, 12), (80, 8), (20, 50), (160, 20), (1, 1))
_BOUND = [key for entry in TABLE if entry.id != "app.quit" for key in entry.keys.split(",")]
"""All but those that leave: opening anew takes its time, and has a story of its own."""
_MOVES = (
    *("up", "down", "left", "right", "enter", "escape", "tab", "space", "backspace", "pageup", "pagedown", "home", "end"),
    *("shift+tab", "delete", "shift+left", "shift+right", "ctrl+left", "ctrl+right", "ctrl+home", "ctrl+end", "ctrl+up"),
)
_CONTROLS = [f"ctrl+{letter}" for letter in string.ascii_lowercase if letter not in "cqz"] + ["ctrl+at", "ctrl+underscore"]
_SIGNS = string.ascii_letters + string.digits + string.punctuation
_UNICODE = "äßñ漢字🙂👩\u200d👩\u0301\u202eעربيहिन्दी\u00ad\u200b∂İ"
_PASTES = (
    *("1e400", "10,000", "1.5", "-3", "0", "nan", "inf", "1e-320", "1e308", "9" * 400, "0.1", "64", "5", "200", "0x10", "1_000"),
    *("[/tmp/x]", "[red]x", "[@click=app.bell()]x[/]", "[", "]", "\\[", "[link=x]", "$text", "{}", "%s", "@latest", "latest"),
    *("\x1b[31mred\x1b[0m", "\x00\x07\x9b", "\u202eabc", "\ud800", "a\nb\r\nc\td", "x" * 5000, "名" * 300, "\n" * 200, ""),
    *("../..", "~", "name", "state:finished", "loss<0.1", "tag:", "loss<", "-", '"', "'", "lstm adding", "+good -old", "\\", "."),
)


@dataclass(frozen=True)
class Deed:
    """One thing done.

    Attributes:
        kind: `key`, `paste`, `down`, `up`, `move`, `scroll`, `size`, `focus`, `wait`, `kill`.
        what: the key, the text, the button or what else belongs to the kind.
        x, y: where, or the size.
    """

    kind: str
    what: str = ""
    x: int = 0
    y: int = 0

    def __str__(self) -> str:
        place = f" {self.x},{self.y}" if self.kind in ("down", "up", "move", "scroll", "size") else ""
        return f"{self.kind}{' ' if self.what else ''}{ascii(self.what)[1:-1][:80]}{place}"


def _keys(*names: str) -> list[Deed]:
    return [Deed("key", name) for name in names]


def _pause(seconds: float) -> Deed:
    return Deed("wait", f"{seconds:.2f}")


def deeds(seed: int) -> Iterator[Deed]:
    """Deeds without end."""
    dice = random.Random(seed)  # noqa: S311 - no secret
    size = (120, 40)
    while True:
        for deed in dice.choices(_HABITS, _WEIGHTS)[0](dice, size):
            yield deed
            if deed.kind == "size":
                size = (deed.x, deed.y)


def _key(dice: random.Random, _size: tuple[int, int]) -> list[Deed]:
    pool = dice.choices((_BOUND, _MOVES, _CONTROLS, _SIGNS, _UNICODE, [f"f{n}" for n in range(1, 13)]), (40, 40, 5, 15, 3, 8))[0]
    return _keys(*[dice.choice(pool)] * dice.choice((1, 1, 1, 1, 2, 2, 5)))


def _some_moves(dice: random.Random, _size: tuple[int, int]) -> list[Deed]:
    return _keys(*(dice.choice(_MOVES) for _ in range(dice.randint(2, 12))))


def _typed(dice: random.Random, _size: tuple[int, int]) -> list[Deed]:
    text = dice.choice(_PASTES)[:12] if dice.random() < 0.5 else "".join(dice.choices(_SIGNS, k=dice.randint(1, 6)))
    return _keys(*(sign for sign in text if sign.isprintable()), *dice.choice((("enter",), ("escape",), ("tab",), ())))


def _paste(dice: random.Random, _size: tuple[int, int]) -> list[Deed]:
    return [Deed("paste", dice.choice(_PASTES)), *_keys(*dice.choice((("enter",), (), (), ("escape",))))]


def _place(dice: random.Random, size: tuple[int, int]) -> tuple[int, int]:
    if dice.random() < 0.05:  # a terminal that has just shrunk still tells of places outside
        return dice.randint(-2, 320), dice.randint(-2, 90)
    return dice.randrange(size[0]), dice.choice((dice.randrange(size[1]), dice.randrange(size[1]), 0, size[1] - 1))


def _click(dice: random.Random, size: tuple[int, int]) -> list[Deed]:
    x, y = _place(dice, size)
    button = dice.choice(("1", "1", "1", "1", "2", "3"))
    times = dice.choice((1, 1, 1, 2, 3))
    return [Deed("move", "", x, y), *[Deed(kind, button, x, y) for _ in range(times) for kind in ("down", "up")]]


def _drag(dice: random.Random, size: tuple[int, int]) -> list[Deed]:
    places = [_place(dice, size) for _ in range(dice.randint(2, 5))]
    moves = [Deed("move", "1", *place) for place in places]
    released = [] if dice.random() < 0.2 else [Deed("up", "1", *places[-1])]
    return [Deed("down", "1", *places[0]), *moves, *released]


def _scroll(dice: random.Random, size: tuple[int, int]) -> list[Deed]:
    x, y = _place(dice, size)
    way = dice.choice(("up", "down", "up", "down", "left", "right", "shift+up", "shift+down", "ctrl+up"))
    return [Deed("scroll", way, x, y)] * dice.choice((1, 2, 6))


def _resize(dice: random.Random, _size: tuple[int, int]) -> list[Deed]:
    some = [dice.choice(_SIZES) if dice.random() < 0.6 else (dice.randint(10, 300), dice.randint(3, 80)) for _ in range(4)]
    return [Deed("size", "", *each) for each in some[: dice.choice((1, 1, 1, 2, 4))]]


def _story(dice: random.Random, _size: tuple[int, int]) -> list[Deed]:
    """Keys in an order that leads somewhere, which single ones rarely do."""
    paste = Deed("paste", dice.choice(_PASTES))
    stories: list[list[Deed]] = [
        _keys("f2", "f5"),
        [*_keys("escape", "f2", "f5"), _pause(1.5), *_keys("space"), _pause(0.3), *_keys("space", "v", "s")],
        [*_keys("f2", "r"), paste, *_keys("enter")],
        _keys("f2", "r", "0", ".", *dice.choice(("1", "0", "9")), "enter"),
        [*_keys("f2", "x"), _pause(0.5), *_keys("space")],
        [
            *_keys("f6"),
            _pause(1.0),
            *_keys("pagedown", "1", "space", "r", "tab", "up", "right", "up", "k", "escape", "b", "enter"),
        ],
        [*_keys("f2", "e", "enter", "enter"), paste, *_keys("enter"), _pause(0.5), *_keys("escape")],
        [*_keys("f2", "e", "ctrl+s"), _pause(2.0), *_keys("ctrl+y", "escape")],
        [*_keys("f3"), _pause(0.3), *_keys("down", "enter"), _pause(0.3)],
        [*_keys("f3"), _pause(0.3), *_keys("space", "space", "delete", "y"), _pause(0.3)],
        [*_keys("f3"), _pause(0.3), *_keys("delete", "down", "enter", "enter")],
        [*_keys("f3"), _pause(0.2), *_keys("r")],
        [
            *_keys("f3"),
            _pause(0.3),
            *_keys("space", "space", "x"),
            _pause(0.5),
            *_keys("v", "b", "y", "p", "m", "e", "escape", "o"),
        ],
        [*_keys("f3", "x", "g", "x"), _pause(0.3), *_keys("V", "b", "b", "tab", "escape")],
        [*_keys("f3"), _pause(0.3), *_keys("E"), _pause(0.5), *_keys("v", "s", "left_square_bracket", "m", "escape", "escape")],
        [*_keys("f3", "E", "slash"), paste, *_keys("enter"), _pause(0.3), *_keys("right_square_bracket", "V", "escape")],
        [
            *_keys("f3", "exclamation_mark", "F", "escape", "slash"),
            paste,
            *_keys("ctrl+s"),
            paste,
            *_keys("enter", "escape", "F"),
        ],
        [*_keys("f3", "t"), paste, *_keys("enter", "n"), paste, *_keys("enter")],
        [*_keys("f3", "slash"), paste, *_keys("enter", "escape", "escape")],
        [*_keys("f4"), _pause(0.2), *_keys(*["down"] * dice.randint(0, 9), "enter"), _pause(0.2)],
        [*_keys("f4", "slash"), paste, *_keys("enter", "enter")],
        [*_keys("f2", "c"), _pause(0.2), *_keys(*["down"] * dice.randint(0, 9), "enter", "p", "enter")],
        [*_keys("ctrl+p", *dice.choice(("lstm", "run", "preset", "key", "[", "theme"))), _pause(0.3), *_keys("down", "enter")],
        [*_keys("ctrl+t", "down", "down", "enter")],
        [*_keys("question_mark"), _pause(0.1), *_keys("escape", "escape")],
        [*_keys("f2", "f5", "f3", "f4", "q")],
        [*_keys("escape", "f2", dice.choice(("q", "ctrl+q", "ctrl+c"))), _pause(0.3)],
        [*_keys("q", "down", "enter"), _pause(0.5)],
        [*_keys("escape", "m", "p", "p", "m", "g", "w", "W", "C", "t", "y", "X", "a", "f", "0")],
        [Deed("focus", "blur"), *_keys("f2"), Deed("focus", "focus")],
        [Deed("kill")],
    ]
    return dice.choice(stories)


def _rest(dice: random.Random, _size: tuple[int, int]) -> list[Deed]:
    return [_pause(dice.choice((0.02, 0.1, 0.3)))]


_HABITS = (_key, _some_moves, _typed, _paste, _click, _drag, _scroll, _resize, _story, _rest)
_WEIGHTS = (60, 8, 5, 6, 12, 2, 4, 3, 6, 6)
