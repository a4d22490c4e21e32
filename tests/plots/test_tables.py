"""Tables as text and Markdown: nothing is lost and columns stand."""

from fercourse.plots.tables import aligned, markdown

TABLE = [["name", "what is said"], ["a", "one two three four"], ["bcd", ""]]


def test_columns_are_as_wide_as_they_must_be():
    assert aligned(TABLE).splitlines() == [
        "name  what is said",
        "-" * len("a     one two three four"),
        "a     one two three four",
        "bcd",
    ]


def test_long_cells_go_on_below():
    assert aligned(TABLE, widest=9).splitlines() == [
        "name  what is",
        "      said",
        "-" * len("a     one two"),
        "a     one two",
        "      three",
        "      four",
        "bcd",
    ]


def test_a_word_stays_whole():
    drawn = aligned([["x"], ["10.1109/ATEE-52255 end"]], widest=5)
    assert drawn.splitlines()[2:] == ["10.1109/ATEE-52255", "end"]


def test_nothing_is_lost():
    words = [f"word{i}" for i in range(40)]
    drawn = aligned(
        [["a", "b"], [" ".join(words[:20]), " ".join(words[20:])]], widest=17
    )
    assert sorted(drawn.split()[2:]) == sorted([*words, drawn.splitlines()[1]])
    assert max(map(len, drawn.splitlines())) <= 17 + 2 + 17


def test_markdown():
    table = [["a", "b"], ["1|2", "long " * 30]]
    assert markdown(table, widest=10).splitlines() == [
        "| a | b |",
        "| --- | --- |",
        f"| 1\\|2 | {'long ' * 30} |",
    ]
