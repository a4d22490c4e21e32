"""Which runs lesson 05 compares: one for each system of Table III, and beside them pocket networks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from fercourse.models.pocket import VARIANTS, pocket_configuration
from fercourse.results.runs import Run, evaluate
from fercourse.results.table3.tables import POCKET_RECIPE, is_pocket_run
from fercourse.results.table3.words import whole_configuration
from fercourse.training.experiment import changed_fields

COMMON_RECIPE = "common"
"""By which every system is trained in the same way; the pocket recipe is the same with fewer epochs."""

PAPERS_POCKET = pocket_configuration("block4_pool", "concat")
"""The paper's network as a CPU can train it: its map appended, behind the last grid of more than one place
that a 48-pixel face has."""

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


def contest(runs: Iterable[Run]) -> dict[str, Run]:
    """The runs to compare, by a name for figures: systems in the order of Table III, then pocket networks.

    Args:
        runs: any; of each system one with seed 0 takes part, if there is one.
    """
    runs = list(runs)
    systems = {name_in_figures(run): run for run in one_run_a_system(runs).values()}
    there = {id(run) for run in systems.values()}
    return systems | {
        name: run for name, run in pocket_variants(runs).items() if id(run) not in there
    }


def one_run_a_system(runs: Iterable[Run]) -> dict[str, Run]:
    """For each system of Table III that has one, the run that is fairest to compare.

    Runs by the common recipe come before others, and among these runs on the hardware
    that trained most systems, so that budgets are alike; then the wider network, then
    the longer training. Of the pocket networks only `PAPERS_POCKET` counts here: see
    `pocket_variants`.
    """
    candidates = [
        run
        for run in runs
        if run.configuration["system"] in NAMES
        and run.recipe["seed"] == 0
        and (run.recipe["name"] != POCKET_RECIPE or run.configuration == PAPERS_POCKET)
    ]
    hardware = _hardware_of_most([run for run in candidates if _is_common(run)])

    def fairness(run: Run) -> tuple:
        return (
            _is_common(run),
            run.provenance["hardware"] == hardware,
            whole_configuration(run)["width"],
            run.recipe["epochs"],
            run.name,
        )

    found = {
        run.configuration["system"]: run for run in sorted(candidates, key=fairness)
    }
    return {system: found[system] for system in NAMES if system in found}


def _is_common(run: Run) -> bool:
    named = run.recipe["name"] in (COMMON_RECIPE, POCKET_RECIPE)
    return named and changed_fields(run.recipe).keys() <= {"epochs"}


def _hardware_of_most(runs: Sequence[Run]) -> str | None:
    """On which hardware most systems were trained; of two with as many, the one with more runs."""
    systems = defaultdict(list)
    for run in runs:
        systems[run.provenance["hardware"]].append(run.configuration["system"])
    return max(
        systems,
        key=lambda name: (len(set(systems[name])), len(systems[name])),
        default=None,
    )


def pocket_variants(runs: Iterable[Run]) -> dict[str, Run]:
    """Of lesson 04's networks the one without attention, and the place that PublicTest would choose.

    There is one such place for maps that are appended and one for maps that are
    multiplied. Runs by the pocket recipe with seed 0, by a name for figures.
    """
    pocket = [run for run in runs if is_pocket_run(run) and run.recipe["seed"] == 0]
    best: dict[str, tuple[float, str, Run]] = {}
    for variant in VARIANTS:
        kind = variant.combine if variant.after else "none"
        wanted = pocket_configuration(variant.after, variant.combine)
        for run in pocket:
            accuracy = evaluate(run.single["public"]).accuracy
            if run.configuration == wanted and accuracy > best.get(kind, (0.0,))[0]:
                best[kind] = (accuracy, f"pocket, {variant.label}", run)
    return {name: run for _, name, run in best.values()}


def name_in_figures(run: Run) -> str:
    """A system with what its run departs in, such as "ResNet, width 0.5"."""
    width = whole_configuration(run)["width"]
    parts = [NAMES[run.configuration["system"]]]
    if width != 1:
        parts.append(f"width {width:g}")
    if not _is_common(run):
        parts.append(f"recipe {run.recipe['name']}")
    return ", ".join(parts)


def not_yet_run(compared: Mapping[str, Run]) -> list[str]:
    """The systems of Table III without a run by the common recipe among those compared, by name."""
    trained = {
        run.configuration["system"] for run in compared.values() if _is_common(run)
    }
    return [name for system, name in NAMES.items() if system not in trained]
