"""Tables as text and Markdown: columns are aligned and nothing is lost."""

from fercourse.plots.tables import aligned, markdown

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


def test_markdown():
    table = [["a", "b"], ["1|2", "long " * 30]]
    rows = ["| a | b |", "| --- | --- |", f"| 1\\|2 | {'long ' * 30} |"]
    assert markdown(table, widest=10).splitlines() == rows
