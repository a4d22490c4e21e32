"""Figures of lesson 04 and their alternative texts."""

import numpy as np
import pytest
from drawn import overlaps, texts

from fercourse.data.faces import EMOTIONS
from fercourse.lessons.lesson04 import figures
from fercourse.lessons.lesson04.growing import FieldPanel, layers
from fercourse.lessons.lesson04.knowledge import Choice, Knowledge
from fercourse.lessons.lesson04.maps import MapsPanel, maps_at_places
from fercourse.models.costs import configuration_costs, places
from fercourse.models.network import Network

FACE = np.random.default_rng(0).integers(0, 256, (48, 48), "uint8")


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
        field, _, cell = axis.patches  # the cell twice, white and black
        low, high = axis.get_xlim()
        assert low < field.get_x() and field.get_x() + field.get_width() < high
        assert field.get_x() <= cell.get_x()
    veils = [axis.images[-1].get_array()[..., 3] for axis in (left, right)]
    assert [int((veil == 0).sum()) for veil in veils] == [16 * 16, 48 * 48]


def test_all_fields_are_at_one_scale_and_have_their_sides_written_below():
    figure, alt = figures.trade_off(FACE)
    fields = [axis.patches[-1] for axis in figure.axes[5:]]
    windows = [axis.patches[0] for axis in figure.axes[5:]]
    assert [field.get_width() for field in fields] == [6, 16, 52, 124, 268]
    assert [window.get_width() for window in windows][:2] == [18, 40]
    assert all(window.get_width() > 2 * 48 for window in windows[2:])
    assert len({axis.get_xlim() for axis in figure.axes[5:]}) == 1
    assert {"6 × 6", "268 × 268", "40 × 40", "whole face"} <= texts(figure)
    assert "24, 12, 6, 3, 1 cells" in alt and "6, 16, 52, 124, 268 pixels" in alt
    assert overlaps(figure) == []


def test_the_maps_of_all_networks_are_named_with_their_answers():
    known = Knowledge.of_the_course()
    panel = MapsPanel(known)
    figure, alt = panel.draw()
    blocks = [network for network in known.networks if network.after]
    maps = [c.get_array() for axis in figure.axes[:-1] for c in axis.collections]
    sizes = sorted(cells.size for cells in maps)
    assert sizes == sorted(2 * [24**2, 12**2, 6**2, 3**2, 3**2])
    assert len(blocks) == 10
    assert alt == panel.picture.alt and alt == maps_at_places(known, 31)[1]
    for network in blocks:
        answer = known.answer(Choice(network), known.faces.images[31], 31)
        best = EMOTIONS[answer.probabilities.argmax()]
        assert f"{network.label}: {best}" in alt
    assert "labelled surprise" in alt and "label:\nsurprise" in texts(figure)
    panel.emotion.value, panel.face.value = "angry", 1
    assert panel.picture.alt == maps_at_places(known, 0)[1] != alt
    assert "labelled angry" in panel.picture.alt
    assert overlaps(figure) == []


def test_after_the_first_block_maps_keep_their_high_places():
    known = Knowledge.of_the_course()
    moves = {}
    for network in (one for one in known.networks if one.after):
        maps = known.stored[f"{Choice(network).key}/maps"].astype(float)
        # Between faces, against between the places of one map.
        moves[network.label] = maps.std(axis=0).mean() / maps.std(axis=(1, 2)).mean()
    assert moves.pop("block 1, concat") > 0.8
    assert all(
        part < 0.5
        for name, part in moves.items()
        if name.startswith(("block 2", "block 3", "block 4"))
    )


def test_the_band_is_the_interval_of_the_reference():
    rows = {
        "none": (64.0, 62.5, 65.5),
        "control": (65.9, 64.4, 67.4),
        "block": (64.5, 63.0, 66.0),
    }
    figure, alt = figures.intervals_around(rows, "none", ["control"])
    (axis,) = figure.axes
    (band,) = axis.patches
    assert [band.get_x(), band.get_x() + band.get_width()] == [62.5, 65.5]
    names = [label.get_text() for label in axis.get_yticklabels()]
    assert names == ["none", "block", "control"]
    assert list(axis.get_yticks()) == [0, 1, 3]  # a gap above the controls
    assert "2 networks, 64.0 to 64.5" in alt and "1 controls, 65.9 to 65.9" in alt
    assert "2 of the 3 dots" in alt
    assert overlaps(figure) == []


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
    assert {"one", "two", "three"} <= texts(figure)
    assert "one is number 1 on PublicTest and number 3 on PrivateTest" in alt
    assert "three is number 1; that one is number 3" in alt


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
    _, plain = configuration_costs(Network.pocket())
    _, cost = configuration_costs(Network.pocket("block1_pool", "multiply"))
    assert f"{100 * (cost - plain) / plain:.1f} %" == "0.1 %"


def test_controls_differ_more_and_the_halves_disagree():
    runs = {
        network.label: run for network, run in Knowledge.of_the_course().runs.items()
    }
    accuracies = {
        half: {name: run.single[half].correct.mean() for name, run in runs.items()
               if "96 px" not in name}
        for half in ("public", "private")
    }  # fmt: skip
    public, private = accuracies["public"], accuracies["private"]
    controls = [value for name, value in public.items() if "concat" in name]
    candidates = [name for name in public if "concat" not in name]
    assert np.ptp(controls) > np.ptp([public[name] for name in candidates])
    by_public = sorted(candidates, key=public.get)
    by_private = sorted(candidates, key=private.get)
    assert by_public[0] == by_private[-1] == "block 4, multiply"
    assert by_public[-1] == by_private[0] == "no block"
