"""What probes showed: measurements that `benchmarks/probes.py` made."""

from __future__ import annotations

import json
from typing import Any

from fercourse.machine import REPOSITORY

STORED = REPOSITORY / "data" / "probes.json"
"""Results of the probes, by kind; no face is in it."""


def stored_probes(kind: str) -> dict[str, Any]:
    """The stored probes of one kind: `about`, what they have in common, and `rows`.

    Example: `rows = fc.stored_probes("head")["rows"]`.

    Args:
        kind: "head", "network", "variations" or "knowledge", see
            `benchmarks/probes.py`.
    """
    return json.loads(STORED.read_text("utf-8"))[kind]
