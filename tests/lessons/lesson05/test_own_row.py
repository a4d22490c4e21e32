"""A row of the learner's own."""

from dataclasses import replace

import numpy as np
import pytest
from drawn import overlaps, texts
from made_up import made_up_run

from fercourse.lessons.lesson05 import own_row


def made_up_row(right):
    run = made_up_run(right=right)
    confusion = np.diag([10, 10, 10, 40, 10, 10, 10])
    private = replace(run.single["private"], confusion=confusion)
    return replace(run, single={"private": private})


@pytest.mark.parametrize(
    ("right", "answer"), [(90, "better"), (60, "as good"), (20, "worse")]
)
def test_a_row_is_compared_with_the_mean_of_stored_ones(right, answer):
    run = made_up_row(right)
    assert own_row.commonest(run) == ("happy", 40)
    assert own_row.against_their_mean(run) == answer


def test_a_row_is_next_to_stored_ones_of_its_network():
    figure, alt = own_row.against_others_like_it(made_up_row(60))
    names = {"my row: block 4, concat", "block 4, concat, seed 0", 'always "happy"'}
    assert names <= texts(figure)
    assert overlaps(figure) == []
    assert "next to 1 stored ones and to the 40 % of always" in alt


def test_without_stored_ones_of_its_network_it_is_next_to_those_without_a_block():
    stored = own_row.stored_like(replace(made_up_row(60), data="practice"))
    assert list(stored) == [f"no block, seed {seed}" for seed in range(3)]
