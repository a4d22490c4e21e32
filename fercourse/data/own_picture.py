"""A learner's own picture: read in memory, cropped to a face, never stored."""

from __future__ import annotations

import io
import warnings

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from fercourse.data.faces import IMAGE_SIDE

LARGEST_FILE = 10_000_000
"""Bytes. A Jupyter server drops messages above 10 MiB unless it is told otherwise."""

LARGEST_PICTURE = 50_000_000
"""Pixels; a larger picture is refused before it is decoded."""

SMALLEST_SIDE = 16


class PictureError(ValueError):
    """A picture that cannot be used; the message is a sentence for the learner."""


def read_picture(content: bytes, name: str = "the file") -> np.ndarray:
    """Read a picture file as grey values, upright.

    Orientation tags are followed, transparency becomes white, colour becomes grey, 10
    to 16 bits become 8, and only the first frame of an animation is read.

    Returns:
        uint8, shape (height, width), grey 0–255.

    Raises:
        PictureError: no picture, a damaged one, one above `LARGEST_FILE` bytes or
            `LARGEST_PICTURE` pixels, or below `SMALLEST_SIDE` on a side.
    """
    if not content:
        raise PictureError(f"{name} is empty. Choose a picture file.")
    if len(content) > LARGEST_FILE:
        raise PictureError(
            f"{name} has {len(content) / 1e6:.1f} MB; at most {LARGEST_FILE / 1e6:.0f} "
            "are accepted. Make the picture smaller or save it as a JPEG file."
        )
    largest = f"at most {LARGEST_PICTURE / 1e6:.0f} million are accepted"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content))
        width, height = picture.size
        if width * height > LARGEST_PICTURE:
            raise PictureError(
                f"{name} has {width:,} × {height:,} pixels; {largest}. "
                "Make it smaller first."
            )
        if min(width, height) < SMALLEST_SIDE:
            raise PictureError(
                f"{name} has {width} × {height} pixels; a face needs at least "
                f"{SMALLEST_SIDE} on each side."
            )
        if _lost_its_colours(picture):
            raise PictureError(
                f"{name} has 16 bits for each colour but uses 14 or fewer of them, so "
                "it would be almost black. Save it with 8 bits for each colour."
            )
        if picture.mode == "F":
            raise PictureError(
                f"{name} holds fractions, whose range is not known. Save it as PNG or "
                "JPEG."
            )
        return np.asarray(_grey(ImageOps.exif_transpose(picture)))
    except PictureError:
        raise
    except UnidentifiedImageError:
        raise PictureError(
            f"{name} is not a picture that can be read here. Choose a PNG, JPEG or "
            "WebP file."
        ) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureError(
            f"{name} has far too many pixels; {largest}. Make it smaller first."
        ) from None
    except (
        Exception
    ) as error:  # a damaged file fails in as many ways as there are forms
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        raise PictureError(
            f"{name} is damaged and cannot be read ({reason}). Save or export it again."
        ) from error


def square_of(
    picture: np.ndarray, across: float, down: float, side: float
) -> tuple[float, float, float]:
    """Where a square is: its left and upper border and its side, in pixels.

    The square is moved inwards where it would leave the picture.

    Args:
        picture: shape (height, width).
        across: middle of the square, 0 (left border) to 1 (right border).
        down: middle of the square, 0 (upper border) to 1 (lower border).
        side: of the square as a fraction of the picture's shorter side, above 0 to 1.
    """
    height, width = picture.shape
    length = float(np.clip(side * min(height, width), 1, min(height, width)))
    left = float(np.clip(across * width - length / 2, 0, width - length))
    top = float(np.clip(down * height - length / 2, 0, height - length))
    return left, top, length


def crop_face(
    picture: np.ndarray, across: float, down: float, side: float
) -> np.ndarray:
    """The square of `square_of` as a face: uint8, shape (48, 48).

    The picture is uint8, shape (height, width).
    """
    left, top, length = square_of(picture, across, down, side)
    face = Image.fromarray(picture).resize(
        (IMAGE_SIDE, IMAGE_SIDE),
        Image.Resampling.LANCZOS,
        box=(left, top, left + length, top + length),
    )
    return np.asarray(face)


def _lost_its_colours(picture: Image.Image) -> bool:
    """Whether loading leaves little: of 16 bits a colour, Pillow keeps the upper 8."""
    deep = ";16" in str(getattr(picture, "tile", ""))  # how the file holds the pixels
    picture.load()
    colours = picture.mode in ("RGB", "RGBA")
    return deep and colours and bool(np.asarray(picture)[..., :3].max() < 64)


def _grey(picture: Image.Image) -> Image.Image:
    """The picture in Pillow's mode L: 8 bits of grey."""
    if picture.mode.startswith("I"):
        values = np.asarray(picture, dtype="float64")
        # The range is not stored: take the smallest usual one that holds all values.
        depths = [2**bits - 1 for bits in (8, 10, 12, 14, 16)]
        largest = max(values.max(), 0)
        top = next((top for top in depths if largest <= top), largest)
        values = 255 * np.clip(values, 0, top) / top
        return Image.fromarray(values.round().astype("uint8"))
    if picture.has_transparency_data:
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture.convert("RGBA"))
    if picture.mode not in ("L", "1"):
        picture = picture.convert("RGB")
    return picture.convert("L")
