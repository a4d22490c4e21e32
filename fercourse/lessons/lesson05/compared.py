"""Which runs lesson 05 compares: one for each system of Table III, and pocket ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from fercourse.data.faces import IMAGE_SIDE
from fercourse.models.pocket import pocket_configuration
from fercourse.results.comparisons import Comparison
from fercourse.results.runs import Run, evaluate
from fercourse.results.statistics import TEST_FACES
from fercourse.results.table3.rows import Row, is_pocket_run
from fercourse.results.table3.words import network_of
from fercourse.training.experiment import POCKET_RECIPE, changed_fields

COMMON_RECIPE = "common"
"""The same training for every system; the pocket recipe is it with fewer epochs."""

PAPERS_POCKET = pocket_configuration("block4_pool", "concat")
"""The paper's network on a CPU: after block 5, 48 pixels would leave a single cell."""

NAMES: dict[str, str] = {
    "deep_emotion": "DeepEmotion",
    "inception": "Inception",
    "tuned_cnn": "tuned CNN",
    "resnet": "ResNet",
    "vgg": "VGG",
    "vggnet": "VGGnet",
    "vgg19_attention": "VGG19+Attention",
}
"""The systems of Table III, in its order, as figures name them."""


def compared_runs(runs: Iterable[Run]) -> dict[str, Run]:
    """The runs to compare, by name: systems in the order of Table III, then pocket.

    Of each system one run with seed 0 takes part, if there is one.
    """
    runs = list(runs)
    systems = {name_in_figures(run): run for run in one_run_a_system(runs).values()}
    taken = {id(run) for run in systems.values()}
    pocket = pocket_variants(runs).items()
    return systems | {name: run for name, run in pocket if id(run) not in taken}


def one_run_a_system(runs: Iterable[Run]) -> dict[str, Run]:
    """For each system of Table III that has one, the run that is fairest to compare.

    The common recipe comes first, and among its runs the hardware that trained most
    systems, so that budgets are alike; then the wider network, then the longer
    training. The only pocket model that counts here is `PAPERS_POCKET`.
    """
    candidates = [
        run
        for run in runs
        if run.configuration["system"] in NAMES
        and run.recipe["seed"] == 0
        and (run.recipe["name"] != POCKET_RECIPE or run.configuration == PAPERS_POCKET)
    ]
    hardware = _hardware_of_most(filter(_is_common, candidates))

    def fairness(run: Run) -> tuple:
        on_hardware = run.provenance["hardware"] == hardware
        width = network_of(run).width
        return _is_common(run), on_hardware, width, run.recipe["epochs"], run.name

    # The fairest run of a system comes last and replaces the others.
    ordered = sorted(candidates, key=fairness)
    fairest = {run.configuration["system"]: run for run in ordered}
    return {system: fairest[system] for system in NAMES if system in fairest}


def _is_common(run: Run) -> bool:
    named = run.recipe["name"] in (COMMON_RECIPE, POCKET_RECIPE)
    return named and changed_fields(run.recipe).keys() <= {"epochs"}


def _hardware_of_most(runs: Iterable[Run]) -> str | None:
    """The hardware that trained most systems; of two with as many, most runs."""
    pairs = [(run.provenance["hardware"], run.configuration["system"]) for run in runs]
    on, systems = (Counter(name for name, _ in some) for some in (pairs, set(pairs)))
    return max(on, key=lambda name: (systems[name], on[name]), default=None)


def pocket_variants(runs: Iterable[Run]) -> dict[str, Run]:
    """Pocket models by name: without attention, and the best place on PublicTest.

    There is one best place for appended maps and one for multiplied maps, at 48 pixels
    and at 96.
    """
    best: dict[tuple[int, str], tuple[float, Run]] = {}
    for run in runs:
        network = network_of(run)
        if is_pocket_run(run) and run.recipe["seed"] == 0:
            kind = network.size, network.combine if network.after else ""
            accuracy = evaluate(run.single["public"]).accuracy
            if kind not in best or accuracy > best[kind][0]:
                best[kind] = accuracy, run
    # No block, then concat, then multiply; 48 pixels before 96.
    return {_pocket_name(best[kind][1]): best[kind][1] for kind in sorted(best)}


def _pocket_name(run: Run) -> str:
    network = network_of(run)
    side = "" if network.size == IMAGE_SIDE else f" {network.size} px"
    # The label ends with the size, too, which here comes first.
    return f"pocket{side}, {network.label.removesuffix(f',{side}')}"


def name_in_figures(run: Run) -> str:
    """A system with what its run departs in, such as "ResNet, width 0.5"."""
    if run.configuration == PAPERS_POCKET and run.recipe["name"] != COMMON_RECIPE:
        return _pocket_name(run)
    width = network_of(run).width
    parts = [NAMES[run.configuration["system"]]]
    if width != 1:
        parts.append(f"width {width:g}")
    if not _is_common(run):
        parts.append(f"recipe {run.recipe['name']}")
    return ", ".join(parts)


def deciding_shares(pairs: Iterable[Comparison], within: float) -> list[float]:
    """Percent of the faces that exactly one network of a pair gets right.

    Only pairs whose accuracies are less than `within` points apart are counted.
    """
    return [
        100 * (pair.test.only_first + pair.test.only_second) / TEST_FACES
        for pair in pairs
        if abs(pair.test.only_first - pair.test.only_second) < within / 100 * TEST_FACES
    ]


def near_the_best(rows: Mapping[str, Row], points: float) -> list[str]:
    """The names of the rows less than `points` below the best, by PublicTest."""
    best = max(row.public.accuracy for row in rows.values())
    return [n for n, row in rows.items() if best - row.public.accuracy < points]
