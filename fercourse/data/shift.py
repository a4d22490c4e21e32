"""Faces as another camera or another moment would show them: blurred, turned, covered.

Each function takes and returns uint8 images of shape (N, 48, 48).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFilter

GREY = 128
"""What is drawn where a turned or covered face shows nothing."""


def blurred(images: np.ndarray, pixels: float) -> np.ndarray:
    """Out of focus: a Gaussian blur with this standard deviation, in pixels."""
    return _each(images, lambda face: face.filter(ImageFilter.GaussianBlur(pixels)))


def with_contrast(images: np.ndarray, factor: float) -> np.ndarray:
    """Every face's distance from its own mean grey multiplied, 1 for no change."""
    means = images.mean(axis=(1, 2), keepdims=True)  # (N, 1, 1)
    return np.clip(np.rint(means + factor * (images - means)), 0, 255).astype(np.uint8)


def turned(images: np.ndarray, degrees: float) -> np.ndarray:
    """The head tilted counterclockwise by this angle."""
    bilinear = Image.Resampling.BILINEAR
    return _each(images, lambda face: face.rotate(degrees, bilinear, fillcolor=GREY))


def covered(images: np.ndarray, share: float) -> np.ndarray:
    """The lowest share of each picture hidden, 0 to 1, as by a scarf."""
    hidden = images.copy()
    rows = images.shape[1]
    hidden[:, rows - round(share * rows) :] = GREY
    return hidden


def _each(images: np.ndarray, change: Callable) -> np.ndarray:
    faces = [np.asarray(change(Image.fromarray(image))) for image in images]
    return np.stack(faces) if faces else images.copy()
