"""One face under the maps of all networks with a block: a panel of lesson 04."""

from __future__ import annotations

import ipywidgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from fercourse.data.faces import EMOTIONS
from fercourse.lessons.lesson04.knowledge import (
    FACES_PER_EMOTION,
    Choice,
    Knowledge,
    position_of,
)
from fercourse.plots.figures import (
    GREEN,
    INK,
    MAP_COLOURS,
    ORANGE,
    Options,
    Shown,
    enlarge_text,
    new_figure,
    note,
    show_face,
)
from fercourse.plots.widgets import FigurePanel

_WAYS = ("concat", "multiply")
_BELOW: Options = {"across": "center", "level": "top", "xycoords": "axes fraction"}


class MapsPanel(FigurePanel):
    """Choose a face and see all networks' maps for it, and what each answers.

    Example: `maps = lesson04.MapsPanel(panel.known); maps.emotion.value = "sad"`.

    Attributes:
        emotion, face: of the drawn face; faces are numbered from 1.
    """

    def __init__(self, known: Knowledge) -> None:
        self._known = known
        numbers = [(f"{n + 1} of {FACES_PER_EMOTION}", n + 1) for n in range(6)]
        box: Options = {"layout": {"width": "220px"}}
        self.emotion = ipywidgets.Dropdown(
            options=EMOTIONS, value="surprise", description="emotion", **box
        )
        self.face = ipywidgets.Dropdown(
            options=numbers, value=2, description="face", **box
        )
        super().__init__(self.emotion, self.face)

    def draw(self) -> Shown:
        """The face, the maps and the answers, and their alternative text."""
        label = EMOTIONS.index(self.emotion.value)
        return maps_at_places(
            self._known, FACES_PER_EMOTION * label + self.face.value - 1
        )


def maps_at_places(known: Knowledge, number: int) -> Shown:
    """A panel's face under the maps of all networks, and what each answers."""
    networks = [network for network in known.networks if network.after]
    columns = list(dict.fromkeys(position_of(network) for network in networks))
    image, label = known.faces.images[number], known.faces.emotions[number]
    figure, axes = new_figure(len(columns) + 1, 2, 5.6, 3.3)
    # Room for a title of two lines.
    figure.set_layout_engine("constrained", rect=(0, 0, 1, 0.94))
    for axis in axes.flat:
        axis.axis("off")
    show_face(axes[0, 0], image)
    axes[0, 0].set_title("the face", pad=3)
    # In the empty place below: two lines under the face would move the rows apart.
    note(axes[1, 0], f"label:\n{EMOTIONS[label]}", (0.5, 1), INK, **_BELOW)
    words = []
    for network in networks:
        column = 1 + columns.index(position_of(network))
        answer = known.answer(Choice(network), image, number)
        if answer is None or answer.attention_map is None:
            continue  # it does not come with the course
        axis = axes[_WAYS.index(network.combine), column]
        _map_with_cells(axis, answer.attention_map)
        best = int(answer.probabilities.argmax())
        colour = GREEN if best == label else ORANGE
        note(axis, EMOTIONS[best], (0.5, -0.06), colour, **_BELOW)
        words.append(f"{network.label}: {EMOTIONS[best]}")
    for axis, position in zip(axes[0, 1:], columns, strict=True):
        axis.set_title(position.replace(", 96 px", "\n(96 px)"), pad=3)
    for axis, way in zip(axes[:, 1], _WAYS, strict=True):
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
    """A map without its face, with thin lines between large cells, row 0 at the top."""
    look: Options = {"cmap": MAP_COLOURS, "vmin": 0, "vmax": 1, "edgecolors": "white"}
    fine = len(attention_map) > 6
    axis.pcolormesh(attention_map[::-1], linewidth=0 if fine else 0.3, **look)
    axis.set_aspect("equal")
