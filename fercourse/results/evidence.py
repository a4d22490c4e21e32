"""Does an attention map lie where the expression is? Measured on practice faces, which know the truth.

The evidence of a face is compared with its own map, and with the maps of all the other
faces. The second comparison is the fair baseline: faces are centred, so that any map
that favours the middle of the picture finds some evidence on every face.
"""

from __future__ import annotations

import numpy as np


def evidence_on_grid(evidence: np.ndarray, height: int, width: int) -> np.ndarray:
    """The share of each grid cell that is evidence.

    Args:
        evidence: bool, shape (N, 48, 48), see `fercourse.data.practice.PracticeFaces`.
        height: of the grid; it must divide 48.
        width: of the grid; it must divide 48.

    Returns:
        float64 in [0, 1], shape (N, height, width).

    Raises:
        ValueError: the grid does not divide the picture.
    """
    count, rows, columns = evidence.shape
    if rows % height or columns % width:
        raise ValueError(
            f"A grid of {height}×{width} cells does not divide {rows}×{columns} "
            f"pixels evenly; "
            "give a map whose sides divide those of the picture."
        )
    cells = evidence.reshape(count, height, rows // height, width, columns // width)
    return cells.mean(axis=(2, 4), dtype="float64")


def shares_on_evidence(maps: np.ndarray, evidence: np.ndarray) -> np.ndarray:
    """The share of each map's mass that lies on the evidence of each face.

    The mass of a map is the sum of its cells; each cell spreads its value evenly over
    its pixels. Were the map the same everywhere, the share would be the evidence's
    share of the area.

    Args:
        maps: float, 0 or more, shape (N, height, width); one map for each face. A map
            of zeros counts as one that is the same everywhere.
        evidence: bool, shape (N, 48, 48), of the same faces in the same order.

    Returns:
        float64 in [0, 1], shape (N, N): row i is the map of face i, column j the
        evidence of face j.

    Raises:
        ValueError: other shapes, negative cells, or a grid that does not divide the
            picture.
    """
    if maps.ndim != 3 or evidence.ndim != 3 or len(maps) != len(evidence):
        raise ValueError(
            f"maps {maps.shape} and evidence {evidence.shape} do not belong together; "
            f"expected "
            "(N, height, width) and (N, 48, 48) of the same N faces."
        )
    if maps.min(initial=0) < 0:
        raise ValueError(
            "The maps hold negative numbers, which have no mass; expected 0 or more."
        )
    mass = maps.astype("float64")
    mass = np.where(mass.sum(axis=(1, 2), keepdims=True) > 0, mass, 1.0)
    mass /= mass.sum(axis=(1, 2), keepdims=True)
    cells = evidence_on_grid(evidence, *maps.shape[1:])
    return mass.reshape(len(maps), -1) @ cells.reshape(len(maps), -1).T


def own_and_others(shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For the evidence of each face: the share of its own map, and of the maps of all other faces on average.

    The evidence stays the same and the maps change, so that the difference does not
    depend on how much evidence a face has.

    Args:
        shares: shape (N, N), from `shares_on_evidence`, N at least 2.

    Returns:
        Two arrays of float64 in [0, 1], shape (N,).

    Raises:
        ValueError: fewer than two faces, so that there are no others.
    """
    count = len(shares)
    if count < 2:
        raise ValueError(
            f"{count} face(s): there are no others to compare with; expected 2 or more."
        )
    own = np.diagonal(shares).copy()
    return own, (shares.sum(axis=0) - own) / (count - 1)


def shuffled_means(shares: np.ndarray, times: int = 1000, seed: int = 0) -> np.ndarray:
    """The mean share when the maps are dealt out among the faces at random: what chance alone gives.

    Args:
        shares: shape (N, N), from `shares_on_evidence`.
        times: how often they are dealt out.
        seed: of the dealing.

    Returns:
        float64 in [0, 1], shape (times,).
    """
    random = np.random.default_rng(seed)
    faces = np.arange(len(shares))
    return np.array(
        [shares[faces, random.permutation(faces)].mean() for _ in range(times)]
    )
