"""Maps that know nothing about the network: what any method has to beat."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import sobel

from fercourse.data.faces import IMAGE_SIDE


def middle(images: np.ndarray) -> np.ndarray:
    """A round hill in the middle of the picture, the same for every face.

    From (N, 48, 48) to float32 (N, 48, 48), 0 to 1; so do the other baselines.
    """
    places = (np.arange(IMAGE_SIDE) - (IMAGE_SIDE - 1) / 2) / (IMAGE_SIDE / 4)
    hill = np.exp(-(places[:, None] ** 2 + places**2) / 2).astype("float32")
    return np.broadcast_to(hill, images.shape)


def edges(images: np.ndarray) -> np.ndarray:
    """How quickly the grey changes at each pixel: Sobel's edge detector."""
    # One face at a time: SciPy would smooth along all axes, also from face to face.
    slopes = [
        np.hypot(sobel(face, axis=0), sobel(face, axis=1))
        for face in images.astype("float32")
    ]
    return np.stack(slopes) / 1443  # no slope of 0 to 255 is steeper


def random(images: np.ndarray) -> np.ndarray:
    """A number drawn for each pixel."""
    return np.random.default_rng(0).random(images.shape, "float32")


BASELINES = {
    "middle": middle,
    "edges": edges,
    "random": random,
}
"""By name; what lessons and the stored table compare the methods with."""
