"""What lesson 08 folds."""

from fercourse.lessons.lesson08.folded import folded_table


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
