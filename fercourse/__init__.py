"""fercourse: facial expression recognition, measured honestly.

A lesson begins with `import fercourse as fc`; `dir(fc)` lists the names that lessons
share. Each is loaded when it is first used, so `import fercourse` loads no Keras
backend and `KERAS_BACKEND` can still be set after it. What only one lesson needs is in
that lesson's package, such as `fercourse.lessons.lesson05`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from fercourse.commands.check import check_installation
    from fercourse.data.faces import EMOTIONS, SPLITS, FaceData, Faces
    from fercourse.data.fer2013.load import load_fer2013
    from fercourse.data.practice import practice_faces
    from fercourse.explain.maps import saliency
    from fercourse.lessons.lesson04.panel import attention_panel
    from fercourse.lessons.start import begin
    from fercourse.machine import load_backend
    from fercourse.models.attention import SpatialAttention
    from fercourse.models.costs import configuration_costs, multiply_adds, places
    from fercourse.models.pocket import pocket_configuration, pocket_model
    from fercourse.models.systems import build_model
    from fercourse.models.vgg19 import vgg19, vgg19_attention
    from fercourse.plots.figures import (
        accuracy_intervals,
        confusion_table,
        duels,
        emotion_bars,
        face_grid,
        learning_curves,
        named_bars,
        new_figure,
        show,
    )
    from fercourse.plots.tables import show_table
    from fercourse.plots.widgets import Guess, gallery
    from fercourse.results.evidence import own_and_others, shares_on_evidence
    from fercourse.results.probes import stored_probes
    from fercourse.results.runs import evaluate, make_run, read_run, runs, verify_run
    from fercourse.results.statistics import (
        TEST_FACES,
        mcnemar,
        mean_interval,
        wilson_interval,
    )
    from fercourse.results.table3.paper import PAPER_ROWS
    from fercourse.results.table3.rows import (
        full_size_runs,
        measured_row,
        measured_rows,
    )
    from fercourse.training.experiment import changed_fields
    from fercourse.training.loop import prepare, train
    from fercourse.training.prediction import attention_maps, predict
    from fercourse.training.recipes import RECIPES, Recipe

_HOMES = {
    "commands.check": "check_installation",
    "data.faces": "EMOTIONS SPLITS FaceData Faces",
    "data.fer2013.load": "load_fer2013",
    "data.practice": "practice_faces",
    "explain.maps": "saliency",
    "lessons.lesson04.panel": "attention_panel",
    "lessons.start": "begin",
    "machine": "load_backend",
    "models.attention": "SpatialAttention",
    "models.costs": "configuration_costs multiply_adds places",
    "models.pocket": "pocket_configuration pocket_model",
    "models.systems": "build_model",
    "models.vgg19": "vgg19 vgg19_attention",
    "plots.figures": "accuracy_intervals confusion_table duels emotion_bars"
    " face_grid learning_curves named_bars new_figure show",
    "plots.tables": "show_table",
    "plots.widgets": "Guess gallery",
    "results.evidence": "own_and_others shares_on_evidence",
    "results.probes": "stored_probes",
    "results.runs": "evaluate make_run read_run runs verify_run",
    "results.statistics": "TEST_FACES mcnemar mean_interval wilson_interval",
    "results.table3.paper": "PAPER_ROWS",
    "results.table3.rows": "full_size_runs measured_row measured_rows",
    "training.experiment": "changed_fields",
    "training.loop": "prepare train",
    "training.prediction": "attention_maps predict",
    "training.recipes": "RECIPES Recipe",
}
"""The public names, by the module that defines them."""


def lazily(
    package: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """What a package needs to load its names on first use (PEP 562).

    Args:
        package: its `__name__`.
        homes: modules, relative to the package, and their names in one string each.

    Returns:
        The package's `__getattr__`, `__dir__` and `__all__`.
    """
    home_of = {name: home for home, names in homes.items() for name in names.split()}

    def load(name: str) -> Any:
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = importlib.import_module(f".{home_of[name]}", package)
        return getattr(module, name)

    return load, lambda: sorted(home_of), sorted(home_of)


__getattr__, __dir__, __all__ = lazily(__name__, _HOMES)
