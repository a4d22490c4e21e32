"""Test splits drawn at random and what they measure: a widget of lesson 01."""

from __future__ import annotations

import ipywidgets
import numpy as np
from matplotlib.figure import Figure

from fercourse.plots.figures import BLUE, INK, ORANGE, figure_png, new_figure, note
from fercourse.plots.widgets import Panel, Picture, number_box, react
from fercourse.results.statistics import TEST_FACES, wilson_interval

TRUTH = 73.35
"""The accuracy that the paper reports, taken for the true one, in percent."""
SPLITS = 20
_SIZES = (100, 300, 1_000, TEST_FACES, 10_000, 35_887)
_WIDTH = 4.4  # inches


def sampled_intervals(faces: int, draw: int) -> np.ndarray:
    """What a model measures on random test splits, in percent.

    Args:
        faces: in each split.
        draw: the same number gives the same splits.

    Returns:
        Shape (SPLITS, 3): accuracy and the ends of its 95 % interval.
    """
    chance = np.random.Generator(np.random.PCG64(draw))
    correct = chance.binomial(faces, TRUTH / 100, SPLITS).tolist()
    rows = [(100 * n / faces, *wilson_interval(n, faces)) for n in correct]
    return np.array(rows)


class SplitsPanel(Panel):
    """Choose how many faces a test split has; see what twenty splits measure.

    Attributes:
        faces: a test split's number of faces.
        draw: which twenty splits, from 1.
    """

    def __init__(self) -> None:
        sizes = [(f"{size:,}", size) for size in _SIZES]
        self.faces = ipywidgets.Dropdown(
            options=sizes, value=TEST_FACES, description="test faces"
        )
        self.faces.layout.width = "200px"
        self.draw, draws = number_box("draw", 1, 100)
        self._picture, self._says = Picture(), ipywidgets.HTML()
        wrap = ipywidgets.Layout(flex_flow="row wrap")
        controls = ipywidgets.Box([self.faces, draws], layout=wrap)
        super().__init__([controls, self._picture, self._says])
        react((self.faces, self.draw), self._render)
        self._render()

    def __repr__(self) -> str:
        """Without the picture: a notebook stores this text, and nbval compares it."""
        return f"SplitsPanel({self.faces.value} faces, draw {self.draw.value})"

    def still(self) -> str:
        """The picture and what it shows in a sentence."""
        return self._picture.value + self._says.value

    def _render(self, _=None) -> None:
        rows = sampled_intervals(self.faces.value, self.draw.value)
        right = _contain_truth(rows).sum()
        about = f"{self.faces.value:,} faces in each split: measured "
        about += f"{rows[:, 0].min():.1f} to {rows[:, 0].max():.1f} %; {right} of "
        about += f"{SPLITS} intervals contain {TRUTH} %."
        self._picture.put(figure_png(_drawn(rows)), about, round(96 * _WIDTH))
        text = about.replace(" %", "\N{NO-BREAK SPACE}%")
        self._says.value = f"<p>{text}</p>"


def splits_panel() -> SplitsPanel:
    """The widget of lesson 01: the same model measured on twenty random test splits.

    Example: `panel = lesson01.splits_panel(); panel.faces.value = 100`.
    """
    return SplitsPanel()


def _contain_truth(rows: np.ndarray) -> np.ndarray:
    return (rows[:, 1] <= TRUTH) & (rows[:, 2] >= TRUTH)


def _drawn(rows: np.ndarray) -> Figure:
    """A dot and an interval for each split; orange where it misses the truth."""
    figure, axis = new_figure(width=_WIDTH, height=3.2)
    contain = _contain_truth(rows)
    for place, (value, low, high) in enumerate(rows):
        colour = BLUE if contain[place] else ORANGE
        axis.plot([low, high], [place, place], color=colour)
        axis.plot(value, place, "o" if contain[place] else "D", color=colour, ms=4)
    axis.plot([TRUTH, TRUTH], [-0.9, SPLITS], ":", color=INK)
    note(axis, f"truth: {TRUTH} %", (TRUTH, -1), across="center", level="bottom")
    # One scale for every size, or nobody would see the intervals shrink.
    axis.set(xlim=(54, 92), ylim=(SPLITS - 0.3, -2.2), yticks=[])
    axis.set(xlabel="accuracy (%), with 95 % interval", ylabel=f"{SPLITS} test splits")
    return figure
