"""Figures of lesson 04 and their alternative texts."""

import numpy as np
import pytest
from drawn import overlaps, texts

from fercourse.data.faces import EMOTIONS
from fercourse.lessons.lesson04 import figures
from fercourse.lessons.lesson04.growing import FieldPanel, layers
from fercourse.lessons.lesson04.knowledge import Choice, Knowledge
from fercourse.models.costs import places

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


def test_all_fields_are_at_one_scale_and_have_their_sides_written_below():
    figure, alt = figures.trade_off(FACE)
    fields = [axis.patches[-1] for axis in figure.axes[5:]]
    assert [field.get_width() for field in fields] == [6, 16, 52, 124, 268]
    assert len({axis.get_xlim() for axis in figure.axes[5:]}) == 1
    assert {"6 × 6", "268 × 268", "what a map can show"} <= texts(figure)
    assert "24, 12, 6, 3, 1 cells" in alt and "6, 16, 52, 124, 268 pixels" in alt
    assert overlaps(figure) == []


def test_the_maps_of_all_networks_are_named_with_their_answers():
    known = Knowledge.of_the_course()
    figure, alt = figures.maps_at_places(known, 31)
    blocks = [network for network in known.networks if network.after]
    maps = [c.get_array() for axis in figure.axes[:-1] for c in axis.collections]
    sizes = sorted(cells.size for cells in maps)
    assert sizes == sorted(2 * [24**2, 12**2, 6**2, 3**2, 3**2])
    assert len(blocks) == 10
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


def test_equally_good_networks_share_the_answers_to_each_face():
    correct = np.array([[True, True, False, True], [False, False, False, True]])
    accuracies = figures.equally_good(correct, shuffles=20)
    assert accuracies.shape == (20, 2)
    np.testing.assert_allclose(accuracies.mean(axis=1), 50)
    assert len(np.unique(accuracies)) > 2


def test_the_measured_span_is_marked():
    figure, alt = figures.span_histogram([0.5, 1.0, 1.5], 1.17)
    assert (
        "measured: 1.2" in {text.strip() for text in texts(figure)}
        and "the measured 1.2 points" in alt
    )
    assert figure.axes[0].lines[0].get_xdata()[0] == 1.17
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
    assert "12.0 %, 10.0 %" in texts(figure)
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
