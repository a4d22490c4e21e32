"""The panel of lesson 08 that shows how long devices take."""

from fercourse.lessons.lesson08.times import TimesPanel
from fercourse.results.runs import read_run


def test_smaller_faces_and_more_epochs_change_the_times():
    run = read_run("vgg19_attention-block5-concat-224-best-c1f8e6-seed0")
    panel = TimesPanel(run, read_run("pocket-none-pocket-seed0"))
    assert "1 epoch at 224 pixels, and the price" in repr(panel)
    assert "only H200 was measured" in panel.still()
    assert "T4 2.5 minutes at 0.066" in panel.still()
    panel.price.value = 4
    assert "T4 2.5 minutes at 0.26" in panel.still()
    panel.epochs.value = 40
    assert "measured" not in panel.still()
    assert "days" in panel.still()
    before = panel.still()
    panel.size.value = 112
    assert "40 epochs at 112 pixels" in panel.still()
    assert panel.still() != before
