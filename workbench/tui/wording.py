"""How keys, splits and long paths are written. Hardly anything is imported here: the first frame needs it."""

from __future__ import annotations

__all__ = ["folded", "key_names", "weights_words"]


def weights_words(tag: str) -> str:
    """Which weights a tag, or a split alone, was measured with: ` (last weights)`, ` (best weights)`, or nothing."""
    return {"test": " (last weights)", "test_best": " (best weights)"}.get(tag.partition("/")[0], "")


_KEY_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "comma": ",",
    "full_stop": ".",
    "minus": "-",
    "plus": "+",
    "equals_sign": "=",
    "escape": "esc",
    "delete": "del",
}


def key_names(keys: str) -> str:
    """Keys, separated by commas, as a person reads them: `F1 ?`."""
    names = [_KEY_NAMES.get(name, name).replace("ctrl+", "^") for name in keys.split(",")]
    return " ".join(name.upper() if name[:1] == "f" and name[1:].isdigit() else name for name in names)


def folded(text: str, width: int) -> str:
    """Text whose words longer than a line are broken behind a separator, so that all of a path can be read.

    Args:
        text: what is shown, on one line.
        width: columns of a line.
    """
    lines, line = [], ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if len(joined) <= width or len(word) <= width:
            fits = len(joined) <= width
            lines += [] if fits else [line]
            line = joined if fits else word
            continue
        rest = joined
        while len(rest) > width:
            cut = max((rest.rfind(sign, 0, width) for sign in "/\\-_.,=@"), default=-1) + 1
            cut = cut if cut > width // 2 else width
            lines.append(rest[:cut])
            rest = rest[cut:]
        line = rest
    return "\n".join([*lines, line])
