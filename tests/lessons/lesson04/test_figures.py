"""Figures of lesson 04 and their alternative texts."""

import numpy as np
import pytest
from drawn import overlaps, texts

from fercourse.data.faces import EMOTIONS
from fercourse.lessons.lesson04 import figures
from fercourse.lessons.lesson04.growing import FieldPanel, layers
from fercourse.lessons.lesson04.knowledge import Choice, Knowledge
from fercourse.models.costs import places
from fercourse.results.statistics import mcnemar

FACE = np.random.default_rng(0).integers(0, 256, (48, 48), "uint8")


def test_each_grid_keeps_only_the_mean_of_a_cell():
    halves = figures.averaged(FACE, 2)
    np.testing.assert_allclose(halves[:24, 24:], FACE[:24, 24:].mean())
    np.testing.assert_allclose(figures.averaged(FACE, 1), FACE.mean())
    np.testing.assert_array_equal(figures.averaged(FACE, 48), FACE)


@pytest.mark.parametrize(
    ("block", "begin", "end"),
    [(1, 20, 26), (2, 14, 30), (3, -6, 46), (4, -38, 86), (5, -110, 158)],
)
def test_the_field_of_a_middle_place(block, begin, end):
    place = places(48)[block - 1]
    start = figures.corner_of_field(place.grid, place.field_on_face)
    assert (start, start + place.field_on_face) == (begin, end)


def test_the_whole_field_is_in_view_and_the_rest_is_pale():
    _, (left, right) = figures.new_figure(2)
    for axis, block in ((left, 2), (right, 5)):
        place = places(48)[block - 1]
        figures.draw_field(axis, FACE, place.grid, place.field_on_face)
        field, cell = axis.patches
        low, high = axis.get_xlim()
        assert low < field.get_x() and field.get_x() + field.get_width() < high
        assert field.get_x() <= cell.get_x()
    veils = [axis.images[-1].get_array()[..., 3] for axis in (left, right)]
    assert [int((veil == 0).sum()) for veil in veils] == [16 * 16, 48 * 48]


def test_all_fields_are_at_one_scale_and_do_not_touch():
    figure, alt = figures.trade_off(FACE)
    axis = figure.axes[-1]
    assert axis.get_aspect() == 1 and len(axis.images) == 5
    fields = [patch for patch in axis.patches if not patch.get_fill()]
    assert [field.get_width() for field in fields] == [6, 16, 52, 124, 268]
    low, high = axis.get_xlim()
    ends = [low]
    for image, field in zip(axis.images, fields, strict=True):
        left, right, _, _ = image.get_extent()
        assert right - left == 48
        assert ends[-1] < min(left, field.get_x())
        ends.append(max(right, field.get_x() + field.get_width()))
    assert ends[-1] < high
    assert "24, 12, 6, 3, 1 cells" in alt and "6, 16, 52, 124, 268 pixels" in alt
    assert overlaps(figure) == []


def test_the_maps_of_all_networks_are_named_with_their_answers():
    known = Knowledge.of_the_course()
    figure, alt = figures.maps_at_places(known, 31)
    blocks = [network for network in known.networks if network.after]
    assert sum(len(axis.images) for axis in figure.axes[:-1]) == len(blocks) == 10
    for network in blocks:
        answer = known.answer(Choice(network), known.faces.images[31], 31)
        best = EMOTIONS[answer.probabilities.argmax()]
        assert f"{network.label}: {best}" in alt
    assert f"labelled {EMOTIONS[known.faces.emotions[31]]}" in alt


def test_the_band_is_the_interval_of_the_reference():
    rows = {"block": (64.5, 63.0, 66.0), "none": (64.0, 62.5, 65.5)}
    figure, alt = figures.intervals_around(rows, "none")
    (band,) = figure.axes[0].patches
    assert [band.get_x(), band.get_x() + band.get_width()] == [62.5, 65.5]
    assert "2 of the dots" in alt


def test_one_panel_of_the_lineup_is_real():
    random = np.random.default_rng(0)
    correct = random.random((9, 400)) < np.linspace(0.3, 0.8, 9)[:, None]
    figure, alt = figures.lineup(correct)
    drawn = {axis.get_title(): axis.lines[0].get_xdata() for axis in figure.axes}
    measured = 100 * correct.mean(axis=1)
    real = [
        name
        for name, values in drawn.items()
        if np.array_equal(np.sort(values), np.sort(measured))
    ]
    assert real == [figures.REAL] and len(drawn) == 6
    # The order must not give it away.
    assert not np.array_equal(drawn[figures.REAL], measured)
    for values in drawn.values():  # shuffling moves answers, it adds none
        assert np.isclose(values.mean(), measured.mean())
    assert f"{figures.REAL} {np.ptp(measured):.1f}" in alt


def test_spans_are_large_by_chance_only_if_the_networks_are_alike():
    alike = np.random.default_rng(0).random((5, 300)) < 0.6
    measured, shuffled = figures.spans(alike, shuffles=50)
    assert measured == pytest.approx(np.ptp(100 * alike.mean(axis=1)))
    assert 0 < (shuffled >= measured).mean() < 1 and shuffled.shape == (50,)
    apart = alike | (np.arange(5) == 4)[:, None]
    measured, shuffled = figures.spans(apart, shuffles=50)
    assert measured > shuffled.max()


def test_the_measured_span_is_marked():
    figure, alt = figures.span_histogram([0.5, 1.0, 1.5], 1.17)
    assert "measured: 1.2" in texts(figure) and "the measured 1.2 points" in alt
    assert figure.axes[0].lines[0].get_xdata()[0] == 1.17
    assert overlaps(figure) == []


def test_duels_show_both_counts_and_p():
    first, second = (
        np.array([1, 1, 1, 0, 0, 1], bool),
        np.array([0, 0, 1, 1, 0, 1], bool),
    )
    figure, alt = figures.duels({"block 1": mcnemar(first, second)}, places=3)
    assert [bar.get_width() for bar in figure.axes[0].patches] == [-2, 1]
    assert {"2", "1", "p = 1.000"} <= texts(figure)
    assert "block 1 2 to 1, p 1.000" in alt
    assert overlaps(figure) == []


def test_two_halves_name_the_best_of_each():
    public = {"one": 65.0, "two": 64.0, "three": 63.0}
    private = {"one": 64.0, "two": 65.0, "three": 66.0}
    figure, alt = figures.two_halves(public, private)
    assert {"one", "three"} <= texts(figure) and "two" not in texts(figure)
    assert "one is number 1 on PublicTest and number 3 on PrivateTest" in alt
    assert "three is number 1; that one is number 3" in alt


def test_gains_are_the_mean_differences_in_points():
    own = np.array([0.10, 0.12, 0.14])
    figure, alt = figures.own_gains({"block 1": (own, own - 0.02)})
    assert figure.axes[0].lines[-1].get_xdata()[0] == pytest.approx(2.0)
    assert "block 1 +2.00" in alt
    assert "12.0 % against 10.0 %" in texts(figure)
    assert overlaps(figure) == []


def test_the_field_grows_to_that_of_each_block():
    grown = [layer for layer in layers() if "pooling" in layer.name]
    assert [layer.field for layer in grown] == [place.field for place in places(224)]
    assert [layer.step for layer in grown] == [2, 4, 8, 16, 32]
    assert len(layers()) == 21


def test_the_panel_says_what_the_last_layer_added():
    panel = FieldPanel(FACE)
    panel.layer.value = 10
    assert "(block 3, convolution 4), the field is 48 × 48" in panel.picture.alt
    panel.size.value = 224
    assert "21% of the face's side of 224" in panel.picture.alt
    figure, _ = panel.draw()
    assert "40 + 8 = 48" in {axis.get_title() for axis in figure.axes}


def test_the_answers_in_the_lesson_hold():
    fields = [layer.field for layer in layers()]
    reached = [1 + next(n for n, f in enumerate(fields) if f >= s) for s in (48, 224)]
    assert reached == [10, 20]
