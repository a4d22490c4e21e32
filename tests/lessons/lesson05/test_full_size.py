"""The paper's network at full size, next to a small one."""

from drawn import overlaps, texts
from made_up import made_up_run

from fercourse.lessons.lesson05.full_size import full_size_chart
from fercourse.plots.figures import GREY, INK
from fercourse.results.statistics import PairedTest
from fercourse.results.table3.rows import measured_row

ROW, SMALL = (measured_row([made_up_run(right=right)]) for right in (69, 60))


def test_the_large_networks_are_next_to_the_small_and_the_printed_one():
    large = {"Table I, block 5, best": ROW, "pooled head, best": ROW}
    figure, alt = full_size_chart(large, ("small", SMALL), PairedTest(20, 11, 2e-8))
    names = {"small", "our run of Table I, one view", "pooled head, one view"}
    assert names <= texts(figure)
    assert {"printed: 73.35", "69.0", "60.0"} <= texts(figure)
    assert "p < 0.001" in alt and overlaps(figure) == []


def test_a_large_network_that_failed_is_grey():
    failed = measured_row([made_up_run(right=20)])
    large = {"Table I, block 5, best": ROW, "pooled head, best": failed}
    figure, _ = full_size_chart(large, ("small", SMALL), PairedTest(20, 11, 0.1))
    colours = [name.get_color() for name in figure.axes[0].get_yticklabels()]
    assert (colours[1], colours[-1]) == (INK, GREY)


def test_seeds_of_one_network_have_names_of_their_own():
    seeds = ["Table I, block 5, best", "Table I, block 5, best, seed 1"]
    test = PairedTest(20, 11, 0.1)
    figure, _ = full_size_chart(dict.fromkeys(seeds, ROW), ("small", SMALL), test)
    assert {f"our run of {seed}, one view" for seed in seeds} <= texts(figure)
