"""A learner's own picture: every form comes in right, or with a sentence."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from fercourse.data.own_picture import (
    LARGEST_PICTURE,
    PictureError,
    crop_face,
    read_picture,
)

RAMP = (np.arange(64)[:, None] * 2 + np.arange(48) * 2).astype(
    "uint8"
)  # darkest at the upper left


def file_of(picture: Image.Image, form: str = "PNG", **options) -> bytes:
    content = io.BytesIO()
    picture.save(content, form, **options)
    return content.getvalue()


def test_grey_comes_back_as_it_is():
    read = read_picture(file_of(Image.fromarray(RAMP)))
    assert read.dtype == "uint8"
    assert np.array_equal(read, RAMP)


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "BMP", "TIFF", "GIF"])
def test_forms(form):
    read = read_picture(file_of(Image.fromarray(RAMP), form))
    assert read.shape == RAMP.shape
    assert np.abs(read.astype(int) - RAMP).max() <= 12


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_followed(orientation):
    # What the eye sees is RAMP; the file holds it turned as the tag says.
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = Image.fromarray(RAMP)
    if orientation in undo:
        stored = stored.transpose(undo[orientation])
    tag = Image.Exif()
    tag[0x0112] = orientation
    assert np.array_equal(read_picture(file_of(stored, exif=tag)), RAMP)


def test_transparency_is_white():
    picture = np.zeros((20, 20, 4), "uint8")
    picture[:, 10:, 3] = 255
    read = read_picture(file_of(Image.fromarray(picture)))
    assert (read[:, :10] == 255).all()
    assert (read[:, 10:] == 0).all()


def test_transparent_palette_and_grey_with_alpha():
    grey = np.zeros((20, 20, 2), "uint8")
    assert (read_picture(file_of(Image.fromarray(grey, "LA"))) == 255).all()
    palette = Image.new("P", (20, 20), 0)
    palette.putpalette([10, 10, 10] + [0] * 765)
    assert (read_picture(file_of(palette, transparency=0)) == 255).all()
    assert (read_picture(file_of(palette)) == 10).all()


def test_sixteen_bits_become_eight():
    deep = (RAMP.astype("uint16") * 257).clip(0, 65535)
    assert np.array_equal(read_picture(file_of(Image.fromarray(deep))), RAMP)


def test_colour_becomes_grey_by_brightness():
    red = Image.new("RGB", (20, 20), (255, 0, 0))
    assert read_picture(file_of(red))[0, 0] == 76
    assert (
        read_picture(file_of(Image.new("CMYK", (20, 20), (0, 0, 0, 255)), "JPEG"))[0, 0]
        < 5
    )
    assert read_picture(file_of(Image.new("1", (20, 20), 1)))[0, 0] == 255


def png_that_claims(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunk = (
        struct.pack(">I", 13)
        + b"IHDR"
        + header
        + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    )
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk
        + struct.pack(">I", 0)
        + b"IDAT"
        + struct.pack(">I", zlib.crc32(b"IDAT"))
    )


@pytest.mark.parametrize(
    ("width", "height"), [(8000, 7000), (20_000, 20_000), (100_000, 100_000)]
)
def test_huge_is_refused_before_decoding(width, height):
    assert width * height > LARGEST_PICTURE
    with pytest.raises(PictureError, match="at most 50 million"):
        read_picture(png_that_claims(width, height), "wall.png")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"%PDF-1.7 nothing to see", "not a picture"),
        (b"\x89PNG\r\n\x1a\n", "me.png"),
        (file_of(Image.fromarray(RAMP))[:-40], "is damaged"),
        (file_of(Image.fromarray(RAMP), "JPEG")[:300], "me.png"),
        (file_of(Image.fromarray(RAMP[:8])), "has 48 × 8 pixels"),
    ],
)
def test_what_cannot_be_used_is_said(content, sentence):
    with pytest.raises(PictureError, match=sentence) as error:
        read_picture(content, "me.png")
    assert "me.png" in str(error.value)


def test_crop_is_the_square_that_was_asked_for():
    picture = np.zeros((200, 100), "uint8")
    picture[50:98, 26:74] = np.arange(48)[:, None] * 5
    face = crop_face(picture, right=0.5, down=74 / 200, side=0.48)
    assert face.shape == (48, 48)
    assert np.array_equal(face, picture[50:98, 26:74])


@pytest.mark.parametrize(("right", "down"), [(0, 0), (1, 1), (-3, 9)])
def test_crop_stays_inside(right, down):
    picture = np.full((60, 90), 200, "uint8")
    assert (crop_face(picture, right, down, 1.0) == 200).all()
    assert (crop_face(picture, right, down, 0.0) == 200).all()
