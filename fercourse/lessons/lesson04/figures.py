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
    TALL_ROW,
    Options,
    enlarge_text,
    interval_rows,
    name_ends,
    names_above,
    new_figure,
    note,
    show_face,
    tinted,
)
from fercourse.results.statistics import PairedTest, mean_interval

Shown = tuple[Figure, str]
"""A figure and its alternative text."""
REAL = "E"
"""The measured accuracies' letter in `lineup`."""
_LETTERS = "ABCDEF"


# What a cell sees, and what its grid can show
# -------------------------------------------------------------------------------------


def trade_off(face: np.ndarray, size: int = IMAGE_SIDE) -> Shown:
    """For each block, a face on its grid, and below it the field of one cell.

    All fields are drawn at one scale, on faces of one size.

    Args:
        face: shape (48, 48), grey 0–255.
        size: side of the network's input in pixels.
    """
    blocks = places(size)
    figure, axes = new_figure(len(blocks), 2, 5.8, 4.6)
    for number, (above, place) in enumerate(zip(axes[0], blocks, strict=True), 1):
        show_face(above, averaged(face, place.grid))
        above.set_title(f"block {number}\n{place.grid} × {place.grid}", pad=3)
        axes[1, number - 1].remove()
    grid = axes[0, 0].get_gridspec()
    grid.set_height_ratios([1, 2.7])
    below = figure.add_subplot(grid[1, :])
    draw_fields(below, face, [(place.grid, place.field_on_face) for place in blocks])
    figure.suptitle(f"What a map can show, {size}-pixel faces", x=0.01, ha="left")
    words = "What a cell sees\nafter blocks 1 to 5"
    note(below, words, (0, 1), level="top", xycoords="axes fraction")
    sides = ", ".join(f"{place.field_on_face:.0f}" for place in blocks)
    grids = ", ".join(f"{place.grid}" for place in blocks)
    return enlarge_text(figure), (
        f"One face, for blocks 1 to 5. Above, averaged over {grids} cells a side: eyes "
        "and mouth vanish from the third on. Below, a blue square, the receptive field "
        "of one cell, grows from a bit of the nose to far more than the face: "
        f"{sides} pixels a side."
    )


def draw_fields(
    axis: Axes, face: np.ndarray, fields: Sequence[tuple[int, float]]
) -> None:
    """Faces next to each other, each with the field of a middle cell of its grid.

    Args:
        face: shape (48, 48), grey 0–255.
        fields: for each block, its grid and the side of the field in pixels.
    """
    end = 0.0
    for number, (grid, side) in enumerate(fields, 1):
        corner = corner_of_field(grid, side)
        left = end - min(corner, 0)  # of the face
        whole_face = (left, left + IMAGE_SIDE, IMAGE_SIDE, 0)
        look: Options = {"cmap": "gray", "vmin": 0, "vmax": 255}
        axis.imshow(face, extent=whole_face, interpolation="nearest", **look)
        start = (left + corner, corner)
        axis.add_patch(Rectangle(start, side, side, facecolor=BLUE, alpha=0.15))
        outline: Options = {"fill": False, "linewidth": 1.8, "edgecolor": BLUE}
        axis.add_patch(Rectangle(start, side, side, **outline))
        lower = max(IMAGE_SIDE, corner + side)
        middle = (left + IMAGE_SIDE / 2, lower + 4)
        note(axis, f"{number}", middle, BLUE, across="center", level="top")
        end = left + max(IMAGE_SIDE, corner + side) + 16
    low, high = corner_of_field(*fields[-1]), lower
    axis.set(xlim=(-3, end - 13), ylim=(high + 30, low - 3), aspect="equal")
    axis.axis("off")


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
    figure, axes = new_figure(len(columns), 2, 5.8, 2.9)
    words = []
    for network in networks:
        axis = axes[ways.index(network.combine), columns.index(position_of(network))]
        axis.axis("off")
        answer = known.answer(Choice(network), image, number)
        if answer is None or answer.attention_map is None:
            continue  # it does not come with the course
        axis.imshow(tinted(image, answer.attention_map), interpolation="nearest")
        best = int(answer.probabilities.argmax())
        colour = GREEN if best == label else ORANGE
        below: Options = {"across": "center", "level": "top"}
        below["xycoords"] = "axes fraction"
        note(axis, EMOTIONS[best], (0.5, -0.06), colour, **below)
        words.append(f"{network.label}: {EMOTIONS[best]}")
    for axis, position in zip(axes[0], columns, strict=True):
        axis.set_title(position.replace(", ", "\n"), pad=3)
    for axis, way in zip(axes[:, 0], ways, strict=True):
        note(axis, way, (-0.1, 0.5), across="right", xycoords="axes fraction")
    colours = ScalarMappable(Normalize(0, 1), MAP_COLOURS)
    figure.colorbar(colours, ax=axes, label="map", ticks=[0, 0.5, 1], aspect=30)
    return enlarge_text(figure), (
        f"One drawn face, labelled {EMOTIONS[label]}, under the maps of "
        f"{len(networks)} networks, from fine after block 1 to coarse after block 5. "
        f"Their answers: {'; '.join(words)}."
    )


# Which position is better?
# -------------------------------------------------------------------------------------


def intervals_around(
    rows: Mapping[str, tuple[float, float, float]], reference: str
) -> Shown:
    """Accuracies with their intervals; a pale band extends the reference's interval."""
    figure, axis = new_figure(width=5.0, height=0.7 + TALL_ROW * len(rows))
    _, low, high = rows[reference]
    axis.axvspan(low, high, color=PALE, alpha=0.35, linewidth=0)
    interval_rows(axis, rows, BLUE, INK)
    names_above(axis, list(rows))
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


def spans(correct: np.ndarray, shuffles: int = 500) -> tuple[float, np.ndarray]:
    """Best minus worst accuracy in points, measured and in each of several shuffles.

    `correct` is bool, shape (networks, faces), which faces each network gets right.
    """
    random = np.random.default_rng(0)
    # A shuffle deals the answers to each face among the networks anew.
    mixed = (random.permuted(correct, axis=0) for _ in range(shuffles))
    measured, *by_chance = (np.ptp(100 * x.mean(axis=1)) for x in (correct, *mixed))
    return float(measured), np.array(by_chance)


def span_histogram(spans: Sequence[float] | np.ndarray, measured: float) -> Shown:
    """How far apart the best and the worst are by chance, and the measured distance."""
    figure, axis = new_figure(width=4.6, height=2.5)
    axis.hist(spans, bins=10, color=PALE, edgecolor="white")
    axis.axvline(measured, color=ORANGE, linewidth=2.5)
    high = axis.get_ylim()[1]
    axis.set_ylim(top=1.25 * high)
    note(axis, f" measured: {measured:.1f}", (measured, 1.17 * high), ORANGE)
    note(axis, "noise alone", (max(spans), 0.5 * high), GREY, across="right")
    axis.set(xlabel="best minus worst (points)", ylabel="shuffles")
    return enlarge_text(figure), (
        f"Best minus worst accuracy in {len(spans)} shuffles, in the median "
        f"{np.median(spans):.1f} points. A line marks the measured {measured:.1f} "
        "points."
    )


def duels(pairs: Mapping[str, PairedTest], places: int = 2) -> Shown:
    """For each name, the faces that only one of two networks gets right, and p.

    Args:
        pairs: the network without a block is the first of each pair.
        places: decimal places of p.
    """
    figure, axis = new_figure(width=5.0, height=0.9 + TALL_ROW * len(pairs))
    axis.axvline(0, color=INK, linewidth=1)
    shifted: Options = {"textcoords": "offset points"}
    for row, pair in enumerate(pairs.values()):
        look: Options = {"height": 0.36, "align": "center"}
        axis.barh(row, -pair.only_first, color=GREY, **look)
        axis.barh(row, pair.only_second, color=BLUE, **look)
        first, second = pair.only_first, pair.only_second
        note(axis, f"{first}", (-first, row), "white", xytext=(4, 0), **shifted)
        right: Options = {"across": "right", "xytext": (-4, 0)}
        note(axis, f"{second}", (second, row), "white", **right, **shifted)
        margin: Options = {"across": "right", "xycoords": axis.get_yaxis_transform()}
        note(axis, f"p = {pair.p_value:.{places}f}", (1.0, row), **margin)
    names_above(axis, list(pairs))
    widest = max(max(pair.only_first, pair.only_second) for pair in pairs.values())
    axis.set_xlim(-1.05 * widest, 1.5 * widest)
    axis.set_ylim(len(pairs) - 0.5, -1.3)
    note(axis, "right only without", (0, -1), GREY, "right", xytext=(-5, 0), **shifted)
    note(axis, "only with the block", (0, -1), BLUE, xytext=(5, 0), **shifted)
    axis.spines["bottom"].set_visible(False)
    axis.set_xticks([])
    words = [
        f"{name} {pair.only_first} to {pair.only_second}, p {pair.p_value:.{places}f}"
        for name, pair in pairs.items()
    ]
    return enlarge_text(figure, 10), (
        "Faces that only the network without the block, and only the one with it, gets "
        f"right: {'; '.join(words)}."
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
    figure, axis = new_figure(width=5.0, height=1.0 + TALL_ROW * len(shares))
    axis.axvline(0, color=GREY, linestyle=":")
    rows = {name: _gain(own - others) for name, (own, others) in shares.items()}
    interval_rows(axis, rows, BLUE, INK)
    names_above(axis, list(rows))
    axis.set_ylim(top=-1.4)
    left, right = axis.get_xlim()
    axis.set_xlim(right=right + 0.6 * (right - left))  # room for the grey numbers
    place: Options = {"across": "right", "xycoords": axis.get_yaxis_transform()}
    note(axis, "share: own against others", (1, -1.1), GREY, **place)
    for row, (own, others) in enumerate(shares.values()):
        text = f"{own.mean():.1%} against {others.mean():.1%}".replace("%", " %")
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
