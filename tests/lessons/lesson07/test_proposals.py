"""The eight proposals of lesson 07."""

from fercourse.lessons.exercise import verdict
from fercourse.lessons.lesson07 import checks
from fercourse.lessons.lesson07.proposals import PROPOSALS, Proposals


def test_only_a_whole_answer_is_judged():
    panel = Proposals()
    assert list(panel.chosen) == list("ABCDEFGH")
    assert verdict(checks.check_uses, panel.chosen).status == "not done"
    panel.choose(**dict.fromkeys("ABCDEFGH", "prohibited"))
    assert verdict(checks.check_uses, panel.chosen).key == "D"
    panel.choose(D="high-risk", E="high-risk")
    panel.choose(**dict.fromkeys("FGH", "not covered"))
    assert verdict(checks.check_uses, panel.chosen).status == "right"


def test_a_notebook_keeps_the_proposals_and_the_words_chosen():
    panel = Proposals()
    assert panel.still().count("<li>") == len(PROPOSALS)
    assert "<em>" not in panel.still() and repr(panel) == "Proposals(0 of 8 decided)"
    panel.choose(A="prohibited")
    assert "bored or frustrated. → <em>prohibited</em>" in panel.still()
    assert repr(panel) == "Proposals(1 of 8 decided)"
