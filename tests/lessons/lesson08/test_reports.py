"""The six reports of lesson 08."""

from fercourse.lessons.exercise import verdict
from fercourse.lessons.lesson08 import checks
from fercourse.lessons.lesson08.reports import REMEDIES, REPORTS, Reports


def test_only_a_whole_answer_is_right():
    panel = Reports()
    assert list(panel.chosen) == list("ABCDEF")
    assert verdict(checks.check_next_steps, panel.chosen).status == "not done"
    panel.choose(A=1, B=4)
    assert verdict(checks.check_next_steps, panel.chosen).key == "missing"
    panel.choose(C=2, D=5, E=6, F=7)
    assert verdict(checks.check_next_steps, panel.chosen).key == "seeds"
    panel.choose(F=3)
    assert verdict(checks.check_next_steps, panel.chosen).status == "right"


def test_a_notebook_keeps_the_reports_and_what_was_chosen():
    panel = Reports()
    assert panel.still().count("<li>") == len(REPORTS) + len(REMEDIES)
    assert "<em>" not in panel.still()
    assert repr(panel) == "Reports(0 of 6 decided)"
    panel.choose(A=1)
    assert "out of memory. → <em>1</em>" in panel.still()
    assert repr(panel) == "Reports(1 of 6 decided)"
