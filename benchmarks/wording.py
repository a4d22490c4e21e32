"""How natural the course's English is: `benchmarks/wording.py [-v]`.

Counts words that are common in translated English and rare in good technical writing,
per 10,000 words of the lessons, the documents and the library's strings, next to the
highest frequency in four well-written projects. The exit code is 1 if one of them is
more than twice as frequent here; -v prints every place.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
DATA = ("data/README.md", "data/MODEL_CARD.md", "data/results/QUEUE.md")
DOCUMENTS = ("README.md", "CONTRIBUTING.md", *DATA)

WORDS = {
    r"stands?|stood|standing": 0.9,
    r"tells?|told|telling": 2.3,
    r"lies?|lay|lying": 2.3,
    r"(?:of|by|in) which": 2.4,
    r"behind": 0.9,
    r"beside": 0.0,
    r"so (?:many|much|large|long|few)": 0.5,
    r"whoever": 0.0,
    r"hand(?:s|ed)? over": 0.0,
    r"mend(?:s|ed)?": 0.0,
}
"""Highest frequency per 10,000 words in d2l (460,000 words), LLMs-from-scratch
(22,000), keras-hub (234,000) and timm (118,000), counted in November 2026."""


def texts() -> dict[str, str]:
    """What is read, by kind, without code."""
    lessons = [path.read_text("utf-8") for path in ROOT.glob("lessons/source/*.py")]
    prose = re.findall(r"^#(?: (?!%%).*)?$", "\n".join(lessons), re.MULTILINE)
    pages = [(ROOT / name).read_text("utf-8") for name in DOCUMENTS]
    code = "\n".join(path.read_text("utf-8") for path in ROOT.glob("fercourse/**/*.py"))
    nodes = [getattr(node, "value", None) for node in ast.walk(ast.parse(code))]
    kinds = {
        "lessons": " ".join(line[2:] for line in prose),
        "documents": "\n".join(pages),
        "library": "\n".join(node for node in nodes if isinstance(node, str)),
    }
    marks = re.compile(r"```.*?```|`[^`\n]*`|\]\([^)]*\)|\s+", re.DOTALL)
    return {kind: marks.sub(" ", text) for kind, text in kinds.items()}


def main() -> int:
    """Print the table."""
    read, above = texts(), False
    print(
        f"{'per 10,000 words':<34}", *(f"{kind:>10}" for kind in (*read, "elsewhere"))
    )
    for words, elsewhere in WORDS.items():
        row = []
        for kind, text in read.items():
            found = list(re.finditer(rf"\b(?:{words})\b", text, re.IGNORECASE))
            row.append(1e4 * len(found) / len(text.split()))
            for one in found if "-v" in sys.argv else ():
                print(f"  {kind}: …{text[max(0, one.start() - 40) : one.end() + 30]}…")
        print(
            words.ljust(34), *(f"{share:10.1f}" for share in row), f"{elsewhere:11.1f}"
        )
        above |= max(row) > 2 * elsewhere
    return int(above)


if __name__ == "__main__":
    sys.exit(main())
