"""Two rows to choose: every control is moved, and what it shows is checked."""

import dataclasses

import numpy as np
import pytest
from made_up import made_up_answers, made_up_run

from fercourse.lessons.lesson05.row_chooser import pair_in_words, two_rows
from fercourse.plots.widgets import Picture
from fercourse.results.statistics import mcnemar


@pytest.fixture
def runs():
    """Right: `low` on the first 40 faces, `high` on 80, `turned` on 60, see below."""
    turned = made_up_answers(60)  # on PrivateTest the last 60 faces
    turned = dataclasses.replace(turned, correct=turned.correct[::-1])
    odd = made_up_run(right=60)
    single = {"public": odd.single["public"], "private": turned}
    odd = dataclasses.replace(odd, single=single)
    return {"low": made_up_run(right=40), "high": made_up_run(right=80), "turned": odd}


@pytest.fixture
def controls(runs):
    return two_rows(runs).children


def test_every_control_changes_the_picture(controls):
    first, second, half, line, picture = controls
    assert (first.value, second.value, half.value) == ("low", "high", "PublicTest")
    moves = [
        (
            half,
            "PublicTest",
            "low against high: 40.0 points less",
            "0 to 40; p is below",
        ),
        (second, "turned", "low against turned: 20.0 points less", "0 to 20"),
        (
            half,
            "PrivateTest",
            "low against turned",
            "100 of 100 faces decide, 40 to 60",
        ),
        (first, "high", "high against turned: 20.0 points more", "40 to 20"),
    ]
    pictures = set()
    for control, value, *words in moves:
        control.value = value
        assert all(word in line.value for word in words)
        assert picture.alt in line.value
        pictures.add(picture.value)
    assert len(pictures) == 4


def test_the_same_row_twice(controls):
    first, second, _, line, picture = controls
    second.value = first.value
    assert "Choose two different rows" in line.value
    assert "Choose two different rows" in picture.alt


def test_one_move_draws_one_picture(controls, monkeypatch):
    drawn = []
    monkeypatch.setattr(Picture, "put", lambda self, *about: drawn.append(about))
    controls[2].value = "PrivateTest"
    assert len(drawn) == 1


def test_names_are_shown_as_they_are(runs):
    named = {"<b> & co": runs["low"], "high": runs["high"]}
    *_, line, picture = two_rows(named).children
    assert "&lt;b&gt; &amp; co against high" in line.value
    assert "<b> & co against high" in picture.alt


def test_one_row_is_not_enough(runs):
    with pytest.raises(ValueError, match="expected two or more"):
        two_rows({"low": runs["low"]})


@pytest.mark.parametrize(("only_first", "counts"), [(14, False), (15, True)])
def test_the_verdict_turns_at_alpha(only_first, counts):
    first, faces = np.arange(100) < only_first, np.arange(100)
    second = (faces >= 50) & (faces < 55)
    p_value = mcnemar(first, second).p_value
    assert (p_value < 0.05) == counts
    verdict = "more than chance" if counts else "no more than chance"
    assert f"p is {p_value:.4f}: {verdict}" in pair_in_words("a", "b", first, second)
    strict = pair_in_words("a", "b", first, second, alpha=1e-6)
    assert "no more than chance" in strict
