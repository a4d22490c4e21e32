"""A row of the learner's own."""

from dataclasses import replace

import numpy as np
from drawn import overlaps, texts
from made_up import made_up_run

from fercourse.lessons.lesson05.own_row import against_chance


def test_a_row_is_next_to_the_commonest_emotion():
    run = made_up_run(right=47)
    confusion = np.diag([10, 10, 10, 40, 10, 10, 10])
    private = replace(run.single["private"], confusion=confusion)
    figure, alt = against_chance(replace(run, single={"private": private}))
    assert {"my first row", 'always "happy"'} <= texts(figure)
    assert overlaps(figure) == []
    assert "right on about 50 %, and always the commonest emotion on 40 %" in alt
