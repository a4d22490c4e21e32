"""Two rows to choose: every control is moved, and what it shows is looked at."""

import dataclasses

import numpy as np
import pytest
from made_up import made_up_answers, made_up_run

from fercourse.lessons.lesson05.row_chooser import pair_in_words, two_rows
from fercourse.plots.widgets import Picture
from fercourse.results.statistics import mcnemar


@pytest.fixture
def runs():
    """Right are: of `low` the first 40 faces, of `high` 80, of `turned` the last 60 on PrivateTest."""
    turned = made_up_answers(60)
    turned = dataclasses.replace(turned, correct=turned.correct[::-1])
    odd = made_up_run(right=60)
    odd = dataclasses.replace(
        odd, single={"public": odd.single["public"], "private": turned}
    )
    return {"low": made_up_run(right=40), "high": made_up_run(right=80), "turned": odd}


@pytest.fixture
def controls(runs):
    return two_rows(runs).children


def test_it_begins_with_the_first_two_on_public_test(controls):
    first, second, half, line, picture = controls
    assert (first.value, second.value, half.value) == ("low", "high", "PublicTest")
    assert first.options == second.options == ("low", "high", "turned")
    assert picture.alt.startswith(
        "low against high: 40.0 points less. 40 of 100 faces decide, 0 to 40; p is "
        "below 0.0001: more than"
    )
    assert picture.alt in line.value
    assert picture.value.startswith("<img")


def test_every_control_changes_the_picture(controls):
    first, second, half, line, picture = controls
    seen = {picture.value}
    second.value = "turned"
    assert (
        "low against turned: 20.0 points less. 20 of 100 faces decide, 0 to 20"
        in line.value
    )
    seen.add(picture.value)
    half.value = "PrivateTest"
    assert "100 of 100 faces decide, 40 to 60" in line.value
    seen.add(picture.value)
    first.value = "high"
    assert (
        "high against turned: 20.0 points more. 60 of 100 faces decide, 40 to 20"
        in line.value
    )
    seen.add(picture.value)
    assert len(seen) == 4


def test_the_same_row_twice(controls):
    first, second, _, line, picture = controls
    second.value = first.value
    assert "Choose two different rows" in line.value
    assert picture.alt.startswith("Choose two different rows")


def test_one_move_draws_one_picture(controls, monkeypatch):
    drawn = []
    put = Picture.put
    monkeypatch.setattr(
        Picture, "put", lambda self, *about: (drawn.append(about), put(self, *about))
    )
    controls[2].value = "PrivateTest"
    assert len(drawn) == 1


def test_names_are_shown_as_they_are(runs):
    _, _, _, line, picture = two_rows(
        {"<b> & co": runs["low"], "high": runs["high"]}
    ).children
    assert "&lt;b&gt; &amp; co against high" in line.value
    assert "<b> & co against high" in picture.alt


def test_one_row_is_not_enough(runs):
    with pytest.raises(ValueError, match="expected two or more"):
        two_rows({"low": runs["low"]})


@pytest.mark.parametrize(
    ("only_first", "verdict"), [(14, "no more than chance"), (15, "more than chance")]
)
def test_the_verdict_turns_at_alpha(only_first, verdict):
    first = np.arange(100) < only_first
    second = (np.arange(100) >= 50) & (np.arange(100) < 55)
    p_value = mcnemar(first, second).p_value
    assert (p_value < 0.05) == (verdict == "more than chance")
    text = pair_in_words("one", "other", first, second)
    assert f"p is {p_value:.4f}: {verdict} explains" in text
    assert "no more than chance" in pair_in_words(
        "one", "other", first, second, alpha=1e-6
    )
