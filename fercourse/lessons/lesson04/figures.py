"""Figures of lesson 04, each with its alternative text: `fc.show(*lineup(correct))`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from fercourse.data.exploration import shrink
from fercourse.data.faces import IMAGE_SIDE
from fercourse.lessons.lesson04.words import field_of_map
from fercourse.models.costs import Place, places
from fercourse.plots.figures import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALE,
    ROW_HEIGHT,
    Options,
    Shown,
    enlarge_text,
    name_ends,
    new_figure,
    note,
    show_face,
)

REAL = "E"
"""The measured accuracies' letter in `lineup`."""
_LETTERS = "ABCDEF"


# What a cell sees, and what its grid can show
# -------------------------------------------------------------------------------------


def trade_off(face: np.ndarray) -> Shown:
    """For each block, a face on its grid, and below it what can influence one cell.

    The face has shape (48, 48), grey 0–255.
    """
    blocks = places(IMAGE_SIDE)
    figure, axes = new_figure(len(blocks), 2, 6.0, 3.75)
    for number, (above, below, place) in enumerate(zip(*axes, blocks, strict=True), 1):
        show_face(above, shrink(face[None], place.grid)[0])
        above.set_title(f"block {number}\n{place.grid} × {place.grid}", pad=3)
        _fields_in_view(below, face, place)
        below.set_title(" ")  # room for the heading
    figure.suptitle("what a map can show", x=0.01, ha="left")
    words = "pixels that can influence a cell's features (blue) and its map (orange)"
    look: Options = {"xycoords": "axes fraction", "annotation_clip": False}
    heading = axes[1, 0].annotate(words, (0, 1.06), color=INK, **look)
    heading.set_in_layout(False)
    sides = ", ".join(f"{place.field_on_face:.0f}" for place in blocks)
    windows = ", ".join(f"{field_of_map(place):.0f}" for place in blocks[:2])
    grids = ", ".join(f"{place.grid}" for place in blocks)
    return enlarge_text(figure), (
        f"One face, for blocks 1 to 5. Above, averaged over {grids} cells a side: eyes "
        "and mouth vanish from the third on. Below, a blue square, the receptive field "
        "of one cell, grows from a bit of the nose to far more than the face: "
        f"{sides} pixels a side. An orange one, for a cell of the map, has {windows} "
        "pixels, then all."
    )


def _fields_in_view(axis: Axes, face: np.ndarray, place: Place, edge: int = 6) -> None:
    """A face with two fields, which may go beyond the narrow edge that is in view."""
    show_face(axis, face)
    side, wide = place.field_on_face, field_of_map(place)
    corner, wide_corner = (corner_of_field(place.grid, s) - 0.5 for s in (side, wide))
    look: Options = {"fill": False, "linewidth": 1.8}
    dashed: Options = {"edgecolor": ORANGE, "linestyle": "--", **look}
    axis.add_patch(Rectangle((wide_corner, wide_corner), wide, wide, **dashed))
    start = (corner, corner)  # an image's first pixel begins at −0.5
    axis.add_patch(Rectangle(start, side, side, facecolor=BLUE, alpha=0.3))
    axis.add_patch(Rectangle(start, side, side, edgecolor=BLUE, **look))
    low, high = -0.5 - edge, IMAGE_SIDE - 0.5 + edge
    axis.set(xlim=(low, high), ylim=(high, low))
    below: Options = {"across": "center", "level": "top", "xycoords": "axes fraction"}
    note(axis, f"{side:.0f} × {side:.0f}", (0.5, -0.05), BLUE, **below)
    whole = f"{wide:.0f} × {wide:.0f}" if wide <= IMAGE_SIDE else "whole face"
    note(axis, whole, (0.5, -0.28), ORANGE, **below)


def draw_field(axis: Axes, face: np.ndarray, grid: int, side: float) -> None:
    """A face with a middle cell of a grid in black and its field in blue.

    The view is wide enough for the whole field; what is outside it is pale.
    """
    show_face(axis, face)
    corner = corner_of_field(grid, side)
    pixels = np.arange(IMAGE_SIDE) + 0.5
    inside = (corner < pixels) & (pixels < corner + side)
    veil = np.ones((IMAGE_SIDE, IMAGE_SIDE, 4))  # white, and how opaque it is
    veil[..., 3] = 0.75 * ~np.outer(inside, inside)
    axis.imshow(veil, interpolation="nearest")
    cell = IMAGE_SIDE / grid
    # An image's first pixel begins at −0.5.
    # A black line may be on hair or an eye, so it has a white one below it.
    squares = (side, BLUE, 1.8), (cell, "white", 3), (cell, "black", 1.4)
    for length, colour, width in squares:
        start = corner + (side - length) / 2 - 0.5
        look: Options = {"fill": False, "linewidth": width, "edgecolor": colour}
        axis.add_patch(Rectangle((start, start), length, length, **look))
    low, high = min(corner, 0), max(corner + side, IMAGE_SIDE)
    edge = 0.03 * (high - low) + 0.5
    axis.set(xlim=(low - edge, high + edge), ylim=(high + edge, low - edge))


def corner_of_field(grid: int, side: float) -> float:
    """Where the field of a middle cell begins, in pixels of the face."""
    # The middle cell or, if there is none, the one before.
    centre = ((grid - 1) // 2 + 0.5) * IMAGE_SIDE / grid
    return centre - side / 2


# Which position is better?
# -------------------------------------------------------------------------------------


def intervals_around(
    rows: Mapping[str, tuple[float, float, float]],
    reference: str,
    controls: Sequence[str],
) -> Shown:
    """Accuracies with their intervals, in percent, the controls grey and below a gap.

    A pale band continues the interval of the network called `reference`.
    """
    figure, axis = new_figure(width=6.0, height=1.0 + ROW_HEIGHT * len(rows))
    names = [name for name in rows if name not in controls]
    heights = [*range(len(names)), *range(len(names) + 1, len(rows) + 1)]
    _, low, high = rows[reference]
    axis.axvspan(low, high, color=PALE, alpha=0.45, linewidth=0)
    for height, name in zip(heights, [*names, *controls], strict=True):
        accuracy, *ends = rows[name]
        colour = GREY if name in controls else INK if name == reference else BLUE
        axis.plot(ends, [height] * 2, color=colour, linewidth=2)
        axis.plot(accuracy, height, "o", color=colour, markeredgecolor="white")
        right: Options = {"xycoords": axis.get_yaxis_transform()}
        note(axis, f"{accuracy:.1f}", (1.02, height), colour, **right)
    axis.set_yticks(heights, [*names, *controls])
    axis.set_ylim(len(rows) + 0.6, -0.6)
    words = "controls: their position can hardly matter"
    note(axis, words, (0, len(names)), GREY, xycoords=axis.get_yaxis_transform())
    axis.tick_params(axis="y", length=0)
    axis.spines["left"].set_visible(False)
    axis.set_xlabel("PublicTest accuracy (%), 95 % intervals")
    values = {name: row[0] for name, row in rows.items()}
    inside = sum(low <= value <= high for value in values.values())
    about = [
        f"{min(part):.1f} to {max(part):.1f} percent"
        for part in ([values[n] for n in names], [values[n] for n in controls])
    ]
    return enlarge_text(figure, 10), (
        f"PublicTest accuracy with intervals: {len(names)} networks, {about[0]}, and "
        f"below them {len(controls)} controls, {about[1]}. {inside} of the "
        f"{len(rows)} dots are inside the interval of {reference}."
    )


def lineup(correct: np.ndarray, seed: int = 2) -> Shown:
    """The measured accuracies among five sets of shuffled ones, in random order.

    Args:
        correct: bool, shape (networks, faces), which faces each network gets right.
        seed: of the shuffles.
    """
    random = np.random.default_rng(seed)
    figure, axes = new_figure(3, 2, 5.0, 3.6)
    rows = np.arange(len(correct))
    spans = []
    for axis, letter in zip(axes.flat, _LETTERS, strict=True):
        mixed = correct if letter == REAL else random.permuted(correct, axis=0)
        # In random order: the shuffled ones have none.
        accuracies = random.permutation(100 * mixed.mean(axis=1))
        axis.hlines(rows, accuracies.mean(), accuracies, color=GREY, linewidth=1)
        axis.plot(accuracies, rows, "o", color=BLUE, markersize=4)
        axis.set(title=letter, yticks=[])
        axis.spines["left"].set_visible(False)
        spans.append(f"{letter} {np.ptp(accuracies):.1f}")
    ends = [axis.get_xlim() for axis in axes.flat]
    for axis in axes.flat:
        axis.set_xlim(min(low for low, _ in ends), max(high for _, high in ends))
    for axis in axes[1]:
        axis.set_xlabel("accuracy (%)")
    return enlarge_text(figure, 10), (
        f"Six panels with {len(correct)} accuracies each, one measured and five "
        f"shuffled. Best minus worst in points: {', '.join(spans)}."
    )


def equally_good(correct: np.ndarray, shuffles: int = 500) -> np.ndarray:
    """Accuracies in percent of networks that are equally good, (shuffles, networks).

    Each shuffle deals the answers to each face among the networks anew. `correct` is
    bool, shape (networks, faces), which faces each network gets right.
    """
    random = np.random.default_rng(0)
    mixed = (random.permuted(correct, axis=0) for _ in range(shuffles))
    return np.array([100 * answers.mean(axis=1) for answers in mixed])


def spans(correct: np.ndarray, shuffles: int = 500) -> tuple[float, np.ndarray]:
    """Best minus worst accuracy in points, measured and in each of several shuffles.

    `correct` is bool, shape (networks, faces), which faces each network gets right.
    """
    measured = np.ptp(100 * correct.mean(axis=1))
    return float(measured), np.ptp(equally_good(correct, shuffles), axis=1)


def span_histogram(spans: Sequence[float] | np.ndarray, measured: float) -> Shown:
    """How far apart the best and the worst are by chance, and the measured distance."""
    figure, axis = new_figure(width=4.6, height=2.5)
    axis.hist(spans, bins=10, color=GREY, alpha=0.6, edgecolor="white")
    axis.axvline(measured, color=ORANGE, linewidth=2.5)
    high = axis.get_ylim()[1]
    axis.set_ylim(top=1.25 * high)
    words = f"measured: {measured:.1f} "
    note(axis, words, (measured, 1.17 * high), ORANGE, across="right")
    common = np.quantile(spans, 0.95)
    axis.axvline(common, color=INK, linestyle="--")
    words = f" 1 shuffle in 20\n is above {common:.1f}"
    note(axis, words, (common, 0.8 * high))
    left, right = axis.get_xlim()
    axis.set_xlim(right=max(right, common + 0.45 * (right - left)))
    axis.set(xlabel="best minus worst (points)", ylabel="shuffles")
    return enlarge_text(figure), (
        f"Best minus worst accuracy in {len(spans)} shuffles, in the median "
        f"{np.median(spans):.1f} points, in one of 20 above {common:.1f}. A line marks "
        f"the measured {measured:.1f} points."
    )


def two_halves(public: Mapping[str, float], private: Mapping[str, float]) -> Shown:
    """Each network's accuracy on PublicTest and PrivateTest, joined by a line.

    The highest of each half is in colour.
    """
    chosen = max(public, key=public.__getitem__)
    lucky = max(private, key=private.__getitem__)
    bests = {chosen: BLUE, lucky: ORANGE}
    figure, axis = new_figure(width=5.0, height=3.0)
    for name in public:
        colour = bests.get(name, GREY)
        above = 3 if name in bests else 2
        ends = [public[name], private[name]]
        width = 2 if name in bests else 1
        look: Options = {"linewidth": width, "markersize": 5, "zorder": above}
        axis.plot([0, 1], ends, "o-", color=colour, **look)
    axis.set_xticks([0, 1], ["PublicTest\n(choose)", "PrivateTest\n(report)"])
    axis.set(xlim=(-0.2, 1.1), ylabel="accuracy (%)")
    enlarge_text(figure, 10)
    colours = {name: bests.get(name, GREY) for name in public}
    name_ends(axis, {name: (1, private[name]) for name in public}, colours)
    rank = 1 + sum(value > private[chosen] for value in private.values())
    below = 1 + sum(value > public[lucky] for value in public.values())
    return enlarge_text(figure, 10), (
        f"Accuracies of {len(public)} networks on both halves; the lines cross. "
        f"{chosen} is number 1 on PublicTest and number {rank} on PrivateTest, where "
        f"{lucky} is number 1; that one is number {below} on PublicTest."
    )
