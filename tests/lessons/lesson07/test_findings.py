"""The findings of others and the rules of lesson 07, drawn."""

import pytest
from drawn import overlaps, texts

from fercourse.lessons.lesson07 import checks, findings


def test_two_people_have_a_bar_each_for_each_score():
    scores = {"smile": (48.1, 48.7), "angry": (0.13, 27)}
    figure, alt = findings.paired_scores(scores, ("one", "other"))
    widths = [bar.get_width() for bar in figure.axes[0].patches]
    assert widths == pytest.approx([48.1, 0.13, 48.7, 27])
    assert {"one", "other", "0.13", "27"} <= texts(figure)
    assert alt == "Scores of one and other: smile 48.1 and 48.7; angry 0.13 and 27."
    assert overlaps(figure) == []


def test_shares_end_where_the_whole_is():
    figure, alt = findings.shares_of_all({"low": 13, "high": 30}, "always", "share")
    assert {"low", "13 %", "high", "30 %"} <= texts(figure)
    assert figure.axes[0].get_xlim()[1] > 100
    assert alt == "share: low 13 %; high 30 %; always would be 100 %."
    assert overlaps(figure) == []


def test_the_law_has_three_questions_and_the_verdicts_of_the_exercise():
    figure, alt = findings.law_diagram()
    shown = " ".join(texts(figure)).replace("\n", " ")
    assert shown.count("?") == alt.count("?") == 3
    assert all(word in shown and word in alt for word in checks.WORDS)
    assert overlaps(figure) == []
