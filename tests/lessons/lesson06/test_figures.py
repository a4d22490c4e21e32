"""Lesson 06's figures, its panel and its shortcut."""

import keras
import numpy as np
import pytest
from drawn import texts

from fercourse.data.practice import practice_faces
from fercourse.explain import scores, table
from fercourse.explain.maps import METHODS
from fercourse.lessons import lesson06
from fercourse.lessons.lesson06 import checks, covering_panel
from fercourse.lessons.lesson06.covering_panel import CoverPanel
from fercourse.lessons.lesson06.figures import (
    cascade_maps,
    favourites,
    in_words,
    label_effects,
    leads,
    map_row,
    own_and_others,
    part_names,
    places_read,
    randomisation_lines,
    removal_areas,
    replaced_maps,
    verdict_grid,
)
from fercourse.lessons.lesson06.looking_panel import LookPanel
from fercourse.lessons.lesson06.removing_panel import MAPS, STEPS, RemovalPanel
from fercourse.plots.figures import GREY, figure_png

FACES = practice_faces(2, seed=1)


def test_a_row_shows_the_face_each_map_and_the_scale():
    maps = {
        "first": np.random.default_rng(0).random((48, 48)),
        "empty": np.zeros((48, 48)),
    }
    figure, alt = map_row(FACES.faces.images[0], maps, FACES.evidence[0])
    assert "region outlined" in alt and alt.endswith("; empty, row 0, column 0.")
    assert {"face", "first", "empty", "maximum"} <= texts(figure)
    assert figure_png(figure).startswith(b"\x89PNG")


def test_the_highest_pixel_of_each_map_is_crossed_with_and_without_a_region():
    map_, region = np.zeros((48, 48)), np.zeros((48, 48), bool)
    map_[40, 5], region[40:46, 2:8] = 2, True
    for where in (region, None, region & False):
        figure, alt = map_row(FACES.faces.images[0], {"one": map_}, where)
        assert alt.endswith("one, row 40, column 5.")
        axis = figure.axes[1]
        np.testing.assert_array_equal(axis.images[0].get_array(), map_ / 2)
        assert {tuple(line.get_xydata()[0]) for line in axis.lines} == {(5, 40)}


def test_a_zone_is_framed_on_each_map():
    maps = dict.fromkeys(["one", "two"], np.eye(48))
    zone = (slice(36, None), slice(0, 12))
    figure, _ = map_row(FACES.faces.images[0], maps, zone=zone)
    for axis in figure.axes[1:3]:
        (frame,) = axis.patches
        assert frame.get_bbox().bounds == (-0.5, 35.5, 12, 12)


def test_a_favourite_picture_is_shown_in_its_own_contrast():
    pictures = np.random.default_rng(0).normal(100, 5, (1, 48, 48))
    first, second = (axis.images[0].get_array() for axis in favourites(
        pictures * [[[1]], [[2]]], ["one", "two"]).axes[:2])  # fmt: skip
    np.testing.assert_allclose(first, second, atol=1e-6)
    assert first.min() == 0 and first.max() == 255


def test_places_without_a_gradient_are_hatched():
    features = np.ones((2, 3, 3, 4))
    gradients = features.copy()
    gradients[:, 2] = gradients[:, :, 2] = 0
    figure, alt = places_read(FACES.faces.images[0], features, gradients)
    assert alt.endswith("1.000 1.000 0.000; 1.000 1.000 0.000; 0.000 0.000 0.000.")
    assert "9 places, 5 lost" in texts(figure)
    face, *tables = figure.axes
    assert sum(patch.get_alpha() == 0.65 for patch in face.patches) == 5
    for axis in tables:
        assert sum(bool(patch.get_hatch()) for patch in axis.patches) == 5


def test_methods_are_sorted_by_their_own_hits_and_baselines_come_last_in_grey():
    stored = table.read_table()
    figure, alt = own_and_others(stored)
    assert "; evidence 100 and" in alt
    hits, share = figure.axes
    own, known, others = (list(line.get_xdata()) for line in hits.lines)
    assert own == sorted(stored[name]["pointing"][0] for name in METHODS)[::-1]
    assert known == sorted(known)[::-1] and others[len(METHODS)] < known[0] == 100
    labels = hits.get_yticklabels()
    grey = {label.get_text() for label in labels if label.get_color() == GREY}
    assert grey == set(map(in_words, stored)) - set(map(in_words, METHODS))
    order = [label.get_text() for label in labels]
    removal, _ = removal_areas(stored)
    assert [label.get_text() for label in removal.axes[0].get_yticklabels()] == order
    assert "100 →" in {text.get_text() for text in share.texts}


def test_true_and_shuffled_labels_have_a_dot_for_each_method():
    shuffling = table.read_part("labels")
    figure, alt = label_effects(shuffling)
    assert "true labels, gradient " in alt
    likeness, gain = figure.axes
    for axis, measure in ((likeness, "correlation"), (gain, "pointing_gain")):
        _, *dots = axis.lines  # the first one is at zero
        for line, rows in zip(dots, shuffling["networks"].values(), strict=True):
            values = [row[measure][0] for row in rows.values()]
            np.testing.assert_allclose(line.get_xdata(), values)


def test_a_verdict_has_its_sign_and_its_colour():
    heading = ["map", "others' maps", "mark found"]
    rows = [["gradient", "yes", "37 of 40"], ["Grad-CAM", "no", "2 of 40"]]
    figure, alt = verdict_grid([heading, *rows, ["attention", "open", "0 of 40"]])
    assert "gradient: yes, 37 of 40. Grad-CAM: no, 2 of 40." in alt
    (axis,) = figure.axes
    signs = [text.get_text() for text in axis.texts]
    assert signs == ["✓", "37", "✗", "2", "?", "0"]
    colours = [square.get_facecolor() for square in axis.patches]
    assert colours[0] == colours[1] != colours[2] == colours[3] == colours[5]
    assert colours[4] not in (colours[0], colours[2])
    assert "mark\nfound" in texts(figure)


def test_leads_have_a_row_for_each_method_and_a_panel_for_each_baseline():
    stored = table.read_table()
    figure, alt = leads({name: stored[name] for name in METHODS})
    shown = texts(figure)
    ahead = "smooth gradient, integrated gradients, gradient"
    assert f"mirrored: {ahead}." in alt
    assert set(map(in_words, METHODS)) <= shown
    assert {"others' maps", "edges", "mirrored"} <= shown


def test_maps_of_a_cascade_are_in_a_grid_of_methods_and_parts():
    maps = np.random.default_rng(0).random((2, 48, 48))
    names = ["trained", *part_names(["predictions"])]
    figure, alt = cascade_maps({"grad_cam": maps, "edges": maps}, names)
    shown = texts(figure)
    assert alt.endswith("in columns: trained, last layer.")
    assert {"trained", "last layer", "Grad-CAM", "edges"} <= shown


def test_each_replaced_map_has_its_name_and_its_answers():
    maps = {str(number): np.full((6, 6), number / 5) for number in range(5)}
    figure, alt = replaced_maps(FACES.faces.images[0], maps, list("abcde"))
    assert "0: a; 1: b;" in alt
    assert {"face", *maps, *"abcde"} <= texts(figure)


def test_removal_has_a_row_for_each_map():
    stored = table.read_table()
    figure, alt = removal_areas(stored)
    assert f"evidence {stored['evidence']['deletion_mean'][0]:.0f} and" in alt
    assert set(map(in_words, stored)) <= texts(figure)
    assert {"deletion", "insertion"} <= texts(figure)


def test_lines_name_their_method_and_the_parts():
    falling = {"grad_cam": [1, 0.9, 0.1]}
    figure, alt = randomisation_lines(falling, ["predictions", "block5"])
    assert alt.endswith("at the end Grad-CAM 0.1.")
    assert "Grad-CAM" in texts(figure)
    labels = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert labels == ["trained", "last\nlayer", "block\n5"]


def test_the_square_follows_its_place(monkeypatch):
    # The face as it is, then with the square at each of 9 × 9 places.
    falling = np.linspace(0.95, 0.14, 82)[:, None]
    monkeypatch.setattr(covering_panel, "predict", lambda model, images: falling)
    face = np.zeros((48, 48))
    panel = CoverPanel(None, face, 0, lambda face, row, column, side: face + row)
    assert (panel.row.value, panel.column.value) == (9, 9)  # the largest fall
    assert "falls by 0.81. The largest fall of all places is 0.81" in panel.picture.alt
    panel.row.value = 3
    assert "row 3, column 9 of 9; its probability falls by 0.27" in panel.picture.alt
    figure, _ = panel.draw()
    assert set(np.unique(figure.axes[0].images[0].get_array())) == {10}


def test_answers_of_the_course_pass_their_checks():
    for check, answer in (
        (checks.check_cover, lesson06.cover),
        (checks.check_own_gain, lesson06.own_gain),
        (checks.check_stays, lesson06.stays),
    ):
        assert lesson06.yours(check, answer) is answer


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="tf-keras-vis")
def test_the_panel_follows_its_controls():
    panel = LookPanel()
    first = panel.picture.alt
    assert "map of Grad-CAM, block 5 for" in first and not panel.block.disabled
    panel.block.value = 3
    assert "Grad-CAM, block 3" in panel.picture.alt
    panel.method.value = "gradient"
    assert panel.block.disabled and "the map of gradient for" in panel.picture.alt
    panel.face.value, panel.emotion.value = 5, "neutral"
    assert "Face 5" in panel.says.value and "of neutral is" in panel.says.value
    still = panel.still()
    assert panel.says.value in still and 'alt="A face drawn' in still
    assert "the evidence" in still
    assert repr(panel) == f"LookPanel({panel.picture.alt!r})"


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="tf-keras-vis")
def test_the_removal_panel_shows_the_librarys_numbers():
    model = table.explained_model()
    one = table.explained_faces(model, 1)
    panel = RemovalPanel(model, one)
    assert "20% of its pixels deleted in the order of occlusion" in panel.picture.alt
    map_ = table.row_maps("grad_cam", model, one)
    curve = scores.removal_curve(
        model, one.images, one.emotions, map_, "blur", True, STEPS
    )[0]
    panel.map.value, panel.fill.value, panel.insert.value = "grad_cam", "blur", True
    for step in (0, 3, STEPS):
        panel.share.value = step / STEPS
        alt = panel.picture.alt
        assert f"{step / STEPS:.0%} of its pixels put back in the order of Grad" in alt
        shown = float(alt.split("probability of ")[1].split()[1].rstrip(","))
        assert shown == pytest.approx(curve[step], abs=0.006)
    assert len(panel.map.options) == len(MAPS)
