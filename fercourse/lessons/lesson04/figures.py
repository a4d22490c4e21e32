"""Figures of lesson 04, each with its alternative text: `fc.show(*lineup(correct))`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fercourse.data.faces import EMOTIONS, IMAGE_SIDE
from fercourse.lessons.lesson04.knowledge import Choice, Knowledge, position_of
from fercourse.models.costs import places
from fercourse.plots.figures import (
    BLUE,
    GREEN,
    GREY,
    INK,
    MAP_COLOURS,
    ORANGE,
    PALE,
    ROW_HEIGHT,
    Options,
    enlarge_text,
    interval_rows,
    name_ends,
    new_figure,
    note,
    show_face,
)
from fercourse.results.statistics import mean_interval

Shown = tuple[Figure, str]
"""A figure and its alternative text."""
REAL = "E"
"""The measured accuracies' letter in `lineup`."""
_LETTERS = "ABCDEF"


# What a cell sees, and what its grid can show
# -------------------------------------------------------------------------------------


def trade_off(face: np.ndarray, size: int = IMAGE_SIDE) -> Shown:
    """For each block, a face on its grid, and below it the field of one cell.

    Args:
        face: shape (48, 48), grey 0–255.
        size: side of the network's input in pixels.
    """
    blocks = places(size)
    figure, axes = new_figure(len(blocks), 2, 5.4, 3.6)
    for number, (above, below, place) in enumerate(zip(*axes, blocks, strict=True), 1):
        show_face(above, averaged(face, place.grid))
        above.set_title(f"block {number}\n{place.grid} × {place.grid}", pad=3)
        side = place.field_on_face
        _field_in_view(below, face, corner_of_field(place.grid, side), side)
        below.set_title(" ")  # room for the heading
    figure.suptitle("what a map can show", x=0.01, ha="left")
    words, corner = "pixels that can influence the features of one cell", (0, 1.06)
    look: Options = {"xycoords": "axes fraction", "annotation_clip": False}
    heading = axes[1, 0].annotate(words, corner, color=INK, **look)
    heading.set_in_layout(False)
    sides = ", ".join(f"{place.field_on_face:.0f}" for place in blocks)
    grids = ", ".join(f"{place.grid}" for place in blocks)
    return enlarge_text(figure), (
        f"One face, for blocks 1 to 5. Above, averaged over {grids} cells a side: eyes "
        "and mouth vanish from the third on. Below, a blue square, the receptive field "
        "of one cell, grows from a bit of the nose to far more than the face: "
        f"{sides} pixels a side."
    )


def _field_in_view(
    axis: Axes, face: np.ndarray, corner: float, side: float, edge: int = 6
) -> None:
    """A face with a field, which may go beyond the narrow edge that is in view."""
    show_face(axis, face)
    # An image's first pixel begins at −0.5.
    start = (corner - 0.5, corner - 0.5)
    axis.add_patch(Rectangle(start, side, side, facecolor=BLUE, alpha=0.3))
    outline: Options = {"fill": False, "linewidth": 1.8, "edgecolor": BLUE}
    axis.add_patch(Rectangle(start, side, side, **outline))
    low, high = -0.5 - edge, IMAGE_SIDE - 0.5 + edge
    axis.set(xlim=(low, high), ylim=(high, low))
    below: Options = {"across": "center", "level": "top", "xycoords": "axes fraction"}
    note(axis, f"{side:.0f} × {side:.0f}", (0.5, -0.05), BLUE, **below)


def averaged(face: np.ndarray, grid: int) -> np.ndarray:
    """A face (48, 48) with each cell of a grid replaced by its mean."""
    cell = IMAGE_SIDE // grid
    # (row of cells, row in the cell, column of cells, column in the cell) → (n, n)
    means = face.reshape(grid, cell, grid, cell).mean(axis=(1, 3))
    return np.kron(means, np.ones((cell, cell)))


def draw_field(axis: Axes, face: np.ndarray, grid: int, side: float) -> None:
    """A face with a middle cell of a grid in orange and its field in blue.

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
    for length, colour in ((side, BLUE), (cell, ORANGE)):
        start = corner + (side - length) / 2 - 0.5
        look: Options = {"fill": False, "linewidth": 1.8, "edgecolor": colour}
        axis.add_patch(Rectangle((start, start), length, length, **look))
    low, high = min(corner, 0), max(corner + side, IMAGE_SIDE)
    edge = 0.03 * (high - low) + 0.5
    axis.set(xlim=(low - edge, high + edge), ylim=(high + edge, low - edge))


def corner_of_field(grid: int, side: float) -> float:
    """Where the field of a middle cell begins, in pixels of the face."""
    # The middle cell or, if there is none, the one before.
    centre = ((grid - 1) // 2 + 0.5) * IMAGE_SIDE / grid
    return centre - side / 2


def maps_at_places(known: Knowledge, number: int) -> Shown:
    """A panel's face under the maps of all networks, and what each answers."""
    ways = ("concat", "multiply")
    networks = [network for network in known.networks if network.after]
    columns = list(dict.fromkeys(position_of(network) for network in networks))
    image, label = known.faces.images[number], known.faces.emotions[number]
    figure, axes = new_figure(len(columns) + 1, 2, 5.4, 3.0)
    for axis in axes.flat:
        axis.axis("off")
    show_face(axes[0, 0], image)
    axes[0, 0].set_title("the face", pad=3)
    words = []
    for network in networks:
        column = 1 + columns.index(position_of(network))
        answer = known.answer(Choice(network), image, number)
        if answer is None or answer.attention_map is None:
            continue  # it does not come with the course
        axis = axes[ways.index(network.combine), column]
        _map_with_cells(axis, answer.attention_map)
        best = int(answer.probabilities.argmax())
        colour = GREEN if best == label else ORANGE
        below: Options = {"across": "center", "level": "top"}
        below["xycoords"] = "axes fraction"
        note(axis, EMOTIONS[best], (0.5, -0.06), colour, **below)
        words.append(f"{network.label}: {EMOTIONS[best]}")
    for axis, position in zip(axes[0, 1:], columns, strict=True):
        axis.set_title(position.replace("block 5", "5"), pad=3)
    for axis, way in zip(axes[:, 1], ways, strict=True):
        left: Options = {"across": "right", "xycoords": "axes fraction"}
        note(axis, way, (-0.08, 0.5), rotation=90, **left)
    colours = ScalarMappable(Normalize(0, 1), MAP_COLOURS)
    bar: Options = {"orientation": "horizontal", "aspect": 40, "ticks": [0, 0.5, 1]}
    figure.colorbar(colours, ax=axes, label="map", **bar)
    return enlarge_text(figure), (
        f"One drawn face, labelled {EMOTIONS[label]}, under the maps of "
        f"{len(networks)} networks, from fine after block 1 to coarse after block 5. "
        f"Their answers: {'; '.join(words)}."
    )


def _map_with_cells(axis: Axes, attention_map: np.ndarray) -> None:
    """A map without its face, with lines between its cells, row 0 at the top."""
    look: Options = {"cmap": MAP_COLOURS, "vmin": 0, "vmax": 1, "edgecolors": "white"}
    fine = len(attention_map) > 12
    axis.pcolormesh(attention_map[::-1], linewidth=0 if fine else 0.3, **look)
    axis.set_aspect("equal")


# Which position is better?
# -------------------------------------------------------------------------------------


def intervals_around(
    rows: Mapping[str, tuple[float, float, float]], reference: str
) -> Shown:
    """Accuracies with their intervals; a pale band extends the reference's interval."""
    figure, axis = new_figure(width=5.0, height=0.7 + ROW_HEIGHT * len(rows))
    _, low, high = rows[reference]
    axis.axvspan(low, high, color=PALE, alpha=0.35, linewidth=0)
    interval_rows(axis, rows, BLUE, INK)
    _names_left(axis)
    for row, (accuracy, _, end) in enumerate(rows.values()):
        note(axis, f"  {accuracy:.1f}", (end, row))
    axis.set_xlabel("PublicTest accuracy (%), 95 % intervals")
    axis.margins(x=0.1)
    values = [row[0] for row in rows.values()]
    inside = sum(low <= value <= high for value in values)
    return enlarge_text(figure, 10), (
        f"PublicTest accuracy of {len(rows)} networks with intervals, from "
        f"{min(values):.1f} to {max(values):.1f} percent. {inside} of the dots are "
        f"inside the interval of {reference}."
    )


def _names_left(axis: Axes) -> None:
    """Names of rows without an axis line or ticks of their own."""
    axis.tick_params(axis="y", length=0)
    axis.spines["left"].set_visible(False)


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
        # In random order: the figure before this one shows the measured ones in theirs.
        accuracies = random.permutation(100 * mixed.mean(axis=1))
        axis.hlines(rows, accuracies.mean(), accuracies, color=PALE, linewidth=1.5)
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
    axis.hist(spans, bins=10, color=PALE, edgecolor="white")
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

    The highest of each half is named, and drawn in colour.
    """
    chosen = max(public, key=public.__getitem__)
    lucky = max(private, key=private.__getitem__)
    bests = {chosen: BLUE, lucky: ORANGE}
    figure, axis = new_figure(width=5.0, height=3.0)
    for name in public:
        colour = bests.get(name, PALE)
        above = 3 if name in bests else 2
        ends = [public[name], private[name]]
        axis.plot([0, 1], ends, "o-", color=colour, markersize=5, zorder=above)
    axis.set_xticks([0, 1], ["PublicTest\n(choose)", "PrivateTest\n(report)"])
    axis.set(xlim=(-0.2, 1.1), ylabel="accuracy (%)")
    enlarge_text(figure, 10)
    name_ends(axis, {name: (1, private[name]) for name in bests}, bests)
    rank = 1 + sum(value > private[chosen] for value in private.values())
    below = 1 + sum(value > public[lucky] for value in public.values())
    return enlarge_text(figure, 10), (
        f"Accuracies of {len(public)} networks on both halves; the lines cross. "
        f"{chosen} is number 1 on PublicTest and number {rank} on PrivateTest, where "
        f"{lucky} is number 1; that one is number {below} on PublicTest."
    )


def own_gains(shares: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Shown:
    """How much more of a face's own map is on its evidence than of other faces' maps.

    Args:
        shares: for each network, the shares of own and of other faces' maps, 0 to 1,
            both of shape (faces,).
    """
    figure, axis = new_figure(width=5.0, height=0.9 + ROW_HEIGHT * len(shares))
    axis.axvline(0, color=GREY, linestyle=":")
    rows = {name: _gain(own - others) for name, (own, others) in shares.items()}
    interval_rows(axis, rows, BLUE, INK)
    _names_left(axis)
    axis.set_ylim(top=-1.6)
    left, right = axis.get_xlim()
    axis.set_xlim(right=right + 0.5 * (right - left))  # room for the grey numbers
    place: Options = {"across": "right", "xycoords": axis.get_yaxis_transform()}
    note(axis, "share: own, others", (1, -1.1), GREY, **place)
    for row, (own, others) in enumerate(shares.values()):
        text = f"{own.mean():.1%}, {others.mean():.1%}".replace("%", " %")
        note(axis, text, (1, row), GREY, **place)
    axis.set_xlabel("own − others (points), 95 % interval")
    words = [
        f"{name} {mean:+z.2f} ({low:z.2f} to {high:z.2f})"
        for name, (mean, low, high) in rows.items()
    ]
    return enlarge_text(figure, 10), (
        "How many points more of a face's own map than of other faces' maps is on its "
        f"evidence, with intervals: {'; '.join(words)}."
    )


def _gain(differences: np.ndarray) -> tuple[float, float, float]:
    """Their mean and the ends of its interval, in percentage points."""
    points = 100 * differences
    return float(points.mean()), *mean_interval(points)
