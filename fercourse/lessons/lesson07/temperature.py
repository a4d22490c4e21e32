"""A panel of lesson 07: what a temperature does to the curve of calibration."""

from __future__ import annotations

from collections.abc import Mapping

from fercourse.lessons.lesson07.figures import reliability_plot
from fercourse.plots.figures import Shown
from fercourse.plots.widgets import FigurePanel, choice_list
from fercourse.results.calibration import tempered
from fercourse.results.runs import Run
from fercourse.results.statistics import calibration_curve

TEMPERATURES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.5)


class TemperaturePanel(FigurePanel):
    """Choose a temperature; see how often the answers are right at each confidence.

    Example: `lesson07.TemperaturePanel({"pocket": fc.read_run(name)})`.

    Attributes:
        network: the name of a run, whose answers to PublicTest are shown.
        temperature: 1 leaves the probabilities as they are.
    """

    def __init__(self, runs: Mapping[str, Run]) -> None:
        self._answers = {name: run.single["public"] for name, run in runs.items()}
        self.network = choice_list("network", [*runs], next(iter(runs)))
        self.temperature = choice_list("temperature", TEMPERATURES, 1.0)
        super().__init__(self.network, self.temperature)

    def draw(self) -> Shown:
        """The figure for the chosen values, and its alternative text."""
        temperature = self.temperature.value
        answers = self._answers[self.network.value]
        changed = tempered(answers.probabilities, temperature)
        curve = calibration_curve(changed, answers.correct)
        name = f"{self.network.value}, temperature {temperature:g}"
        figure, _ = reliability_plot({name: curve}, title="PublicTest")
        alt = (
            f"Right answers against confidence at {name}: {curve.error:.1f} points off"
        )
        return figure, alt
