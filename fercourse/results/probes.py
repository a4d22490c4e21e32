"""What probes showed: measurements that `benchmarks/probes.py` made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from fercourse.machine import REPOSITORY

STORED = REPOSITORY / "data" / "probes.json"
"""Results of the probes, by kind; no face is in it."""


def stored_probes(kind: str) -> dict[str, Any]:
    """The stored probes of one kind: `about`, what they have in common, and `rows`.

    Example: `rows = fc.stored_probes("head")["rows"]`.

    Args:
        kind: "head", "network" or "knowledge", see `benchmarks/probes.py`.
    """
    return json.loads(STORED.read_text("utf-8"))[kind]


_WORDS = {"moved": "logits moved", "tested": "PublicTest"}


def probe_table(rows: Iterable[Mapping[str, Any]]) -> list[list[str]]:
    """Rows of probes as a table, headed by what they hold; without their seconds.

    Example: `fc.show_table(fc.probe_table(rows))`.
    """
    rows = [{name: row[name] for name in row if name != "seconds"} for row in rows]
    heading = [_WORDS.get(name, name) for name in rows[0]]
    return [heading, *([str(value) for value in row.values()] for row in rows)]
