"""Groups of drawn faces, and what an audit says about them, for lesson 07."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from fercourse.data.practice import PracticeFaces
from fercourse.lessons.lesson07.figures import legend_outside
from fercourse.plots.figures import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    ROW_HEIGHT,
    Options,
    Shown,
    face_grid,
    new_figure,
    note,
)
from fercourse.plots.tables import signed
from fercourse.results.audit import GroupErrors
from fercourse.results.comparisons import ALPHA

_PRESENT = {
    "long hair": "long",
    "light hair": "light_hair",
    "age lines": "age",
    **{name: name for name in ("glasses", "beard", "fringe", "hand")},
}
"""The trait of each group whose faces have it, while others do not."""


def groups_of(drawn: PracticeFaces) -> dict[str, np.ndarray]:
    """Ten groups of drawn faces, by name: True for the faces that belong to it."""
    traits = drawn.traits
    groups = {name: traits[trait] > 0 for name, trait in _PRESENT.items()}
    groups["darker skin"] = traits["skin"] < 0.63  # the middle of its range
    groups["turned"] = abs(traits["yaw"]) > 0.15
    groups["tilted"] = abs(traits["roll"]) > 0.065
    return groups


def group_examples(drawn: PracticeFaces) -> Shown:
    """From each group a face with much of its trait and little else, and in words."""
    traits, groups = drawn.traits, groups_of(drawn)
    strength = {name: traits[trait] for name, trait in _PRESENT.items()}
    strength |= {"light hair": traits["hair"], "darker skin": -traits["skin"]}
    strength["turned"], strength["tilted"] = abs(traits["yaw"]), abs(traits["roll"])
    ranks = {name: _rank(one) for name, one in strength.items()}
    other = sum(groups.values())  # how many groups a face is in
    away = {"turned": ranks["turned"], "tilted": ranks["tilted"]}
    chosen = []
    for name, member in groups.items():
        unclear = other + 2 * _rank(traits["blur"])
        unclear += sum(rank for trait, rank in away.items() if trait != name)
        chosen.append(np.where(member, 3 * ranks[name] - unclear, -np.inf).argmax())
    # 16 greys look much alike, in half as large a file.
    shown = drawn.faces.images[chosen] // 16 * 16 + 8
    figure = face_grid(shown, list(groups), columns=5, side=1.15)
    return figure, f"A face from each group: {', '.join(groups)}."


def _rank(values: np.ndarray) -> np.ndarray:
    """From 0 for the smallest value to almost 1 for the largest."""
    return values.argsort().argsort() / len(values)


def gap(right: np.ndarray, member: np.ndarray) -> float:
    """The errors on a group minus those on all other faces, in points."""
    return 100 * (right[~member].mean() - right[member].mean())


def wrong_guesses(right: np.ndarray) -> dict[str, np.ndarray]:
    """On which faces a guess of the group is wrong, for three kinds of guesses.

    `right`: bool, (N,), whether the audited network is right about a face.
    """
    chance = np.random.Generator(np.random.PCG64(0)).random(len(right))
    return {
        "no guess is wrong": chance < 0,
        "wrong on one face in ten": chance < 0.1,
        "wrong on a fifth of the network\u2019s errors": (chance < 0.2) & ~right,
    }


def group_gaps(audits: Mapping[str, Mapping[str, GroupErrors]]) -> Shown:
    """One row for each group: its error minus that of all other faces, with interval.

    One or two audits of the same groups; the first one's largest gap comes first. A
    marker is filled where Holm's correction leaves p below 0.05. The text is about the
    last audit.
    """
    first = next(iter(audits.values()))
    names = sorted(first, key=lambda name: -first[name].gap)
    height = 1.3 + (0.6 + 0.5 * len(audits)) * ROW_HEIGHT * len(names)
    figure, axis = new_figure(width=4.6, height=height)
    axis.axvline(0, color=GREY, linewidth=1)
    looks = ((BLUE, "o"), (ORANGE, "s"))[: len(audits)]
    offsets = 0.3 * np.arange(len(audits)) - 0.15 * (len(audits) - 1)
    for (label, audit), look, offset in zip(
        audits.items(), looks, offsets, strict=True
    ):
        rows = np.arange(len(names)) + offset
        _draw_gaps(axis, rows, [audit[name] for name in names], label, *look)
    counts = {n: [str(one[n].count) for one in audits.values()] for n in names}
    labels = [f"{name} ({' / '.join(counts[name])})" for name in names]
    axis.set_yticks(range(len(names)), labels)
    axis.set_ylim(len(names) - 0.4, -0.9)
    note(axis, "fewer errors ", (0, -0.7), GREY, "right")
    note(axis, " more errors", (0, -0.7), GREY)
    axis.set_xlabel(
        "errors of the group\nminus errors of all others (points)\n"
        "filled: p < 0.05 after Holm\u2019s correction"
    )
    if len(audits) > 1:
        legend_outside(axis, (-0.02, 1), loc="lower left", ncols=2)
    *_, (label, last) = audits.items()
    gaps_in_words = [f"{name} {signed(one.gap)} points" for name, one in last.items()]
    alt = (
        f"Errors on a group minus errors on all other faces, {label}, with intervals: "
        f"{'; '.join(gaps_in_words)}. Significant after correction: "
        f"{', '.join(name for name in last if last[name].adjusted < ALPHA) or 'none'}."
    )
    return figure, alt


def _draw_gaps(
    axis: Axes,
    rows: np.ndarray,
    groups: Sequence[GroupErrors],
    label: str,
    colour: str,
    form: str,
) -> None:
    """A marker for each gap on its row, filled if significant, and its interval."""
    axis.hlines(rows, *np.transpose([one.gap_interval for one in groups]), color=colour)
    significant = np.array([one.adjusted < ALPHA for one in groups])
    gaps = np.array([one.gap for one in groups])
    look: Options = {"color": colour, "markersize": 6, "linestyle": "none"}
    axis.plot(gaps[significant], rows[significant], form, label=label, **look)
    look["markerfacecolor"] = "white"
    axis.plot(gaps[~significant], rows[~significant], form, **look)


def smallest_p(audit: Mapping[str, GroupErrors], count: int = 3) -> list[list[str]]:
    """A table of the groups that differ most surely from the rest."""
    rows = [["group", "faces", "gap (points)", "p", "after Holm"]]
    for name in sorted(audit, key=lambda name: audit[name].p_value)[:count]:
        one = audit[name]
        p_values = [f"{one.p_value:.3f}", f"{one.adjusted:.2f}"]
        rows.append([name, str(one.count), signed(one.gap), *p_values])
    return rows


def gap_intervals(
    group: str, audits: Mapping[str, Mapping[str, GroupErrors]]
) -> list[list[str]]:
    """A table of the interval of one group's gap in each audit."""
    rows = [[f"{group}, gap in", "95 % interval (points)"]]
    for name, audit in audits.items():
        rows.append([name, " to ".join(map(signed, audit[group].gap_interval))])
    return rows


def guessed_gaps(gaps: Mapping[str, Mapping[str, float]]) -> Shown:
    """For each group, its gap under each of at most three kinds of guesses.

    `gaps` has, by kind, the points for each group.
    """
    groups = list(next(iter(gaps.values())))
    height = 1.1 + 0.22 * len(gaps) + 0.5 * len(groups)
    figure, axis = new_figure(width=4.4, height=height)
    axis.axvline(0, color=GREY, linewidth=1)
    looks = ((BLUE, "o"), (ORANGE, "s"), (GREEN, "D"))
    offsets = 0.24 * np.arange(len(gaps)) - 0.12 * (len(gaps) - 1)
    rows = np.arange(len(groups))
    for (kind, points), (colour, form), offset in zip(
        gaps.items(), looks, offsets, strict=False
    ):
        values = [points[group] for group in groups]
        look: Options = {"color": colour, "markersize": 6, "label": kind}
        axis.plot(values, rows + offset, form, **look)
        for value, row in zip(values, rows + offset, strict=True):
            side = "left" if value >= 0 else "right"
            note(axis, f"   {signed(value)}   ", (value, row), colour, side)
    axis.set_yticks(rows, groups)
    axis.set_ylim(len(groups) - 0.5, -0.5)
    axis.margins(x=0.15)
    axis.set_xlabel(
        "gap: errors of the guessed group\nminus errors of the rest (points)"
    )
    legend_outside(axis, (-0.04, 1), loc="lower left")
    said = [
        f"{kind}: {', '.join(f'{name} {signed(one)}' for name, one in points.items())}"
        for kind, points in gaps.items()
    ]
    return figure, f"Gaps in points, by kind of guess. {'; '.join(said)}."
