"""What lesson 08 folds."""

from fercourse.lessons.lesson08.folded import folded_figure, folded_table
from fercourse.plots.figures import new_figure


def test_a_table_is_folded_under_its_summary(monkeypatch):
    shown = []
    module = "fercourse.lessons.lesson08.folded.display"
    monkeypatch.setattr(module, lambda *forms, **_: shown.extend(forms))
    folded_table("why", [["step", "reason"], ["zoom", "a < b"]])
    (forms,) = shown
    assert forms["text/html"].startswith("<details><summary>why</summary><table>")
    assert "a &lt; b" in forms["text/html"]
    assert forms["text/html"].count("<th ") == 2
    assert "zoom" in forms["text/plain"]


def test_a_figure_is_folded_with_its_alternative_text(monkeypatch):
    shown = []
    module = "fercourse.lessons.lesson08.folded.display"
    monkeypatch.setattr(module, lambda *forms, **_: shown.extend(forms))
    folded_figure("all", new_figure()[0], "an empty figure")
    assert 'alt="an empty figure"' in shown[0].data
