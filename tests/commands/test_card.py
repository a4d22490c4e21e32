"""The card of the shipped models: computed, complete, in step with the runs."""

import pytest

from fercourse.__main__ import main
from fercourse.commands.card import (
    MODEL_CARD,
    distilled_runs,
    model_card,
    shipped_runs,
)
from fercourse.models.pocket import SHIPPED_MODELS
from fercourse.results.runs import evaluate
from fercourse.results.runs import runs as stored_runs


def test_the_stored_card_is_what_the_command_prints(capsys):
    assert main(["card"]) == 0
    page = capsys.readouterr().out
    assert page == MODEL_CARD.read_text("utf-8"), "`python -m fercourse card --write`"
    for path in SHIPPED_MODELS.glob("*.weights.h5"):
        rows = page.partition("## With a teacher")[0]
        assert rows.count(f"\n| {path.name.removesuffix('.weights.h5')} |") == 2


def test_the_command_writes_it(tmp_path, monkeypatch):
    path = tmp_path / "card.md"
    monkeypatch.setattr("fercourse.commands.card.MODEL_CARD", path)
    assert main(["card", "--write"]) == 0
    assert path.read_text("utf-8") == MODEL_CARD.read_text("utf-8")


def test_figures_of_one_row():
    run = shipped_runs(stored_runs())[0]
    page = model_card([run])
    private = evaluate(run.single["private"])
    assert (
        f"| {private.accuracy:.1f} ({private.low:.1f} to {private.high:.1f}) |" in page
    )
    confusion = run.single["private"].confusion
    recall = 100 * confusion.diagonal() / confusion.sum(axis=1)
    assert f"| {' | '.join(f'{share:.0f}' for share in recall)} |" in page
    assert "1 small networks" in page


def test_the_best_of_the_distilled_models_is_the_last_one():
    taught = distilled_runs(stored_runs())
    public = [evaluate(run.single["public"]).accuracy for run in taught]
    assert public == sorted(public)
    recipe, teachers = taught[-1].recipe, len(taught[-1].teachers)
    about = f"| {recipe['epochs']} | {teachers} | {recipe['distillation']:g} |"
    row = f"{about} {public[-1]:.1f} |"
    rows = MODEL_CARD.read_text("utf-8").partition("## With a teacher")[2]
    assert row in rows.partition("\n\n## ")[0].splitlines()[-1]


def test_networks_of_the_papers_size_have_a_row_each():
    page = MODEL_CARD.read_text("utf-8")
    for run in stored_runs():
        full = run.parameters > 20e6 and run.configuration["size"] == 224
        assert (f"\n| {run.name} | {run.parameters:,} |" in page) == full


def test_no_runs_no_card():
    with pytest.raises(ValueError, match="No runs of shipped models"):
        model_card([])
