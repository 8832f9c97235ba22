"""Reads a text file as people have them: packed or plain, in whatever encoding, with any line end, line by line.

What a file is shows in its content and not in its name. A file that cannot be read says why, in one line.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import DataError
from workbench.saying import said

__all__ = ["TextLines", "read_lines", "unpacked"]

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16's, which it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LINE_ENDS = re.compile(r"\r\n|\n|\r")  # not NEL, U+2028 and the like, which stand inside of sentences
_BYTE_LINE_ENDS = re.compile(rb"\r\n|\n|\r")
_LOOKED_AT = 4096
_FEW = 3
_UNPACKING = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError)


@dataclass(frozen=True)
class TextLines:
    """A file's lines without their ends; None where a line is not text in the file's encoding.

    Attributes:
        lines: from the first one, empty ones too.
        encoding: what it is written in.
    """

    lines: tuple[str | None, ...]
    encoding: str


def read_lines(path: Path, encoding: str = "", setting: str = "data.encoding") -> TextLines:
    """The lines of a text file.

    Args:
        path: the file; gzip, bzip2, xz and a zip of one file are unpacked.
        encoding: what it is written in; "" for UTF-8, or UTF-16 and UTF-32 where it shows.
        setting: the setting that names the encoding, for messages.
    Raises:
        DataError: it cannot be read, is no text, or is in another encoding.
    """
    raw = unpacked(path)
    if not raw.strip(b"\0\r\n\t "):
        raise DataError(f"{path}: is empty; expected lines of text. Check data.path.")
    if encoding:
        return _decoded(path, raw, encoding, setting)
    for mark, name in _BOMS:
        if raw.startswith(mark):
            return _utf8(path, raw[len(mark) :], setting) if name == "utf-8" else _decoded(path, raw, name, setting)
    wide = _wide(raw)
    if wide:
        return _decoded(path, raw, wide, setting)
    return _utf8(path, raw, setting)


def unpacked(path: Path) -> bytes:
    """A file's content, unpacked where it is packed.

    Raises:
        DataError: it is not a file, cannot be read, or is packed and damaged.
    """
    if path.is_dir():
        raise DataError(f"{path}: is a folder; expected a file. Set data.path to one of the files in it.")
    if path.exists() and not path.is_file():
        raise DataError(f"{path}: is a pipe, socket or device; expected a file that can be read again. Save it as a file.")
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}. Check data.path.") from error
    try:
        if raw.startswith(b"\x1f\x8b"):
            return gzip.decompress(raw)
        if raw.startswith(b"BZh"):
            return bz2.decompress(raw)
        if raw.startswith(b"\xfd7zXZ\0"):
            return lzma.decompress(raw)
        if raw.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return _from_zip(path, raw)
    except _UNPACKING as error:
        raise DataError(
            f"{path}: compressed, and cannot be decompressed: {error}. Download it again, or decompress it yourself."
        ) from error
    return raw


def _from_zip(path: Path, raw: bytes) -> bytes:
    """The one file of an archive; what systems and collections put beside it does not count."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        names = archive.namelist()
        if "[Content_Types].xml" in names:
            raise DataError(f"{path}: an office document; expected text. Export it as tab-separated text in UTF-8.")
        files = [name for name in names if not name.endswith("/") and not _beside(name)]
        if len(files) != 1:
            listed = ", ".join(said(name) for name in files[:5]) or "none"
            raise DataError(
                f"{path}: an archive of {len(files)} files ({listed}); expected one. Extract it, and set data.path to the file."
            )
        return archive.read(files[0])


def _beside(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith((".", "_"))


def _wide(raw: bytes) -> str:
    """UTF-16 or UTF-32 without a mark: every second byte of Latin text is zero; "" where it is neither."""
    head = raw[: _LOOKED_AT - _LOOKED_AT % 4]
    zeros = [head[place::4].count(0) / max(1, len(head[place::4])) for place in range(4)]
    often, seldom = 0.3, 0.05
    if min(zeros[1:]) > often and zeros[0] < seldom:
        return "utf-32-le"
    if min(zeros[:3]) > often and zeros[3] < seldom:
        return "utf-32-be"
    even, odd = min(zeros[0], zeros[2]), min(zeros[1], zeros[3])
    if odd > often and max(zeros[0], zeros[2]) < seldom:
        return "utf-16-le"
    if even > often and max(zeros[1], zeros[3]) < seldom:
        return "utf-16-be"
    return ""


def _decoded(path: Path, raw: bytes, encoding: str, setting: str) -> TextLines:
    try:
        if codecs.lookup(encoding).name == "utf-8":
            return _utf8(path, raw.removeprefix(codecs.BOM_UTF8), setting, sure=True)
        text = raw.decode(encoding)
    except LookupError as error:
        raise DataError(
            f"{setting}: got {said(encoding)}; expected the name of an encoding, such as utf-8, utf-16, cp1252 or latin-1. "
            "Leave it empty for UTF-8."
        ) from error
    except ValueError as error:  # UnicodeDecodeError is one
        raise DataError(
            f"{path}: not {encoding}: {getattr(error, 'reason', error)}; expected text in that encoding. Check {setting}."
        ) from error
    return TextLines(tuple(_LINE_ENDS.split(text.removeprefix("\ufeff"))), encoding)


def _utf8(path: Path, raw: bytes, setting: str, *, sure: bool = False) -> TextLines:
    """Line by line, so that one that is not UTF-8 does not spoil the others; refused where the file is in another encoding."""
    if not sure and _binary(raw[:_LOOKED_AT]):
        raise DataError(f"{path}: not a text file, starts with {raw[:4].hex(' ')}; expected text. Check data.path.")
    lines: list[str | None] = []
    wrong: list[tuple[int, bytes]] = []
    beyond_ascii = 0
    for number, line in enumerate(_BYTE_LINE_ENDS.split(raw), 1):
        try:
            lines.append(line.decode("utf-8"))
            beyond_ascii += not line.isascii()
        except UnicodeDecodeError as error:
            lines.append(None)
            wrong.append((number, line[error.start : error.start + 1]))
    if not sure and (len(wrong) >= _FEW or 10 * len(wrong) > len(lines)) and len(wrong) > beyond_ascii:
        number, byte = wrong[0]
        raise DataError(
            f"{path}: not UTF-8, line {number} has the byte 0x{byte.hex()} and {len(wrong)} lines have such bytes; expected "
            f"UTF-8 or UTF-16. Set {setting} to its encoding (cp1252 for Western Windows, latin-1), or save it as UTF-8."
        )
    return TextLines(tuple(lines), "utf-8")


def _binary(head: bytes) -> bool:
    """Whether it begins with more control signs than text has."""
    strange = sum(head.count(byte) for byte in range(32) if byte not in b"\t\n\r\f\x1b")
    return strange > max(2, len(head) // 10)
