"""Eight proposed uses to sort by what the law says: a panel of lesson 07."""

from __future__ import annotations

from html import escape
from types import EllipsisType

import ipywidgets

from fercourse.plots.widgets import Panel

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


class Proposals(Panel):
    """Choose one of three words for each of eight proposals.

    Example: `proposals = lesson07.Proposals(); proposals.choose(A="prohibited")`.
    """

    caption = "To answer this, run the lesson or open it in Colab."

    def __init__(self) -> None:
        options = [("not decided yet", ...), *zip(WORDS, WORDS, strict=True)]
        self._lists = {
            letter: ipywidgets.Dropdown(
                options=options,
                value=...,
                description=letter,
                style={"description_width": "24px"},
                layout={"width": "190px"},
            )
            for letter in PROPOSALS
        }
        rows = [
            ipywidgets.VBox([ipywidgets.HTML(escape(text)), self._lists[letter]])
            for letter, text in PROPOSALS.items()
        ]
        super().__init__(rows)

    @property
    def uses(self) -> dict[str, str | EllipsisType]:
        """The chosen word for each letter; `...` where none is chosen yet."""
        return {letter: one.value for letter, one in self._lists.items()}

    def choose(self, **words: str) -> None:
        """Choose words by letter."""
        for letter, word in words.items():
            self._lists[letter].value = word

    def __repr__(self) -> str:
        """What a notebook stores as text."""
        chosen = sum(word is not ... for word in self.uses.values())
        return f"Proposals({chosen} of {len(PROPOSALS)} sorted)"

    def still(self) -> str:
        """The proposals as a list, with the words chosen so far."""
        items = [
            f"<li><b>{letter}</b> {escape(text)}{_chosen(self.uses[letter])}</li>"
            for letter, text in PROPOSALS.items()
        ]
        return f"<ul>{''.join(items)}</ul><p>Choose: {' · '.join(WORDS)}</p>"


def _chosen(word: str | EllipsisType) -> str:
    return "" if word is ... else f" → <em>{word}</em>"
