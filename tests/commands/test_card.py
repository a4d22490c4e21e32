"""The card of the shipped models: computed, complete, in step with the runs."""

import re

import pytest

from fercourse.__main__ import main
from fercourse.commands.card import MODEL_CARD, model_card, shipped_runs
from fercourse.data.faces import EMOTIONS
from fercourse.models.pocket import SHIPPED_MODELS
from fercourse.results.runs import evaluate
from fercourse.results.runs import runs as stored_runs


def test_the_stored_card_is_what_the_runs_say():
    assert MODEL_CARD.read_text("utf-8") == model_card(shipped_runs(stored_runs())), (
        "runs or models have changed: `python -m fercourse card --write`"
    )


def test_every_shipped_model_stands_on_it():
    page = MODEL_CARD.read_text("utf-8")
    for path in SHIPPED_MODELS.glob("*.weights.h5"):
        name = path.name.removesuffix(".weights.h5")
        assert len(re.findall(rf"^\| {name} \|", page, re.M)) == 2
    for part in (
        "What they are for",
        "may use them for",
        "Known failures",
        "licence",
        "unseen",
    ):
        assert part in page


def test_figures_of_one_row():
    run = shipped_runs(stored_runs())[0]
    page = model_card([run])
    private = evaluate(run.single["private"])
    confusion = run.single["private"].confusion
    assert (
        f"| {private.accuracy:.1f} ({private.low:.1f} to {private.high:.1f}) |" in page
    )
    recall = [
        f"{100 * confusion[n, n] / confusion[n].sum():.0f}"
        for n in range(len(EMOTIONS))
    ]
    assert f"| {' | '.join(recall)} |" in page
    assert "1 small networks" in page


def test_no_runs_no_card():
    with pytest.raises(ValueError, match="No runs of shipped models"):
        model_card([])


def test_the_command_prints_it(capsys):
    assert main(["card"]) == 0
    assert capsys.readouterr().out == MODEL_CARD.read_text("utf-8")
