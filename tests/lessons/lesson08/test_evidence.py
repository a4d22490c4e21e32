"""What lesson 08 says is known of each ingredient."""

import pytest
from made_up import made_up_run

from fercourse.lessons.lesson08 import evidence
from fercourse.training.recipes import RECIPES

STUDENTS = {
    name: made_up_run(right=right)
    for name, right in zip(
        ("none", "half", "most", "longer", "two teachers"),
        (50, 51, 60, 62, 63),
        strict=True,
    )
}


def test_a_gain_is_that_over_the_run_above():
    gains = evidence.gains(STUDENTS)
    assert list(gains) == ["half", "most", "longer", "two teachers"]
    gain, p_value = gains["most"]
    assert gain == pytest.approx(9)
    assert p_value == pytest.approx(2 * 0.5**9)


def test_students_are_above_their_teacher_in_the_table():
    _, *rows = evidence.students_table(STUDENTS, made_up_run(right=70))
    assert rows[0] == ["none", "50.0", "–", "–"]
    assert rows[2] == ["most", "60.0", "+9.0", "0.0039"]
    assert rows[-1] == ["the teacher", "70.0", "–", "–"]


def test_the_evidence_is_read_from_runs_and_probes():
    short = evidence.short_trainings()
    assert [row["right"] for row in short] == [22.7, 40.4, 33.7, 33.1]
    heading, *rows = evidence.evidence_table(STUDENTS)
    assert (
        "40.4 and 33.1\xa0% in the short trainings (two seeds), 22.7\xa0% without"
        in rows[0]
    )
    known = [row[1] for row in rows]
    assert (
        "the pocket students above: 1.0 points from half, 9.0 more from 90\xa0%"
        in known
    )
    assert len(heading) == 4 and not any(
        "yes" in row[2] and "two" in row[3] for row in rows
    )


def test_the_recipes_are_compared_where_they_differ():
    run = made_up_run(recipe=RECIPES["best"].as_dict() | {"epochs": 25})
    heading, *rows = evidence.recipe_table(run)
    assert heading == ["setting", "first run", "full"]
    assert ["features times", "1", "0.05"] in rows
    assert ["highest rate", "1e-4", "5e-5"] in rows
    assert ["mixup until epoch", "15", "34"] in rows
