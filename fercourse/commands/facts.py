"""`python -m fercourse facts`: counts of FER2013 and FER+, against the stored table."""

from __future__ import annotations

from pathlib import Path


def compare_facts(
    data_path: Path | None = None, ferplus: Path | None = None, write: bool = False
) -> int:
    """Print the facts, and write or compare them; returns 1 if some differ."""
    from fercourse.data.facts import FACTS, differing_facts, facts, write_facts
    from fercourse.data.fer2013.load import load_fer2013
    from fercourse.data.ferplus import find_ferplus, read_ferplus
    from fercourse.results.runs import read_run

    path, data = find_ferplus(ferplus), load_fer2013(data_path)
    data.require_comparable("The table of facts")
    votes = None if path is None else read_ferplus(path)
    answers = read_run("pocket-none-pocket-seed0").single["private"].predicted
    known = len(answers) == len(data.test)  # else these are not FER2013's test faces
    counted = facts(data, votes, answers if known else None)
    for name, fact in counted.items():
        print(f"{name}: {fact['value']} ({fact['meaning']})")
    if path is None:
        print(
            "The votes of FER+ are not here, so its facts were left out; --ferplus "
            "names the file."
        )
    if write:
        write_facts(counted, data)
        print(f"{FACTS.name} is written.")
        return 0
    differing = differing_facts(counted)
    agree = f"All {len(counted)} facts agree with {FACTS.name}."
    print("\n".join(differing) or agree)
    return 1 if differing else 0
