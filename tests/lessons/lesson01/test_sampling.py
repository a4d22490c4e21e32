"""The panel of random test splits: what it shows is what the splits measure."""

import re

import numpy as np

from fercourse.data.faces import Faces
from fercourse.lessons.lesson01 import SplitsPanel, shuffled_averages
from fercourse.lessons.lesson01.sampling import SPLITS, TRUTH, sampled_intervals


def test_more_faces_shorten_the_intervals_and_do_not_make_them_right_more_often():
    for faces in (100, 10_000):
        rows = np.concatenate([sampled_intervals(faces, draw) for draw in range(100)])
        assert rows.shape == (100 * SPLITS, 3)
        right = (rows[:, 1] <= TRUTH) & (rows[:, 2] >= TRUTH)
        assert 0.93 < right.mean() < 0.97
        half = np.mean(rows[:, 2] - rows[:, 1]) / 2
        expected = 196 * np.sqrt(TRUTH / 100 * (1 - TRUTH / 100) / faces)
        assert abs(half / expected - 1) < 0.05


def test_the_panel_follows_its_controls():
    panel = SplitsPanel()
    first = panel.still()
    assert "3,589 faces in each split" in first
    panel.faces.value, panel.number.value = 100, 4
    assert repr(panel).startswith("SplitsPanel('100 faces in each split, draw 4: ")
    low, high = re.search(r"measured ([\d.]+) to ([\d.]+)", panel.still()).groups()
    accuracies = sampled_intervals(100, 4)[:, 0]
    assert [float(low), float(high)] == [accuracies.min(), accuracies.max()]
    assert f"of {SPLITS} intervals contain" in panel.still()


def test_the_scale_is_the_same_for_all_sizes_and_shows_every_dot():
    panel, scales = SplitsPanel(), set()
    for _, size in panel.faces.options:
        panel.faces.value = size
        (axis,) = panel.draw()[0].axes
        assert axis.get_title("left").startswith(f"{size:,} test faces")
        scales.add(axis.get_xlim())
        dots = [sampled_intervals(size, draw)[:, 0] for draw in range(1, 101)]
        assert axis.get_xlim()[0] < np.min(dots) < np.max(dots) < axis.get_xlim()[1]
    assert len(scales) == 1


def test_shuffled_groups_keep_their_sizes_and_mix_their_faces():
    images = np.arange(250, dtype="uint8")[:, None, None].repeat(48, 1).repeat(48, 2)
    emotions = (np.arange(250) // 50).astype("uint8")
    faces = Faces(images, emotions, np.arange(250, dtype="int32"))
    means = shuffled_averages(faces, times=20)
    assert means.shape == (20, 7, 48, 48)
    assert (means[:, :5].sum(axis=1) == images.sum(axis=0) / 50).all()
    assert (means[:, 5:] == 0).all()  # nobody has these labels
    labelled = means[:, :5, 0, 0]
    assert labelled.std(axis=1).max() < 25 < np.std(np.arange(5) * 50)
    assert len(np.unique(labelled)) > 50
