"""A learner's own picture: every form comes in right, or with a sentence."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from fercourse.data.own_picture import (
    LARGEST_FILE,
    LARGEST_PICTURE,
    PictureError,
    crop_face,
    read_picture,
)

# Darkest at the upper left.
RAMP = (np.arange(64)[:, None] * 2 + np.arange(48) * 2).astype("uint8")


def file_of(picture, form="PNG", **options):
    if isinstance(picture, np.ndarray):
        picture = Image.fromarray(picture)
    content = io.BytesIO()
    picture.save(content, form, **options)
    return content.getvalue()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF"])
def test_forms(form):
    read = read_picture(file_of(RAMP, form))
    assert (read.dtype, read.shape) == ("uint8", RAMP.shape)
    assert np.abs(read.astype(int) - RAMP).max() <= (12 if form != "PNG" else 0)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_followed(orientation):
    # What the eye sees is RAMP; the file holds it turned as the tag says.
    turn = Image.Transpose
    undo = [turn.FLIP_LEFT_RIGHT, turn.ROTATE_180, turn.FLIP_TOP_BOTTOM]
    undo += [turn.TRANSPOSE, turn.ROTATE_90, turn.TRANSVERSE, turn.ROTATE_270]
    stored = Image.fromarray(RAMP)
    if orientation > 1:
        stored = stored.transpose(undo[orientation - 2])
    tag = Image.Exif()
    tag[0x0112] = orientation
    assert np.array_equal(read_picture(file_of(stored, exif=tag)), RAMP)


def test_transparency_is_white():
    picture = np.zeros((20, 20, 4), "uint8")
    picture[:, 10:, 3] = 255
    read = read_picture(file_of(picture))
    assert (read[:, :10] == 255).all() and (read[:, 10:] == 0).all()
    grey = Image.fromarray(np.zeros((20, 20, 2), "uint8"), "LA")
    assert (read_picture(file_of(grey)) == 255).all()
    palette = Image.new("P", (20, 20), 0)
    palette.putpalette([10, 10, 10] + [0] * 765)
    assert (read_picture(file_of(palette, transparency=0)) == 255).all()
    assert (read_picture(file_of(palette)) == 10).all()


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
def test_deep_grey_is_scaled_by_its_range(bits):
    deep = np.arange(48 * 48).reshape(48, 48) * (2**bits - 1) // (48 * 48 - 1)
    read = read_picture(file_of(deep.astype("uint16")))
    assert (read.min(), read.max()) == (0, 255)
    assert np.abs(read - deep * 255 / (2**bits - 1)).max() <= 0.5


@pytest.mark.parametrize("channels", [2, 3, 4])
@pytest.mark.parametrize("bits", [12, 16])
def test_deep_colour_is_read_or_refused_but_never_black(bits, channels):
    content = deep_png(np.full((20, 20, channels), 2**bits - 1, ">u2"))
    if bits == 16:
        assert (read_picture(content) == 255).all()
    else:
        with pytest.raises(PictureError, match="Save it with 8 bits"):
            read_picture(content)


def test_other_depths_become_eight_bits():
    large = file_of(RAMP.astype("int32") * 1000, "TIFF")
    assert read_picture(large)[[0, -1], [0, -1]].tolist() == [0, 255]
    assert read_picture(file_of(Image.new("1", (20, 20), 1)))[0, 0] == 255


def test_fractions_are_refused():
    shares = file_of((RAMP / 255).astype("float32"), "TIFF")
    with pytest.raises(PictureError, match="holds fractions"):
        read_picture(shares)


def test_colour_becomes_grey_by_brightness():
    red = Image.new("RGB", (20, 20), (255, 0, 0))
    assert read_picture(file_of(red))[0, 0] == 76


@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
def test_inks_become_grey(form):
    ink = Image.new("CMYK", (20, 20), (0, 0, 0, 255))
    assert read_picture(file_of(ink, form))[0, 0] < 5
    printed = Image.fromarray(np.stack([RAMP] * 3, axis=-1)).convert("CMYK")
    read = read_picture(file_of(printed, form))
    assert np.abs(read.astype(int) - RAMP).max() <= 4


def png(width, height, content=b"", bits=8, kind=0):
    def chunk(name, content):
        checksum = struct.pack(">I", zlib.crc32(name + content))
        return struct.pack(">I", len(content)) + name + content + checksum

    header = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)
    rest = chunk(b"IDAT", content) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + rest


def deep_png(values):
    """A PNG with 16 bits for each of 2 to 4 channels, which Pillow does not write."""
    rows = zlib.compress(b"".join(b"\0" + row.tobytes() for row in values))
    height, width, channels = values.shape
    return png(width, height, rows, bits=16, kind={2: 4, 3: 2, 4: 6}[channels])


@pytest.mark.parametrize(
    ("width", "height"), [(8000, 7000), (20_000, 20_000), (100_000, 100_000)]
)
def test_huge_is_refused_before_decoding(width, height):
    assert width * height > LARGEST_PICTURE
    with pytest.raises(PictureError, match="at most 50 million"):
        read_picture(png(width, height), "wall.png")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (bytes(LARGEST_FILE + 1), "10.0 MB; at most 10 are"),
        (b"%PDF-1.7 nothing to see", "not a picture"),
        (b"\x89PNG\r\n\x1a\n", ""),
        (file_of(RAMP)[:-40], "is damaged"),
        (file_of(RAMP, "JPEG")[:300], ""),
        (file_of(RAMP[:8]), "has 48 × 8 pixels"),
    ],
)
def test_what_cannot_be_used_is_said(content, words):
    with pytest.raises(PictureError, match=rf"me\.png.*{words}"):
        read_picture(content, "me.png")


def test_crop_is_the_square_that_was_asked_for():
    picture = np.zeros((200, 100), "uint8")
    picture[50:98, 26:74] = np.arange(48)[:, None] * 5
    face = crop_face(picture, across=0.5, down=74 / 200, side=0.48)
    assert np.array_equal(face, picture[50:98, 26:74])


@pytest.mark.parametrize(("right", "down"), [(0, 0), (1, 1), (-3, 9)])
@pytest.mark.parametrize("side", [0.0, 1.0])
def test_crop_stays_inside(right, down, side):
    picture = np.full((60, 90), 200, "uint8")
    assert (crop_face(picture, right, down, side) == np.full((48, 48), 200)).all()
