"""Eight proposed uses to sort by what the law says: a panel of lesson 07."""

from __future__ import annotations

from fercourse.plots.widgets import ChoicePanel

WORDS = ("prohibited", "high-risk", "not covered")
PROPOSALS = {
    "A": "A school films its classes and shows the teacher which pupils look bored or "
    "frustrated.",
    "B": "An employer scores the faces of applicants in video interviews for "
    "enthusiasm.",
    "C": "A call centre watches its employees through their webcams and reports anger "
    "to their supervisor.",
    "D": "The same call centre listens to its customers\u2019 voices and warns the "
    "employee that a caller is angry.",
    "E": "A shop guesses the mood of passers-by from their faces, to choose the "
    "advertisement on a screen.",
    "F": "A program reads written product reviews and marks the angry ones.",
    "G": "A camera in a lorry sounds an alarm when the driver is falling asleep.",
    "H": "A camera takes the picture when everybody smiles, and infers nothing from "
    "it.",
}


class Proposals(ChoicePanel):
    """Choose one of three words for each of eight proposals.

    Example: `proposals = lesson07.Proposals(); proposals.choose(A="prohibited")`.
    """

    def __init__(self) -> None:
        super().__init__(PROPOSALS, dict(zip(WORDS, WORDS, strict=True)), width="190px")

    def still(self) -> str:
        """The proposals, and the words to choose from."""
        return f"{super().still()}<p>Choose: {' · '.join(WORDS)}</p>"
