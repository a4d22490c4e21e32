"""Six reports of trainings, each to be given a remedy: a panel of lesson 08."""

from __future__ import annotations

from html import escape

from fercourse.plots.widgets import ChoicePanel

REPORTS = {
    "A": "It stops in the first step: the device is out of memory.",
    "B": "After some hundred steps the loss is no longer a finite number.",
    "C": "PublicTest is near 25 % after every epoch, and the first loss was 14.",
    "D": "It refuses to begin: the checkpoint belongs to another recipe.",
    "E": "PublicTest ends at 71.0 %, while the accuracy on the training faces is near "
    "100 %.",
    "F": "PublicTest ends at 72.4 %, from one view.",
}
REMEDIES = {
    1: "Halve the batch size; that makes another run, with a name of its own.",
    2: "Look at the faces, labels, features and rates before any longer run.",
    3: "Freeze everything, train the seeds 1 and 2, then look at PrivateTest once.",
    4: "A lower rate, a longer warm-up, or clipped gradients.",
    5: "Give the old command exactly, or the new experiment a folder of its own.",
    6: "Change regularisation or augmentation, one thing at a time, at 112 pixels.",
    7: "Try more seeds until one is above 73.35 %.",
}


class Reports(ChoicePanel):
    """Choose one of seven remedies for each of six reports.

    Example: `reports = lesson08.Reports(); reports.choose(A=7)`.
    """

    def __init__(self) -> None:
        remedies = {f"{number} {text}": number for number, text in REMEDIES.items()}
        super().__init__(REPORTS, remedies, width="98%", max_width="600px")

    def still(self) -> str:
        """The reports, and all remedies as a list."""
        remedies = "".join(f"<li>{escape(text)}</li>" for text in REMEDIES.values())
        return f"{super().still()}<p>Remedies:</p><ol>{remedies}</ol>"
