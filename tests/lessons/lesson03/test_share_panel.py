"""The panel of lesson 03 that compares shares on the evidence."""

import re

import numpy as np
import pytest
from drawn import overlaps
from tiny import tiny_faces

from fercourse.lessons.lesson03 import SharePanel
from fercourse.lessons.lesson03.share_panel import brightest
from fercourse.results.evidence import evidence_on_grid, own_and_others
from fercourse.results.evidence import shares_on_evidence as shares_of

FACES = tiny_faces(14)
RANDOM = np.random.default_rng(0)
MAPS = RANDOM.uniform(0.1, 1, (14, 6, 6))
EVIDENCE = RANDOM.random((14, 48, 48)) < np.linspace(0.05, 0.4, 48)
CELLS = evidence_on_grid(EVIDENCE, 6, 6)


@pytest.mark.parametrize("kept", [36, 18, 9])
@pytest.mark.parametrize(
    ("kind", "maps"), [("the network's", MAPS), ("the evidence", CELLS)]
)
def test_shares_are_those_of_the_library(kind, maps, kept):
    panel = SharePanel(FACES, MAPS, EVIDENCE)
    panel.maps.value, panel.kept.value = kind, kept
    own, others = own_and_others(shares_of(brightest(maps, kept), EVIDENCE))
    for face in dict(panel.face.options).values():
        panel.face.value = face
        shown = re.findall(r"([\d.]+) %", panel.picture.alt)
        even = 100 * EVIDENCE[face].mean()
        expected = [100 * own[face], 100 * others[face], even]
        assert shown == [f"{percent:.1f}" for percent in expected]


@pytest.mark.parametrize("kind", ["the network's", "the evidence"])
def test_a_face_without_evidence_and_a_map_without_mass_have_shares_too(kind):
    maps, evidence = MAPS.copy(), EVIDENCE.copy()
    maps[1], evidence[0] = 0, False
    panel = SharePanel(FACES, maps, evidence)
    panel.maps.value = kind
    chosen = maps if kind == "the network's" else evidence_on_grid(evidence, 6, 6)
    own, others = own_and_others(shares_of(chosen, evidence))
    for face in (0, 1):
        panel.face.value = face
        assert f": {100 * own[face]:.1f} % of its own map" in panel.picture.alt
        assert f"average {100 * others[face]:.1f} % of" in panel.picture.alt


def test_the_first_face_of_each_emotion_can_be_chosen():
    panel = SharePanel(FACES, MAPS, EVIDENCE)
    for name, row in panel.face.options:
        assert row == np.flatnonzero(FACES.emotions == FACES.emotions[row])[0]
        panel.face.value = row
        assert panel.picture.alt.startswith(f"{name}: ")


def test_a_learners_measure_replaces_the_librarys():
    panel = SharePanel(FACES, MAPS, EVIDENCE, lambda map_, evidence: 0.25)
    assert "25.0 % of its own map" in panel.picture.alt


def test_the_brightest_cells_are_kept():
    maps = np.arange(8.0).reshape(2, 2, 2)
    np.testing.assert_array_equal(
        brightest(maps, 1), [[[0, 0], [0, 3]], [[0, 0], [0, 7]]]
    )
    np.testing.assert_array_equal(brightest(maps, 4), maps)


def test_no_text_is_on_another():
    figure, _ = SharePanel(FACES, MAPS, EVIDENCE).draw()
    assert overlaps(figure) == []


@pytest.mark.parametrize(("share", "widest"), [(0.08, 15), (0.2, 30), (0.7, 100)])
def test_the_scale_is_the_narrowest_with_room_for_every_share(share, widest):
    figure, _ = SharePanel(FACES, MAPS, EVIDENCE, lambda *_: share).draw()
    assert figure.axes[2].get_xlim() == (0, widest)
