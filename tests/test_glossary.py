"""The glossary: each term once, in order, and used in the lesson that it names."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "lessons" / "source"
PAGE = (SOURCES / "glossary.md").read_text("utf-8")
ENTRIES = re.findall(r"^### (.+)\n\n(.+)$", PAGE, re.MULTILINE)
LINK = re.compile(r"Lesson \[(\d\d)\]\((\1_\w+)\.ipynb\)\.$")


def test_each_term_is_there_once_and_in_order():
    terms = [term.casefold() for term, _ in ENTRIES]
    assert len(terms) == PAGE.count("\n### ") > 50
    assert len(set(terms)) == len(terms)
    assert [term[0] for term in terms] == sorted(term[0] for term in terms)
    headings = re.findall(r"^## (.)$", PAGE, re.MULTILINE)
    assert headings == sorted({term[0].upper() for term in terms})


def test_each_term_is_explained_briefly():
    for term, text in ENTRIES:
        meaning = LINK.sub("", text)
        assert LINK.search(text) and 20 < len(meaning) < 260, term


def test_each_term_is_used_in_the_lesson_that_it_names():
    for term, text in ENTRIES:
        source = (SOURCES / f"{LINK.search(text)[2]}.py").read_text("utf-8")
        prose, _, _ = source.partition("## References")
        prose = " ".join(re.sub(r"^#|\*", "", prose, flags=re.MULTILINE).split())
        word = re.escape(term.removesuffix("ing"))  # pooling: a pool
        assert re.search(rf"\b{word}", prose, re.IGNORECASE), term


def test_the_notebook_is_in_step_with_its_source(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "lessons"))
    import build

    stored = build.nbformat.read(build.GLOSSARY, as_version=4)
    del sys.modules["build"]
    assert stored.cells == build.glossary().cells, "run `lessons/build.py 00`"
