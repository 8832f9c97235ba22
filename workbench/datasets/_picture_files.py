"""Reads a picture's file into bytes of one size, by Pillow, which is imported when a picture is read. Not a card.

A file is never trusted: what it says of its size is looked at before anything is decoded, only formats that Pillow reads by
itself are tried (EPS would start another program), and whatever goes wrong within a decoder is one line on that file.
"""

from __future__ import annotations

import io
import os
import stat
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from workbench.errors import DataError
from workbench.saying import one_line

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

__all__ = ["SUFFIXES", "Colour", "Fit", "Frame", "check_pillow", "is_picture_name", "look_at", "read_picture", "read_pictures"]

Colour: TypeAlias = Literal["grey", "rgb"]
Fit: TypeAlias = Literal["stretch", "crop", "pad"]

SUFFIXES = (
    *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".dib", ".gif", ".webp", ".tif", ".tiff"),
    *(".pgm", ".ppm", ".pbm", ".pnm", ".tga", ".jp2", ".avif", ".ico", ".pcx"),
)
"""Ends of the names of pictures, in small letters."""
_FORMATS = ("PNG", "JPEG", "MPO", "BMP", "DIB", "GIF", "WEBP", "TIFF", "PPM", "TGA", "JPEG2000", "AVIF", "ICO", "PCX")
_MOST_PIXELS = 100_000_000
_MOST_BYTES = 256 << 20
_WORD = 65_535
_BYTE = 255
_WHITE = 255
_MATRIX = 2
_THREADS = 8


@dataclass(frozen=True)
class Frame:
    """What every picture is brought to.

    Attributes:
        height, width: in pixels.
        colour: grey values, or red, green and blue.
        fit: how a picture of another shape is brought to this one: stretched, its middle cut out, or white put around it.
    """

    height: int
    width: int
    colour: Colour = "grey"
    fit: Fit = "stretch"

    @property
    def channels(self) -> int:
        """1 or 3."""
        return 3 if self.colour == "rgb" else 1

    @property
    def shape(self) -> tuple[int, ...]:
        """Of a picture's array: (height, width), or (height, width, 3)."""
        return (self.height, self.width) if self.colour == "grey" else (self.height, self.width, 3)


def is_picture_name(name: str) -> bool:
    """Whether a file's name ends as those of pictures do."""
    return os.path.splitext(name)[1].lower() in SUFFIXES  # noqa: PTH122 - strings are quick, and there may be many


def check_pillow() -> None:
    """Refuse in one line where Pillow is not installed; it is not imported.

    Raises:
        DataError: with how to install it.
    """
    if find_spec("PIL") is None:
        raise _without_pillow("is not installed")


def _import_pillow() -> None:
    check_pillow()
    try:
        from PIL import Image
    except ImportError as error:  # a library of another system, half an upgrade
        raise _without_pillow(f"cannot be imported ({one_line(str(error))[:120]})") from error
    Image.init()


def _without_pillow(what: str) -> DataError:
    return DataError(
        f"images: Pillow, which reads pictures, {what}; expected it, the extra 'images' of workbench. Install it with "
        'python -m pip install "Pillow>=11".'
    )


def look_at(path: Path) -> tuple[int, int, bool]:
    """Height and width of a picture, turned as a viewer shows it, and whether it has colours.

    Raises:
        DataError: it is no picture that can be read.
    """
    _import_pillow()
    with _quiet():
        picture = _decoded(path, _content(path), None)
        small = _eight_bits(path, picture).convert("RGB").resize((16, 16))
    red, green, blue = np.moveaxis(np.asarray(small, dtype=np.int16), 2, 0)
    coloured = bool((np.abs(red - green) > 16).any() or (np.abs(green - blue) > 16).any())  # noqa: PLR2004 - noise of JPEG
    return picture.height, picture.width, coloured


def read_picture(path: Path, frame: Frame) -> NDArray[np.uint8]:
    """One picture, (height, width) or (height, width, 3).

    It is turned as its EXIF data say, what is transparent shows white, and values of 16 bits become bytes.

    Raises:
        DataError: it is missing, no picture, damaged, or larger than 100 million pixels.
    """
    _import_pillow()
    with _quiet():
        return _framed(path, _content(path), frame)


def read_pictures(paths: Sequence[str], frame: Frame) -> Iterator[tuple[NDArray[np.uint8], bytes] | DataError]:
    """Each picture with a digest of its file, or what is wrong with it, in the order of the paths."""
    _import_pillow()

    def read(path: str) -> tuple[NDArray[np.uint8], bytes] | DataError:
        try:
            content = _content(Path(path))
            return _framed(Path(path), content, frame), blake2b(content, digest_size=16).digest()
        except DataError as error:
            return error

    with _quiet(), ThreadPoolExecutor(min(_THREADS, os.cpu_count() or 1)) as threads:
        for start in range(0, len(paths), 256):  # not all results of a large folder wait in the queue at once
            yield from threads.map(read, paths[start : start + 256])


@contextmanager
def _quiet() -> Iterator[None]:
    """What Pillow would print of odd files is told by us, or is of no account."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _content(path: Path) -> bytes:
    """The file's bytes; a pipe is not opened."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            what = "a folder" if stat.S_ISDIR(found.st_mode) else "a pipe, socket or device"
            raise DataError(f"{path}: is {what}; expected a picture's file. Name a file.")
        if found.st_size == 0:
            raise DataError(f"{path}: is empty; expected a picture. Replace it, or take it out.")
        if found.st_size > _MOST_BYTES:
            raise DataError(f"{path}: got {found.st_size >> 20:,} MB; expected at most {_MOST_BYTES >> 20}. Make it smaller.")
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}. Check the path.") from error
    except ValueError as error:  # a NUL in a table's cell
        raise DataError(f"{str(path)!a}: no path; expected that of a picture. Correct it.") from error


def _framed(path: Path, content: bytes, frame: Frame) -> NDArray[np.uint8]:
    from PIL import Image, ImageOps

    picture = _eight_bits(path, _decoded(path, content, frame))
    try:
        if picture.has_transparency_data:
            picture = picture.convert("RGBA")
            paper = Image.new("RGBA", picture.size, (_WHITE, _WHITE, _WHITE, _WHITE))
            picture = Image.alpha_composite(paper, picture)
        if picture.mode not in ("L", "RGB"):
            picture = picture.convert("L" if picture.mode == "1" else "RGB")
        picture = picture.convert("L" if frame.colour == "grey" else "RGB")
        size = (frame.width, frame.height)
        if picture.size != size:
            how = Image.Resampling.BILINEAR
            match frame.fit:
                case "stretch":
                    picture = picture.resize(size, how)
                case "crop":
                    picture = ImageOps.fit(picture, size, how)
                case "pad":
                    picture = ImageOps.pad(picture, size, how, color=_WHITE if frame.colour == "grey" else (_WHITE,) * 3)
        return np.array(picture, dtype=np.uint8).reshape(frame.shape)
    except Exception as error:
        raise _damaged(path, error) from error


def _decoded(path: Path, content: bytes, frame: Frame | None) -> Picture:
    """The first picture of a file, turned upright."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        picture = Image.open(io.BytesIO(content), formats=[name for name in _FORMATS if name in Image.OPEN])
    except UnidentifiedImageError as error:
        raise DataError(f"{path}: is no picture that Pillow reads; expected PNG, JPEG or the like. Take it out.") from error
    except Image.DecompressionBombError as error:
        raise _too_large(path, str(error).partition("(")[2].partition(" pixels")[0]) from error
    except Exception as error:
        raise _damaged(path, error) from error
    if picture.width * picture.height > _MOST_PIXELS:
        raise _too_large(path, f"{picture.width} x {picture.height}")
    try:
        if frame is not None:  # a JPEG much larger than needed is decoded at a half, a quarter or an eighth
            side = 2 * max(frame.height, frame.width)
            picture.draft(None, (side, side))
        picture.load()
    except Exception as error:
        raise _damaged(path, error) from error
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # noqa: BLE001 - its EXIF data are damaged, the picture is not
        return picture


def _eight_bits(path: Path, picture: Picture) -> Picture:
    """A picture of 16 or 32 bits for a value as one of bytes; any other as it is."""
    from PIL import Image

    if not picture.mode.startswith(("I", "F")):
        return picture
    try:
        values: NDArray[Any] = np.asarray(picture).astype(np.float64)
    except Exception as error:
        raise _damaged(path, error) from error
    low, high = float(values.min()), float(values.max())
    if not (np.isfinite(values).all() and low >= 0 and high <= _WORD and values.ndim == _MATRIX):
        raise DataError(f"{path}: got values from {low:.4g} to {high:.4g}; expected bytes or 16 bits. Convert it to 8 bits.")
    whole = 1.0 if picture.mode == "F" and high <= 1 else float(_BYTE) if picture.mode == "F" else float(_WORD)
    if high > whole:
        raise DataError(f"{path}: got fractions up to {high:.4g}; expected 0..1 or 0..255. Convert it to 8 bits.")
    return Image.fromarray(np.rint(values / whole * _BYTE).astype(np.uint8))


def _too_large(path: Path, size: str) -> DataError:
    return DataError(
        f"{path}: got {size} pixels; expected at most {_MOST_PIXELS:,}. Make it smaller, or take it out if it is no photograph."
    )


def _damaged(path: Path, error: Exception) -> DataError:
    reason = " ".join(str(error).split())[:120] or type(error).__name__
    return DataError(f"{path}: damaged or cut short ({reason}); expected a whole picture. Replace it, or take it out.")
