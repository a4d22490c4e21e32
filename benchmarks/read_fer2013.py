"""How fast fer2013.csv is read: python benchmarks/read_fer2013.py FER2013.CSV.

Each way runs in a process of its own, so that its peak of memory is its own. Prints
seconds, peak megabytes (RSS), and the ratio to one `np.fromstring(sep=" ")` per row,
all from the same run.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

WAYS = {
    "fromstring": 'one np.fromstring(sep=" ") per row',
    "read": "fercourse, reading alone",
    "load": "load_fer2013: reading, checking, caching",
    "reopen": "load_fer2013 from the cache",
}


def read_fromstring(path: Path) -> None:
    images, usages = [], []
    with open(path, "rb") as file:
        next(file)
        for line in file:
            _, pixels, usage = line.split(b",")
            images.append(np.fromstring(pixels, np.uint8, sep=" "))
            usages.append(usage)
    np.stack(images)


def measure(way: str, path: Path) -> None:
    from fercourse.data.fer2013.load import load_fer2013
    from fercourse.data.fer2013.tables import read_tables

    start, busy = time.perf_counter(), time.process_time()
    if way == "fromstring":
        read_fromstring(path)
    elif way == "read":
        read_tables([path])
    else:
        load_fer2013(path)
    seconds = time.perf_counter() - start
    peak = (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    )  # kilobytes on Linux
    print(seconds, time.process_time() - busy, peak)


def main() -> None:
    if len(sys.argv) == 3:
        measure(sys.argv[1], Path(sys.argv[2]))
        return
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    repeats = 3
    results: dict[str, list[tuple[float, float, float]]] = {way: [] for way in WAYS}
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as cache:
            for way in WAYS:
                command = [sys.executable, __file__, way, sys.argv[1]]
                environment = {**os.environ, "FERCOURSE_CACHE": cache}
                output = subprocess.run(
                    command, env=environment, check=True, capture_output=True, text=True
                ).stdout
                seconds, busy, peak = map(float, output.split())
                results[way].append((seconds, busy, peak))
    print(f"best of {repeats}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{'':42s} {'seconds':>7s} {'of CPU':>7s} {'MB':>5s}  × fromstring")
    for way, words in WAYS.items():
        seconds, busy = (min(run[place] for run in results[way]) for place in (0, 1))
        peak = max(run[2] for run in results[way])
        ratio = seconds / min(run[0] for run in results["fromstring"])
        print(f"{words:42s} {seconds:7.3f} {busy:7.3f} {peak:5.0f}  {ratio:.3f}")


if __name__ == "__main__":
    main()
