"""Comparisons: against hand computation, the literature, other formulas and simulation."""

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import norm
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportion_effectsize

from fercourse.results.comparisons import (
    bootstrap_ranks,
    compare_pairs,
    detectable_difference,
    faces_needed,
    two_proportions,
)
from fercourse.results.statistics import mcnemar


def models(*accuracies, count=400, seed=0):
    """Made-up answers of models m0, m1, ... with these chances to be right."""
    random = np.random.default_rng(seed)
    return {
        f"m{i}": random.uniform(size=count) < share
        for i, share in enumerate(accuracies)
    }


# Two published numbers
# --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "p_value"),
    [
        (73.28, 0.95),
        (72.7, 0.53),
        (72.4, 0.37),
        (72.16, 0.26),
        (71.6, 0.10),
        (70.02, 0.002),
    ],
)
def test_the_papers_number_against_the_others(other, p_value):
    # Only the last of these differences is significant.
    test = two_proportions(73.35, other)
    assert test.p_value == pytest.approx(
        p_value, abs=0.005 if p_value > 0.01 else 0.0005
    )
    assert test.difference == pytest.approx(73.35 - other)


def test_two_proportions_by_hand():
    test = two_proportions(60, 50, 100, 400)
    pooled = (60 + 200) / 500
    z = 0.1 / np.sqrt(pooled * (1 - pooled) * (1 / 100 + 1 / 400))
    assert test.z == pytest.approx(z)
    assert test.p_value == pytest.approx(2 * norm.sf(z))
    assert two_proportions(50, 60, 400, 100).z == pytest.approx(-z)


@pytest.mark.parametrize("share", [0, 50, 100])
def test_equal_numbers_do_not_differ(share):
    assert two_proportions(share, share).p_value == 1


@pytest.mark.parametrize(
    "wrong", [(101, 50, 10), (50, -1, 10), (50, 60, 0), (50, 60, 10, 0)]
)
def test_what_cannot_be_compared_is_refused(wrong):
    with pytest.raises(ValueError, match="cannot be compared"):
        two_proportions(*wrong)


# All pairs
# ----------------------------------------------------------------------------------


def test_all_pairs_are_compared_and_corrected_by_hand():
    answers = models(0.5, 0.57, 0.6, 0.62, seed=18)
    found = compare_pairs(answers)
    assert [(pair.first, pair.second) for pair in found] == list(
        combinations(answers, 2)
    )
    for pair in found:
        assert pair.test == mcnemar(answers[pair.first], answers[pair.second])
    # Holm, 1979: the smallest p times 6, the next times 5, ..., and never less than the
    # one before.
    least = 0.0
    for place, pair in enumerate(sorted(found, key=lambda pair: pair.test.p_value)):
        least = min(max(least, (6 - place) * pair.test.p_value), 1.0)
        assert pair.adjusted == pytest.approx(least)
    assert any(pair.test.p_value < 0.05 < pair.adjusted for pair in found)


def test_two_models_need_no_correction():
    (pair,) = compare_pairs(models(0.5, 0.7))
    assert pair.adjusted == pair.test.p_value


def test_correction_keeps_false_alarms_rare(monkeypatch):
    monkeypatch.setattr(
        "gc.collect", lambda: 0
    )  # statsmodels calls it every time, which takes its time
    # Five models of the same quality: without correction one of ten pairs often looks
    # significant.
    alarms = np.array(
        [
            [
                min(pair.test.p_value for pair in found) < 0.05,
                min(pair.adjusted for pair in found) < 0.05,
            ]
            for found in (
                compare_pairs(models(*[0.7] * 5, seed=seed)) for seed in range(200)
            )
        ]
    )
    plain, corrected = alarms.mean(axis=0)
    assert plain > 0.1 and corrected < 0.06


@pytest.mark.parametrize("compare", [compare_pairs, bootstrap_ranks])
@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({}, r"0 model\(s\) to compare"),
        ({"a": np.ones(3, bool)}, r"1 model\(s\) to compare"),
        ({"a": np.ones(3, bool), "b": np.ones(4, bool)}, r"a: \(3,\), b: \(4,\)"),
        (
            {"a": np.ones((3, 7), bool), "b": np.ones((3, 7), bool)},
            "one answer for each",
        ),
        ({"a": np.ones(3, int), "b": np.ones(3, bool)}, "expected bool"),
        ({"a": np.ones(0, bool), "b": np.ones(0, bool)}, "at least one face"),
    ],
)
def test_answers_that_do_not_compare_are_refused(compare, answers, words):
    with pytest.raises(ValueError, match=words):
        compare(answers)


# Ranks
# --------------------------------------------------------------------------------------


def test_ranks_are_shares():
    ranks = bootstrap_ranks(models(0.7, 0.72, 0.5, 0.7))
    np.testing.assert_allclose(ranks.shares.sum(axis=0), 1)
    np.testing.assert_allclose(ranks.shares.sum(axis=1), 1)
    assert ranks.names == ("m0", "m1", "m2", "m3")
    assert (ranks.low <= ranks.rank).all() and (ranks.rank <= ranks.high).all()
    assert ranks.rank[2] == ranks.low[2] == ranks.high[2] == 4


def test_ranks_are_those_of_resampled_faces():
    answers = models(0.70, 0.72, 0.68, count=300)
    stacked = np.stack(list(answers.values()))
    random = np.random.default_rng(5)
    wanted = np.zeros((3, 3))
    for _ in range(4000):
        right = stacked[:, random.integers(0, 300, 300)].sum(axis=1)
        for model in range(3):
            better, same = (right > right[model]).sum(), (right == right[model]).sum()
            wanted[model, better : better + same] += 1 / same / 4000
    ranks = bootstrap_ranks(answers, resamples=8000)
    np.testing.assert_allclose(ranks.shares, wanted, atol=0.03)
    for model in range(3):
        up_to = ranks.shares[model].cumsum()
        assert ranks.low[model] == np.flatnonzero(up_to > 0.025)[0] + 1
        assert ranks.high[model] == np.flatnonzero(up_to >= 0.975)[0] + 1


@pytest.mark.parametrize("confidence", [0.3, 0.5, 0.8, 0.95])
def test_intervals_leave_out_the_rest_at_either_end(confidence):
    ranks = bootstrap_ranks(
        models(0.70, 0.71, 0.72, 0.73, 0.71, 0.7), confidence=confidence
    )
    rest = (1 - confidence) / 2
    for shares, low, high in zip(ranks.shares, ranks.low, ranks.high, strict=True):
        assert shares[: low - 1].sum() <= rest + 1e-9 < shares[:low].sum()
        assert shares[high:].sum() <= rest + 1e-9 < shares[high - 1 :].sum()


def test_equal_models_share_their_places():
    answers = models(0.7)["m0"]
    worse = answers.copy()
    worse[np.flatnonzero(answers)[:200]] = False
    ranks = bootstrap_ranks({"a": answers, "b": worse, "c": answers, "d": answers})
    np.testing.assert_allclose(ranks.shares[[0, 2, 3]], [[1 / 3, 1 / 3, 1 / 3, 0]] * 3)
    assert ranks.rank.tolist() == [2, 4, 2, 2]
    assert ranks.shares[1].tolist() == [0, 0, 0, 1]
    assert (ranks.low.tolist(), ranks.high.tolist()) == ([1, 4, 1, 1], [3, 4, 3, 3])


def test_the_same_seed_draws_the_same_faces():
    answers = models(0.7, 0.72, 0.71)
    first, again = bootstrap_ranks(answers), bootstrap_ranks(answers)
    np.testing.assert_array_equal(first.shares, again.shares)
    assert (first.shares != bootstrap_ranks(answers, seed=1).shares).any()
    # The order in which models are named is no matter but for the draws.
    turned = bootstrap_ranks(dict(reversed(answers.items())))
    np.testing.assert_allclose(turned.shares[::-1], first.shares, atol=0.05)


def test_one_resample_has_one_rank_each():
    ranks = bootstrap_ranks(models(0.3, 0.9, 0.6), resamples=1)
    assert ranks.low.tolist() == ranks.high.tolist() == ranks.rank.tolist() == [3, 1, 2]
    with pytest.raises(ValueError, match="resamples is 0"):
        bootstrap_ranks(models(0.5, 0.6), resamples=0)


# How many faces
# -------------------------------------------------------------------------------


def test_what_3589_faces_can_show():
    # Known from the literature: 2.05 points unpaired, about 1.1 paired with 12 %
    # discordant faces.
    assert round(detectable_difference(73.35, power=0.5), 2) == 2.05
    assert round(detectable_difference(73.35, discordant=12, power=0.5), 1) == 1.1
    assert detectable_difference(73.35) > 2.05
    half = detectable_difference(73.35, power=0.5) / 2
    assert two_proportions(73.35 + half, 73.35 - half).p_value == pytest.approx(0.05)


def test_the_papers_difference_takes_millions_of_faces():
    unpaired, paired = (
        faces_needed(73.28, 73.35),
        faces_needed(73.28, 73.35, discordant=12),
    )
    # Cohen's effect size is another road to the same number.
    effect = proportion_effectsize(0.7335, 0.7328)
    assert unpaired == pytest.approx(
        NormalIndPower().solve_power(effect, alpha=0.05, power=0.8), rel=1e-3
    )
    assert unpaired == faces_needed(73.35, 73.28)
    # Of one discordant face in eight, and a difference so small, nearly (z + z)² · 0.12
    # / 0.0007² remain.
    z = norm.isf(0.025) + norm.ppf(0.8)
    assert paired == pytest.approx(z**2 * 0.12 / 0.0007**2, rel=1e-4)
    assert 1_000_000 < paired < unpaired < 10_000_000


@pytest.mark.parametrize("discordant", [None, 12, 30])
@pytest.mark.parametrize(("count", "power"), [(3589, 0.8), (3589, 0.5), (400, 0.9)])
def test_the_two_directions_agree(discordant, count, power):
    points = detectable_difference(70, count, discordant, power)
    first, second = 70 + points / 2, 70 - points / 2
    assert abs(faces_needed(first, second, discordant, power) - count) <= 1


def test_paired_power_holds_in_simulation():
    wanted = faces_needed(75, 70, discordant=20)
    random = np.random.default_rng(0)
    only_first, only_second, _ = random.multinomial(
        wanted, [0.125, 0.075, 0.8], size=20_000
    ).T
    z = (only_first - only_second) / np.sqrt(only_first + only_second)
    assert (np.abs(z) > norm.isf(0.025)).mean() == pytest.approx(0.8, abs=0.01)


def test_unpaired_power_holds_in_simulation():
    wanted = faces_needed(75, 70)
    random = np.random.default_rng(0)
    first, second = (
        random.binomial(wanted, share, 20_000) / wanted for share in (0.75, 0.70)
    )
    pooled = (first + second) / 2
    z = (first - second) / np.sqrt(2 * pooled * (1 - pooled) / wanted)
    assert (np.abs(z) > norm.isf(0.025)).mean() == pytest.approx(0.8, abs=0.01)


def test_paired_faces_by_hand():
    # Connor, 1987: (z sqrt(share) + z sqrt(share - difference²))² / difference²
    spread = norm.isf(0.025) * np.sqrt(0.25) + norm.ppf(0.8) * np.sqrt(0.25 - 0.2**2)
    assert faces_needed(80, 60, discordant=25) == np.ceil((spread / 0.2) ** 2)
    assert (
        spread**2 / 0.2**2 < (norm.isf(0.025) + norm.ppf(0.8)) ** 2 * 0.25 / 0.2**2 - 1
    )


def test_more_is_needed_for_less():
    assert faces_needed(73, 70) < faces_needed(72, 70) < faces_needed(71, 70)
    assert (
        faces_needed(73, 70, power=0.9)
        > faces_needed(73, 70)
        < faces_needed(73, 70, alpha=0.01)
    )
    assert (
        faces_needed(73, 70, discordant=3)
        < faces_needed(73, 70, discordant=12)
        < faces_needed(73, 70)
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"first": 70, "second": 70}, "no number of faces"),
        ({"first": 101, "second": 70}, "expected 0 to 100"),
        (
            {"first": 73, "second": 70, "discordant": 2},
            "at least the difference, 3 points",
        ),
        ({"first": 73, "second": 70, "discordant": 101}, "at most 100"),
        ({"first": 73, "second": 70, "power": 1}, "power is 1"),
        ({"first": 73, "second": 70, "alpha": 5}, "alpha is 5"),
    ],
)
def test_impossible_questions_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        faces_needed(**arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        (100,),
        (0,),
        (110,),
        (70, 3),
        (70, 0),
        (70, 3589, 0),
        (70, 3589, 101),
        (70, 3589, -1),
    ],
)
def test_too_few_faces_show_nothing(arguments):
    with pytest.raises(ValueError, match="can show no difference"):
        detectable_difference(*arguments)
