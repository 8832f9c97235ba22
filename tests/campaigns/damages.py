"""Ways of damaging a file: bytes, the values in JSON and TOML, the header of a safetensors file, tables and rows."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import json
import random
import sqlite3
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tomlkit
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from workbench.training.checkpoints import content_digest

__all__ = [
    "BYTES",
    "damage_bytes",
    "damage_database",
    "damage_header",
    "damage_json",
    "damage_table",
    "damage_toml",
    "repack",
    "resign",
]

ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 7, 2**31, 2**63, 2**70, 10**400, 1.5, -0.0, 1e308, float("nan"), float("inf")),
    *(
        "",
        "x\x1b[31m\x9b",
        "latest",
        "[/bold]",
        "\ud7ff\u202e",
        "5",
        "../../x",
        "a\0b",
        "x" * 5000,
        [],
        {},
        [[]],
        [1, "a"],
        {"a": {}},
    ),
)
"""What stands in place of a value."""


def _flip(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.choice((1, 1, 8))):
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def _zero(data: bytes, dice: random.Random) -> bytes:
    start, length = dice.randrange(len(data)), dice.choice((16, 512, 4096))
    return data[:start] + bytes(len(data[start : start + length])) + data[start + length :]


def _swap(data: bytes, dice: random.Random) -> bytes:
    size = min(dice.choice((16, 512, 4096)), max(1, len(data) // 3))
    a, b = sorted(dice.sample(range(max(2, len(data) // size)), 2))
    blocks = [data[at : at + size] for at in range(0, len(data), size)]
    blocks[a], blocks[b] = blocks[b], blocks[a]
    return b"".join(blocks)


def _noise(data: bytes, dice: random.Random) -> bytes:
    start = dice.randrange(len(data))
    return data[:start] + dice.randbytes(dice.choice((1, 16, 512))) + data[start:]


BYTES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "flip": _flip,
    "cut": lambda data, dice: data[: dice.randrange(len(data))],
    "double": lambda data, dice: data + data[dice.randrange(len(data)) :],
    "insert": _noise,
    "swap": _swap,
    "zero": _zero,
}


def damage_bytes(path: Path, dice: random.Random) -> str:
    """Change bytes of a file; what was done."""
    name = dice.choice(sorted(BYTES))
    path.write_bytes(BYTES[name](path.read_bytes(), dice))
    return f"{path.name}: {name}"


def repack(path: Path, dice: random.Random) -> str:
    """Pack or unpack a file, its name as it was."""
    data = path.read_bytes()
    name = dice.choice(("gzip", "twice", "bzip2", "zip", "unpack"))
    if name == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.txt", data)
    elif name == "unpack":
        path.write_bytes(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
    else:
        path.write_bytes(
            {"gzip": gzip.compress(data), "twice": gzip.compress(gzip.compress(data)), "bzip2": bz2.compress(data)}[name]
        )
    return f"{path.name}: {name}"


def _changed(value: Any, dice: random.Random) -> tuple[Any, str]:
    """One value somewhere within, changed; JSON in a text is gone into as well."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        with contextlib.suppress(ValueError):
            inner, told = _changed(json.loads(value), dice)
            return _dumped(inner), told
    if not isinstance(value, dict | list) or not value or dice.random() < 0.1:
        if dice.random() < 0.1:
            return _deep(dice), "a thousand deep"
        odd = dice.choice(ODD)
        return odd, f"= {odd!r:.20}"
    key: Any = dice.choice(sorted(value)) if isinstance(value, dict) else dice.randrange(len(value))
    way = dice.choice(("into", "into", "into", "into", "without", "other name", "wrapped"))
    if way == "without":
        rest = {k: v for k, v in value.items() if k != key} if isinstance(value, dict) else value[:key] + value[key + 1 :]
        return rest, f"without {key}"
    if way == "other name" and isinstance(value, dict):
        odd = dice.choice(("x\x1b", "", "__metadata__", f"{key}x"))
        return {(odd if k == key else k): v for k, v in value.items()}, f"{key} is called {odd!r}"
    if way == "wrapped":
        inner, told = dice.choice(([value[key]], {"a": value[key]}, str(value[key]))), "wrapped"
    else:
        inner, told = _changed(value[key], dice)
    new = dict(value) if isinstance(value, dict) else list(value)
    new[key] = inner
    return new, f"{key} {told}"


def _deep(dice: random.Random) -> Any:
    value: Any = 0
    for _ in range(dice.choice((200, 900))):
        value = [value]
    return value


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def damage_json(text: str, dice: random.Random) -> tuple[str, str]:
    """A JSON text with one value changed, one key written twice, or nested too deep; and what was done."""
    if dice.random() < 0.1:
        return "[" * 100_000, "100,000 deep"
    value = json.loads(text)
    if isinstance(value, dict) and value and dice.random() < 0.15:
        key, odd = dice.choice(sorted(value)), dice.choice(ODD)
        return f"{{{_dumped(key)}: {_dumped(odd)}, {text.strip()[1:]}", f"{key} twice"
    new, told = _changed(value, dice)
    return _dumped(new), told


def damage_table(path: Path, dice: random.Random) -> str:
    """Change a value in a JSON file."""
    text, told = damage_json(path.read_text(encoding="utf-8"), dice)
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return f"{path.name}: {told}"


def damage_toml(path: Path, dice: random.Random) -> str:
    """Change a value in a TOML file, or its text."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    way = dice.choice(("value", "value", "twice", "moved", "array", "deep"))
    if way == "value":
        new, told = _changed(tomllib.loads(text), dice)
        try:
            path.write_text(tomlkit.dumps(new), encoding="utf-8")
        except Exception:  # noqa: BLE001 - what TOML has no notation for is no TOML
            path.write_text(repr(new), encoding="utf-8", errors="replace")
        return f"{path.name}: {told}"
    place = dice.randrange(len(lines))
    if way == "twice":
        lines.insert(dice.randrange(len(lines)), lines[place])
    elif way == "moved":
        lines.insert(dice.randrange(len(lines)), lines.pop(place))
    elif way == "array":
        lines = [f"[{line}]" if line.startswith("[") and dice.random() < 0.5 else line for line in lines]
    else:
        lines[place] = f"x = {'[' * dice.choice((50, 5000))}"
    path.write_text("\n".join(lines), encoding="utf-8")
    return f"{path.name}: {way} {place}"


def damage_header(path: Path, dice: random.Random) -> str:
    """Change the JSON at the head of a safetensors file, or the number that says how long it is."""
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    if dice.random() < 0.15:
        odd = dice.choice((0, 1, size - 1, size + 1, len(data), 2**31, 2**63, 2**64 - 1))
        path.write_bytes(odd.to_bytes(8, "little") + data[8:])
        return f"{path.name}: header of {odd} bytes"
    text, told = damage_json(data[8 : 8 + size].decode(), dice)
    head = text.encode("utf-8", "surrogatepass")
    path.write_bytes(len(head).to_bytes(8, "little") + head + data[8 + size :])
    return f"{path.name}: header {told}"


def resign(path: Path, dice: random.Random, told: Callable[[dict[str, str]], str]) -> str:
    """Change what a safetensors file says beside its tensors, or a tensor, and let its digest be right again.

    Args:
        path: the file.
        dice: where the change comes from.
        told: what of the facts the digest is taken of.
    """
    with safe_open(path, framework="pt") as file:
        metadata = dict(file.metadata())
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dictionary
    if dice.random() < 0.3:
        name = dice.choice(sorted(tensors))
        match dice.choice(("gone", "other", "type", "shape", "nan")):
            case "gone":
                del tensors[name]
            case "other":
                tensors[f"x\x1b{name}"] = tensors.pop(name)
            case "type":
                tensors[name] = tensors[name].to(torch.complex64 if dice.random() < 0.3 else torch.int8)
            case "shape":
                tensors[name] = tensors[name].reshape(-1)[:-1].clone()
            case _:
                tensors[name] = torch.full_like(tensors[name].float(), float("nan"))
        what = f"tensor {name}"
    else:
        key = dice.choice(
            [key for key, value in sorted(metadata.items()) if (key != "digest" and value[:1] in ("{", "[")) or key == "step"]
        )
        new, what = _changed(metadata[key], dice)
        metadata[key] = new if isinstance(new, str) else _dumped(new)
    metadata["digest"] = content_digest(tensors, told(metadata))
    save_file(tensors, path, metadata)
    return f"{path.name}: signed, {what}"


def damage_database(path: Path, dice: random.Random) -> str:
    """Drop a table, delete or double rows, change its schema, or write a value of another type."""
    table = dice.choice(("meta", "tags", "scalars", "extremes", "steps", "probes", "events", "commands", "status"))
    connection = sqlite3.connect(path)
    try:
        way = dice.choice(("drop", "empty", "some", "column", "version", "meta", "value", "value", "value"))
        with contextlib.suppress(sqlite3.Error):  # what the table itself refuses
            told = _change_database(connection, table, way, dice)
            connection.commit()
            return f"{path.name}: {told}"
        return f"{path.name}: {way} of {table} refused"
    finally:
        connection.close()


def _change_database(connection: sqlite3.Connection, table: str, way: str, dice: random.Random) -> str:
    column = dice.choice([row[1] for row in connection.execute(f"PRAGMA table_info({table})")])
    match way:
        case "drop":
            connection.execute(f"DROP TABLE {table}")
        case "empty":
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 - a table of ours
        case "some":
            connection.execute(f"DELETE FROM {table} WHERE random() % 2")  # noqa: S608
        case "column":
            connection.execute(f"ALTER TABLE {table} RENAME COLUMN {column} TO other")
        case "version":
            number = dice.choice((-1, 0, 1, 99, 2**31 - 1))
            connection.execute(f"PRAGMA user_version = {number}")
            return f"version {number}"
        case "meta":
            key, text = dice.choice(connection.execute("SELECT key, value FROM meta").fetchall())
            new, told = damage_json(text, dice)
            connection.execute("UPDATE meta SET value = ? WHERE key = ?", (new, key))
            return f"meta {key} {told}"
        case _:
            odd = dice.choice(("x\x1b[31m", -1, 1.5, 1e300, b"\xff\x00", "[" * 5000, None, 2**62, "{}", "5", float("inf")))
            connection.execute(f"UPDATE {table} SET {column} = ?", (odd,))  # noqa: S608
            return f"{table}.{column} = {odd!r:.20}"
    return f"{way} {table}.{column}"
