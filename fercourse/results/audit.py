"""An audit: does a model make more errors on one group of faces than on the rest?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from statsmodels.stats.proportion import confint_proportions_2indep

from fercourse.results.comparisons import holm, two_proportions
from fercourse.results.statistics import wilson_interval


@dataclass(frozen=True)
class GroupErrors:
    """A model's errors on one group of faces and on the rest, in percent."""

    count: int  # faces in the group
    error: float
    interval: tuple[float, float]  # of `error`, 95 % (Wilson)
    rest_error: float
    rest_interval: tuple[float, float]
    gap_interval: tuple[float, float]  # of `gap`, 95 % (Newcombe, 1998)
    p_value: float  # of a difference this large between two groups of equal error
    adjusted: float  # the same after Holm's correction for all groups

    @property
    def gap(self) -> float:
        """How many points more errors the model makes on the group."""
        return self.error - self.rest_error


def audit(
    correct: np.ndarray, groups: Mapping[str, np.ndarray]
) -> dict[str, GroupErrors]:
    """Compare the errors on each group with those on all other faces.

    Args:
        correct: bool, (N,), whether the model is right.
        groups: by name: bool, (N,), which faces belong to it.

    Raises:
        ValueError: a group holds no face, or every face.
    """
    found = {name: _compare(name, ~correct, group) for name, group in groups.items()}
    adjusted = holm([one.p_value for one in found.values()])
    corrected = zip(found.items(), adjusted, strict=True)
    return {name: replace(one, adjusted=p_value) for (name, one), p_value in corrected}


def _compare(name: str, wrong: np.ndarray, group: np.ndarray) -> GroupErrors:
    """One group against the rest, not corrected yet."""
    (count, errors), (rest, rest_errors) = (
        (int(which.sum()), int(wrong[which].sum())) for which in (group, ~group)
    )
    if not count or not rest:
        raise ValueError(f"{name}: {count} faces are in the group and {rest} are not.")
    error, rest_error = 100 * errors / count, 100 * rest_errors / rest
    p_value = two_proportions(error, rest_error, count, rest).p_value
    interval = wilson_interval(errors, count)
    rest_interval = wilson_interval(rest_errors, rest)
    low, high = confint_proportions_2indep(
        errors, count, rest_errors, rest, compare="diff", method="newcomb"
    )
    return GroupErrors(
        count,
        error,
        interval,
        rest_error,
        rest_interval,
        gap_interval=(100 * low, 100 * high),
        p_value=p_value,
        adjusted=p_value,
    )
