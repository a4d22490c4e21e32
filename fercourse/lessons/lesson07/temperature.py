"""A panel of lesson 07: what a temperature does to the curve of calibration."""

from __future__ import annotations

import ipywidgets

from fercourse.lessons.lesson07.figures import reliability_plots
from fercourse.plots.figures import figure_png
from fercourse.plots.widgets import Panel, Picture, react
from fercourse.results.calibration import tempered
from fercourse.results.runs import Answers
from fercourse.results.statistics import calibration_curve

TEMPERATURES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0, 1.5, 2.0)


class TemperaturePanel(Panel):
    """Choose a temperature; see how often the answers are right at each confidence.

    Attributes:
        temperature: 1 leaves the probabilities as they are.
    """

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self.temperature = ipywidgets.Select(
            options=[(f"{number:g}", number) for number in TEMPERATURES],
            value=1.0,
            description="temperature",
            rows=len(TEMPERATURES),
            layout={"width": "180px"},
        )
        self.picture = Picture()
        wrap = ipywidgets.Layout(flex_flow="row wrap")
        super().__init__(
            [ipywidgets.Box([self.temperature, self.picture], layout=wrap)]
        )
        react((self.temperature,), self._render)
        self._render()

    def __repr__(self) -> str:
        """Without the picture: a notebook stores this text, and nbval compares it."""
        return f"TemperaturePanel({self.picture.alt!r})"

    def still(self) -> str:
        """The picture."""
        return self.picture.value

    def _render(self, _=None) -> None:
        temperature = self.temperature.value
        changed = tempered(self._answers.probabilities, temperature)
        curve = calibration_curve(changed, self._answers.correct)
        name = f"temperature {temperature:g}"
        figure = reliability_plots({name: curve})
        alt = (
            f"Right answers against confidence at {name}: {curve.error:.1f} points off"
        )
        self.picture.put(figure_png(figure), alt, round(96 * figure.get_figwidth()))


def temperature_panel(answers: Answers) -> TemperaturePanel:
    """The widget of lesson 07: the calibration of a test half at other temperatures.

    Example: `lesson07.temperature_panel(fc.read_run(name).single["public"])`.
    """
    return TemperaturePanel(answers)
