"""Two rows to choose: every control is moved, and what it shows is checked."""

import dataclasses

import numpy as np
import pytest
from made_up import made_up_answers, made_up_run

from fercourse.lessons.lesson05.row_chooser import RowChooser, pair_in_words
from fercourse.plots.widgets import Picture
from fercourse.results.statistics import mcnemar


@pytest.fixture
def chooser():
    """Right: `low` on the first 40 of 100 faces, `high` on 80, `<b>` on 60."""
    turned = made_up_answers(60)
    turned = dataclasses.replace(turned, correct=turned.correct[::-1])
    odd = made_up_run(right=60)
    odd = dataclasses.replace(odd, single={**odd.single, "private": turned})
    runs = {"low": made_up_run(right=40), "high": made_up_run(right=80), "<b>": odd}
    return RowChooser(runs)


@pytest.fixture
def drawn(monkeypatch):
    """The pictures that were put into the panel."""
    pictures, put = [], Picture.put

    def noted_put(self, *about):
        pictures.append(about[0])
        put(self, *about)

    monkeypatch.setattr(Picture, "put", noted_put)
    return pictures


def test_every_control_changes_the_picture_once(chooser, drawn):
    first, second, half, line, picture = chooser.children
    assert "low against high: 40.0 points lower" in line.value
    moves = [
        (half, "PublicTest", "low against high: 40.0 points lower", "0 to 40"),
        (second, "<b>", "low against <b>: 20.0 points lower", "0 to 20"),
        (half, "PrivateTest", "low against <b>", "100 of 100 faces decide, 40 to 60"),
        (first, "high", "high against <b>: 20.0 points higher", "40 to 20"),
    ]
    for number, (control, value, *words) in enumerate(moves, 1):
        control.value = value
        assert all(word in picture.alt for word in words)
        assert picture.alt.replace("<b>", "&lt;b&gt;") in line.value
        assert len(drawn) == number


@pytest.mark.parametrize("control", [0, 1])
def test_a_row_against_itself_changes_places(chooser, drawn, control):
    first, second, *_ = chooser.children
    chosen, other = (first, second) if control == 0 else (second, first)
    chosen.value = other.value
    assert (first.value, second.value) == ("high", "low")
    assert "high against low" in chooser.children[-1].alt and len(drawn) == 1


def test_a_stored_notebook_shows_the_first_two_rows_on_private_test(chooser):
    *_, half, line, picture = chooser.children
    assert half.value == "PrivateTest"
    assert "low against high" in picture.alt
    assert line.value in chooser.still() and picture.value in chooser.still()


def test_one_row_is_not_enough():
    with pytest.raises(ValueError, match="expected at least 2"):
        RowChooser({"low": made_up_run(right=40)})


def test_equal_rows_are_called_equal():
    words = pair_in_words("a", "b", np.arange(4) < 2, np.arange(4) >= 2)
    assert words.startswith("a against b: equally many right. 4 of 4 faces decide")


@pytest.mark.parametrize(("only_first", "counts"), [(14, False), (15, True)])
def test_the_verdict_turns_at_alpha(only_first, counts):
    first, faces = np.arange(100) < only_first, np.arange(100)
    second = (faces >= 50) & (faces < 55)
    p_value = mcnemar(first, second).p_value
    assert (p_value < 0.05) == counts
    verdict = "hardly explains" if counts else "alone could explain"
    words = f"p = {p_value:.4f}: the luck of the faces {verdict}"
    assert words in pair_in_words("a", "b", first, second)
