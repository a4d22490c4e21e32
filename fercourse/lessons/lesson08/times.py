"""A panel of lesson 08: how long a training takes on other devices."""

from __future__ import annotations

import ipywidgets

from fercourse.lessons.lesson08.budget import seconds_elsewhere
from fercourse.lessons.lesson08.figures import device_times
from fercourse.plots.figures import Shown
from fercourse.plots.widgets import FigurePanel, choice_list
from fercourse.results.runs import Run

SIZES = (224, 112, 48)
EPOCHS = (1, 10, 40)


class TimesPanel(FigurePanel):
    """Choose the size of the faces and how many epochs; see how long devices take.

    Example: `panel = lesson08.TimesPanel(run, on_cpu); panel.size.value = 112`.

    Attributes:
        size: side of the faces in pixels; the run was measured at the first one.
        epochs: of the training.
        price: of an hour of the GPU on which the run was measured.
    """

    def __init__(self, run: Run, on_cpu: Run) -> None:
        self._seconds = {size: seconds_elsewhere(run, on_cpu, size) for size in SIZES}
        sizes = {f"{size} pixels": size for size in SIZES}
        self.size = choice_list("faces of", sizes, SIZES[0])
        self.epochs = choice_list("epochs", EPOCHS, EPOCHS[0])
        self.price = ipywidgets.BoundedFloatText(
            1.0,
            min=0,
            max=1000,
            step=0.1,
            description="H200, price of an hour",
            style={"description_width": "150px"},
            layout={"width": "250px"},
        )
        super().__init__(self.size, self.epochs, self.price)

    def draw(self) -> Shown:
        """The figure for the chosen values, and its alternative text."""
        size, epochs = self.size.value, self.epochs.value
        seconds = {name: epochs * value for name, value in self._seconds[size].items()}
        training = f"{epochs} epoch{'s' * (epochs > 1)} at {size} pixels"
        measured = "H200" if (size, epochs) == (SIZES[0], EPOCHS[0]) else ""
        return device_times(seconds, training, self.price.value, measured)
