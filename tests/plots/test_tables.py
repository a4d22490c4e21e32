"""Tables as text and Markdown: columns are aligned and nothing is lost."""

import re

import numpy as np
import pytest

from fercourse.plots import tables
from fercourse.plots.tables import aligned, markdown, show_table, signed

TABLE = [["name", "what is said"], ["a", "one two three four"], ["bcd", ""]]


def test_columns_are_as_wide_as_their_longest_cell():
    assert aligned(TABLE).splitlines() == [
        "name  what is said",
        "-" * len("a     one two three four"),
        "a     one two three four",
        "bcd",
    ]


def test_long_cells_are_wrapped_between_words():
    drawn = aligned(TABLE, widest=9).splitlines()
    assert [line[6:] for line in drawn[3:6]] == ["one two", "three", "four"]
    whole = aligned([["x"], ["10.1109/ATEE-52255 end"]], widest=5)
    assert whole.splitlines()[2:] == ["10.1109/ATEE-52255", "end"]


def test_nothing_is_lost():
    words = [f"word{i}" for i in range(40)]
    table = [["a", "b"], [" ".join(words[:20]), " ".join(words[20:])]]
    drawn = aligned(table, widest=17)
    assert sorted(drawn.split()[3:]) == sorted(words)
    assert max(map(len, drawn.splitlines())) <= 17 + 2 + 17


def test_rounded_numbers_have_a_sign_that_is_not_a_hyphen():
    numbers = (24.9, 17.2, -1.3, -3.6, 0.4, -0.2, np.float32(-4))
    signs = ["+25", "+17", "−1", "−4", "0", "0", "−4"]
    assert [*map(signed, numbers)] == signs


def test_markdown():
    table = [["a", "b"], ["1|2", "long " * 30]]
    rows = ["| a | b |", "| --- | --- |", f"| 1\\|2 | {'long ' * 30} |"]
    assert markdown(table, widest=10).splitlines() == rows


def shown(monkeypatch, table, folded=""):
    """What `show_table` gives a front end: its kinds and their text."""
    forms = {}
    monkeypatch.setattr(tables, "display", lambda data, raw: forms.update(data))
    show_table(table, folded)
    return forms


def test_a_notebook_gets_text_and_html(monkeypatch):
    forms = shown(monkeypatch, [["name", "faces"], ["a <b>", "7,215"]])
    assert forms["text/plain"] == aligned([["name", "faces"], ["a <b>", "7,215"]])
    cells = re.findall(r"<(t[hd]) [^>]*>([^<]*)</", forms["text/html"])
    assert cells == [
        ("th", "name"), ("th", "faces"), ("td", "a &lt;b&gt;"), ("td", "7,215")
    ]  # fmt: skip


def test_a_table_is_folded_under_its_summary(monkeypatch):
    whole = shown(monkeypatch, TABLE)
    folded = shown(monkeypatch, TABLE, "why <not>")
    summary = "<details><summary>why &lt;not&gt;</summary>"
    assert folded["text/html"] == f"{summary}{whole['text/html']}</details>"
    assert folded["text/plain"] == whole["text/plain"]


@pytest.mark.parametrize(
    ("cells", "side"),
    [
        (["7,215", "+0.4", "12 %", "–", ""], "right"),
        (["66.4 to 69.2", "-1.8 to -1.42", "57 million", "7 × 7 × 512"], "right"),
        (["12\N{NO-BREAK SPACE}%", "7\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}7"], "right"),
        (["2,568, 2,569", "none"], "right"),
        (["not yet run", "", "–"], "left"),
        (["7,215", "unknown"], "left"),
        (["2 cores"], "left"),
    ],
)
def test_columns_of_numbers_are_aligned_right(monkeypatch, cells, side):
    page = shown(monkeypatch, [["heading"], *([cell] for cell in cells)])["text/html"]
    assert set(re.findall(r'align="(\w+)"', page)) == {side}
    assert set(re.findall(r"text-align:(\w+)", page)) == {side}
