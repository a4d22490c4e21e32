"""The ladder of lesson 08: every step of the ablation has its evidence."""

from drawn import overlaps, texts

from fercourse.lessons.lesson08.ladder import KINDS, LADDER, evidence_ladder
from fercourse.training.ablation import ABLATION


def test_every_step_but_the_first_has_a_kind_of_evidence():
    assert list(LADDER) == list(ABLATION)
    assert {kind for kind, _ in [*LADDER.values()][1:]} == set(KINDS)


def test_the_ladder_names_steps_and_what_was_found():
    figure, alt = evidence_ladder()
    assert {*LADDER, "+0.7 points, with smoothing and mixup"} <= texts(figure)
    assert overlaps(figure) == []
    squares = figure.axes[0].patches
    assert {square.get_x() for square in squares} == {0}
    assert "mixup: others' gains, with more changed" in alt
