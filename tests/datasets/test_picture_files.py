"""Picture files as people have them: how they are read and brought to one size, and what is refused in one line."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from tests.datasets.picture_folders import COLOUR, GREY, SPLITS, opened, same_folder, write
from workbench.datasets._picture_files import Frame, look_at, read_picture
from workbench.errors import DataError


@pytest.mark.parametrize("suffix", ["png", "bmp", "tiff", "ppm", "webp"])
def test_formats_without_loss_are_read_as_written(tmp_path: Path, suffix: str) -> None:
    """Every value of every colour, whatever the format."""
    path = tmp_path / f"one.{suffix}"
    Pillow.fromarray(COLOUR).save(path, lossless=True)  # what only WebP asks
    np.testing.assert_array_equal(read_picture(path, Frame(6, 9, "rgb")), COLOUR)


def test_grey_values_are_those_of_rec_601(tmp_path: Path) -> None:
    """Colours as grey are 0.299 R + 0.587 G + 0.114 B; grey as colours is the same three times."""
    Pillow.fromarray(COLOUR).save(tmp_path / "one.png")
    Pillow.fromarray(GREY).save(tmp_path / "grey.pgm")
    expected = COLOUR @ np.array([0.299, 0.587, 0.114])
    assert np.abs(read_picture(tmp_path / "one.png", Frame(6, 9)) - expected).max() <= 1
    np.testing.assert_array_equal(read_picture(tmp_path / "grey.pgm", Frame(6, 9)), GREY)
    np.testing.assert_array_equal(read_picture(tmp_path / "grey.pgm", Frame(6, 9, "rgb")), np.stack([GREY] * 3, axis=2))


@pytest.mark.parametrize("kind", ["png", "tiff", "pgm"])
def test_sixteen_bits_become_bytes(tmp_path: Path, kind: str) -> None:
    """65,535 is white and half of it is half, not what is left of a cut."""
    values = np.array([[0, 257, 32_768], [40_000, 65_278, 65_535]], dtype=np.uint16)
    path = tmp_path / f"deep.{kind}"
    if kind == "pgm":
        path.write_bytes(b"P5 3 2 65535\n" + values.astype(">u2").tobytes())
    else:
        Pillow.fromarray(values).save(path)
    np.testing.assert_array_equal(read_picture(path, Frame(2, 3)), np.rint(values / 65_535 * 255))


def test_numbers_with_a_point_are_fractions_or_bytes(tmp_path: Path) -> None:
    """A TIFF of floating-point numbers; others than 0..1 and 0..255 are refused."""
    for values, expected in (([[0, 0.5, 1]], [[0, 128, 255]]), ([[0, 100, 255]], [[0, 100, 255]])):
        Pillow.fromarray(np.array(values, dtype=np.float32)).save(tmp_path / "f.tif")
        np.testing.assert_array_equal(read_picture(tmp_path / "f.tif", Frame(1, 3)), expected)
    for wrong in ([[-1.0, 2]], [[0, 300.0]], [[0, np.nan]]):
        Pillow.fromarray(np.array(wrong, dtype=np.float32)).save(tmp_path / "f.tif")
        with pytest.raises(DataError, match="Convert it to 8 bits"):
            read_picture(tmp_path / "f.tif", Frame(1, 2))


def test_palettes_and_bits_are_read_as_what_they_show(tmp_path: Path) -> None:
    """An index is no brightness; of a moving picture the first one counts."""
    palette = Pillow.new("P", (2, 1))
    palette.putpalette([10, 20, 30, 200, 100, 50])
    palette.putpixel((1, 0), 1)
    palette.save(tmp_path / "p.png")
    np.testing.assert_array_equal(read_picture(tmp_path / "p.png", Frame(1, 2, "rgb")), [[[10, 20, 30], [200, 100, 50]]])
    Pillow.fromarray(np.array([[True, False]])).save(tmp_path / "b.png")
    np.testing.assert_array_equal(read_picture(tmp_path / "b.png", Frame(1, 2)), [[255, 0]])
    first, second = Pillow.new("L", (2, 2), 0), Pillow.new("L", (2, 2), 255)
    first.save(tmp_path / "m.gif", save_all=True, append_images=[second])
    assert read_picture(tmp_path / "m.gif", Frame(2, 2)).max() == 0


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_shows_white(tmp_path: Path, mode: str) -> None:
    """Not the black, or whatever else, that stands behind it; half transparent is half white."""
    drawn = Pillow.new("RGBA", (2, 1), (0, 0, 0, 255))
    drawn.putpixel((0, 0), (0, 0, 0, 0))
    if mode == "P":
        drawn = Pillow.new("P", (2, 1))
        drawn.putpalette([0, 0, 0, 0, 0, 0])
        drawn.putpixel((1, 0), 1)
        drawn.save(tmp_path / "a.png", transparency=0)
    else:
        drawn.convert(mode).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_picture(tmp_path / "a.png", Frame(1, 2)), [[255, 0]])
    Pillow.new("RGBA", (1, 1), (0, 0, 0, 128)).save(tmp_path / "half.png")
    assert read_picture(tmp_path / "half.png", Frame(1, 1)) == 127


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_as_a_camera_says(tmp_path: Path, orientation: int) -> None:
    """Each of the eight ways of EXIF, by numpy's own turns."""
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    Pillow.fromarray(GREY).save(tmp_path / "e.png", exif=exif)
    turns = (
        *(GREY, GREY[:, ::-1], GREY[::-1, ::-1], GREY[::-1]),
        *(GREY.T, np.rot90(GREY, -1), GREY[::-1, ::-1].T, np.rot90(GREY)),
    )
    expected = turns[orientation - 1]
    np.testing.assert_array_equal(read_picture(tmp_path / "e.png", Frame(*expected.shape)), expected)
    assert look_at(tmp_path / "e.png") == (*expected.shape, False)


def test_three_ways_to_fit(tmp_path: Path) -> None:
    """A wide picture, white left half and black right half with a grey frame, into a square."""
    wide = np.zeros((10, 30), dtype=np.uint8)
    wide[:, 10:20] = 200
    Pillow.fromarray(wide).save(tmp_path / "w.png")
    stretched, cropped, padded = (
        read_picture(tmp_path / "w.png", Frame(10, 10, "grey", fit)) for fit in ("stretch", "crop", "pad")
    )
    assert (stretched[:, 0] == 0).all()
    assert (stretched[:, 5] == 200).all()
    assert (cropped == 200).all()
    assert (padded[[0, 9]] == 255).all()
    assert padded[5, 0] == 0
    assert padded[5, 5] == 200


def test_a_large_photograph_is_scaled_as_by_its_means(tmp_path: Path) -> None:
    """The quick way of decoding a JPEG gives what averaging all of it does."""
    y, x = np.mgrid[:800, :1200]
    Pillow.fromarray((128 + 100 * np.sin(x / 150) * np.cos(y / 90)).astype(np.uint8)).save(tmp_path / "l.jpg", quality=95)
    means = np.asarray(Pillow.open(tmp_path / "l.jpg")).reshape(20, 40, 30, 40).mean(axis=(1, 3))
    assert np.abs(read_picture(tmp_path / "l.jpg", Frame(20, 30)) - means).max() < 4


def saved(kind: str, size: tuple[int, int] = (40, 30)) -> bytes:
    file = io.BytesIO()
    Pillow.fromarray(np.random.default_rng(3).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)).save(file, kind)
    return file.getvalue()


@same_folder
@given(data=st.data(), kind=st.sampled_from(["PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP", "PPM"]))
def test_damaged_files_are_one_line_or_a_picture(tmp_path: Path, data: st.DataObject, kind: str) -> None:
    """Cut anywhere, bytes changed anywhere: a picture of the right size, or an error with the file's name, and nothing else."""
    whole = bytearray(saved(kind))
    if data.draw(st.booleans()):
        whole = whole[: data.draw(st.integers(0, len(whole) - 1))]
    else:
        for place in data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=8)):
            whole[place] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.png"
    path.write_bytes(whole)
    try:
        told, shape = "", read_picture(path, Frame(8, 8)).shape
    except DataError as error:
        told, shape = str(error), (8, 8)
    assert shape == (8, 8)
    assert not told or "damaged.png" in told
    assert "\n" not in told


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it has so many pixels."""
    import struct
    import zlib

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


NO_PICTURES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "text": (b"hello, I am no picture at all\n" * 9, "no picture that Pillow reads"),
    "a page": (b"<html>404 not found</html>", "no picture that Pillow reads"),
    "EPS": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n showpage\n", "no picture that Pillow reads"),
    "cut": (saved("JPEG")[:600], "damaged or cut short"),
    "cut PNG": (saved("PNG")[:2000], "damaged or cut short"),
    "bomb": (bomb(50_000, 50_000), "pixels; expected at most"),
    "small bomb": (bomb(12_000, 10_000), "12000 x 10000 pixels; expected at most 100,000,000"),
}


@pytest.mark.parametrize(("content", "words"), NO_PICTURES.values(), ids=NO_PICTURES)
def test_what_is_no_picture_is_told(tmp_path: Path, content: bytes, words: str, recwarn: pytest.WarningsRecorder) -> None:
    """By its cause, without a warning of Pillow's; beside good pictures it is skipped and counted."""
    path = tmp_path / "bad.png"
    path.write_bytes(content)
    with pytest.raises(DataError, match=words):
        read_picture(path, Frame(8, 8))
    folder = write(tmp_path / "data")
    shutil.copy(path, folder / "cat" / "bad.png")
    dataset = opened(folder)
    assert dataset.num_train + sum(len(dataset.held_out(split)) for split in SPLITS) == 36
    assert any(words.partition(";")[0] in notice and "bad.png" in notice for notice in dataset.notices)
    assert dataset.notices[-1] == "data: bad pictures skipped: 1 in total; pictures used: 36"
    assert not recwarn.list
