"""A learner's own picture: read in memory, cropped to a face, never written anywhere."""

from __future__ import annotations

import io
import warnings

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from fercourse.data.faces import IMAGE_SIDE

LARGEST_PICTURE = 50_000_000
"""Pixels; a larger picture is refused before it is decoded."""

SMALLEST_SIDE = 16


class PictureError(ValueError):
    """A picture that cannot be used; the message is a sentence for the learner."""


def read_picture(content: bytes, name: str = "the file") -> np.ndarray:
    """A picture file as grey values, upright.

    Orientation tags are followed, transparency is put on white, colour becomes grey, 16
    bits become 8, and of an animation the first frame is taken.

    Args:
        content: the bytes of a file in any form that Pillow reads, such as PNG, JPEG or
            WebP.
        name: of the file, for messages.

    Returns:
        uint8, shape (height, width), grey 0–255.

    Raises:
        PictureError: no picture, a damaged one, one above `LARGEST_PICTURE` pixels or
            below `SMALLEST_SIDE` on a side.
    """
    if not content:
        raise PictureError(f"{name} is empty. Choose a picture file.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content))
    except UnidentifiedImageError:
        raise PictureError(
            f"{name} is not a picture that can be read here. Choose a PNG, JPEG or "
            f"WebP file."
        ) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large(name) from None
    except (
        Exception
    ) as error:  # a damaged header fails in as many ways as there are formats
        raise _damaged(name, error) from error
    width, height = picture.size
    if width * height > LARGEST_PICTURE:
        raise _too_large(name, width, height)
    if min(width, height) < SMALLEST_SIDE:
        raise PictureError(
            f"{name} has {width} × {height} pixels; a face needs at least "
            f"{SMALLEST_SIDE} on each side."
        )
    try:
        picture.load()
        return np.asarray(_grey(ImageOps.exif_transpose(picture)))
    except Exception as error:
        raise _damaged(name, error) from error


def crop_face(
    picture: np.ndarray, right: float, down: float, side: float
) -> np.ndarray:
    """A square of a picture as a face of 48 × 48.

    Args:
        picture: uint8, shape (height, width).
        right: middle of the square, 0 (left border) to 1 (right border).
        down: middle of the square, 0 (upper border) to 1 (lower border).
        side: of the square as a fraction of the picture's shorter side, above 0 to 1.

    Returns:
        uint8, shape (48, 48). The square is moved inwards where it would leave the
        picture.
    """
    height, width = picture.shape
    length = min(max(side, 0.0) * min(height, width), min(height, width))
    length = max(length, 1.0)
    left = min(max(right * width - length / 2, 0.0), width - length)
    top = min(max(down * height - length / 2, 0.0), height - length)
    square = (left, top, left + length, top + length)
    face = Image.fromarray(picture).resize(
        (IMAGE_SIDE, IMAGE_SIDE), Image.Resampling.LANCZOS, box=square
    )
    return np.asarray(face)


def _grey(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I") or picture.mode == "F":
        values = np.asarray(picture, dtype="float64")
        # 16 bits, or of unknown range: from 0 to the largest value that the form allows
        # or that is there.
        top = (
            65_535.0 if values.max() <= 65_535 and picture.mode != "F" else values.max()
        )
        if picture.mode == "F" and values.max() <= 1:
            top = 1.0
        elif values.max() <= 255:
            top = 255.0
        return Image.fromarray(
            (255 * np.clip(values, 0, top) / max(top, 1e-9)).round().astype("uint8")
        )
    if (
        picture.mode in ("P", "LA", "PA", "RGBA", "RGBa", "La")
        or "transparency" in picture.info
    ):
        opaque = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(opaque, picture.convert("RGBA"))
    return (
        picture.convert("RGB").convert("L")
        if picture.mode not in ("L", "1")
        else picture.convert("L")
    )


def _too_large(name: str, width: int = 0, height: int = 0) -> PictureError:
    size = f"{width:,} × {height:,} pixels" if width else "far too many pixels"
    return PictureError(
        f"{name} has {size}; at most {LARGEST_PICTURE / 1e6:.0f} million are "
        f"accepted. Make it smaller first."
    )


def _damaged(name: str, error: Exception) -> PictureError:
    reason = " ".join(str(error).split())[:120] or type(error).__name__
    return PictureError(
        f"{name} is damaged and cannot be read ({reason}). Save or export it again."
    )
