"""Faces as tiles, in lesson 08."""

import numpy as np

from fercourse.lessons.lesson08 import tiles


def test_each_face_has_its_title_and_alternative_text(monkeypatch):
    shown = []
    monkeypatch.setattr(tiles, "display", shown.append)
    face = np.full((48, 48), 300.0)  # too bright: it is clipped
    tiles.show_tiles([("0.70 sad\n0.30 happy", face)], columns=2)
    page = shown[0].data
    assert "0.70 sad<br>0.30 happy" in page
    assert 'alt="a drawn face, titled 0.70 sad, 0.30 happy"' in page
    assert page.count("<img") == 1
