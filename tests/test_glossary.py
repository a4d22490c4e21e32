"""The glossary: each term once, used where it says, and linked from the lessons."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "lessons" / "source" / "glossary.md").read_text("utf-8")
ENTRIES = re.findall(r"^### (.+)\n\n(.+)$", PAGE, re.MULTILINE)


def test_terms_are_in_order_and_none_is_there_twice():
    terms = [term for term, _ in ENTRIES]
    assert len(terms) == PAGE.count("\n### ") > 50
    letters = re.findall(r"^## (.)$|^### (.)", PAGE, re.MULTILINE)
    sections = [section for section, _ in letters if section]
    assert sections == sorted(set(sections))
    assert len({term.lower() for term in terms}) == len(terms)
    for section, term in letters:
        current = section or current  # noqa: F821
        assert term.upper() in ("", current)


@pytest.mark.parametrize(("term", "text"), ENTRIES, ids=[term for term, _ in ENTRIES])
def test_a_term_is_explained_briefly_and_used_in_its_lesson(term, text):
    meaning, link = re.fullmatch(
        r"(.+\.) Lesson \[\d\d\]\((\w+)\.ipynb\)\.", text
    ).groups()
    assert len(re.findall(r"[.!?](?: |$)", meaning)) <= 3
    source = (ROOT / "lessons" / "source" / f"{link}.py").read_text("utf-8")
    prose = " ".join(re.sub(r"[*]|^#", "", source, flags=re.MULTILINE).split())
    prose = prose.partition("## References")[0]
    word = term.removesuffix("ing")  # pooling, pools
    assert re.search(rf"(?<!\w){re.escape(word)}", prose, re.IGNORECASE)


def test_the_notebook_is_in_step_with_its_source():
    sys.path.insert(0, str(ROOT / "lessons"))
    try:
        import build
    finally:
        sys.path.pop(0)
    stored = build.nbformat.read(build.GLOSSARY, as_version=4)
    assert stored.cells == build.glossary().cells, "run lessons/build.py 00"
