"""Comparisons: against hand computation, the literature, other formulas, simulation."""

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
    holm,
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
    ("other", "p_value", "digits"),
    [(73.28, 0.95, 2), (72.7, 0.53, 2), (71.6, 0.10, 2), (70.02, 0.002, 3)],
)
def test_the_papers_number_against_the_others(other, p_value, digits):
    test = two_proportions(73.35, other)
    assert round(test.p_value, digits) == p_value
    assert test.difference == pytest.approx(73.35 - other)


def test_two_proportions_by_hand():
    test = two_proportions(60, 50, 100, 400)
    pooled = (60 + 200) / 500
    z = 0.1 / np.sqrt(pooled * (1 - pooled) * (1 / 100 + 1 / 400))
    assert test.z == pytest.approx(z)
    assert test.p_value == pytest.approx(2 * norm.sf(z))
    for share in (0, 50, 100):
        assert two_proportions(share, share).p_value == 1


@pytest.mark.parametrize(
    "wrong", [(101, 50, 10), (50, -1, 10), (50, 60, 0), (50, 60, 10, 0)]
)
def test_what_cannot_be_compared_is_refused(wrong):
    with pytest.raises(ValueError, match="cannot be compared"):
        two_proportions(*wrong)


# All pairs
# ----------------------------------------------------------------------------------


def test_holm_by_hand():
    # The smallest times 4, the next times 3, …, never less than the one before, nor
    # more than 1.
    corrected = holm([0.01, 0.8, 0.02, 0.015])
    assert corrected == pytest.approx([0.04, 0.8, 0.045, 0.045])
    assert holm([0.6, 0.7]) == [1, 1] and holm([]) == []


def test_all_pairs_are_compared_and_corrected():
    answers = models(0.5, 0.57, 0.6, 0.62, seed=18)
    pairs = compare_pairs(answers)
    names = [(pair.first, pair.second) for pair in pairs]
    assert names == list(combinations(answers, 2))
    tests = [mcnemar(answers[first], answers[second]) for first, second in names]
    assert [pair.test for pair in pairs] == tests
    p_values = [test.p_value for test in tests]
    assert [pair.adjusted for pair in pairs] == holm(p_values)


def test_correction_keeps_false_alarms_rare(monkeypatch):
    monkeypatch.setattr("gc.collect", lambda: 0)  # statsmodels calls it every time
    # Of five equally good models, one of ten pairs often looks significant.
    alarms = []
    for seed in range(200):
        pairs = compare_pairs(models(*[0.7] * 5, seed=seed))
        alone = min(pair.test.p_value for pair in pairs)
        alarms.append((alone < 0.05, min(pair.adjusted for pair in pairs) < 0.05))
    plain, corrected = np.mean(alarms, axis=0)
    assert plain > 0.1 and corrected < 0.06


@pytest.mark.parametrize("compare", [compare_pairs, bootstrap_ranks])
@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([], r"0 model\(s\)"),
        ([np.ones(3, bool)], r"1 model\(s\)"),
        ([np.ones(3, bool), np.ones(4, bool)], r"0: \(3,\), 1: \(4,\)"),
        ([np.ones((3, 7), bool)] * 2, "one answer for each"),
        ([np.ones(3, int), np.ones(3, bool)], "expected bool"),
        ([np.ones(0, bool)] * 2, "at least one face"),
    ],
)
def test_answers_that_do_not_compare_are_refused(compare, answers, words):
    with pytest.raises(ValueError, match=words):
        compare({str(i): one for i, one in enumerate(answers)})


# Ranks
# --------------------------------------------------------------------------------------


def test_ranks_are_those_of_resampled_faces():
    answers = models(0.70, 0.72, 0.68, count=300)
    stacked = np.stack(list(answers.values()))
    random = np.random.default_rng(5)
    shares = np.zeros((3, 3))
    for _ in range(4000):
        right = stacked[:, random.integers(0, 300, 300)].sum(axis=1)
        for model in range(3):
            better, same = (right > right[model]).sum(), (right == right[model]).sum()
            shares[model, better : better + same] += 1 / same / 4000
    ranks = bootstrap_ranks(answers, resamples=8000)
    assert ranks.names == ("m0", "m1", "m2")
    np.testing.assert_allclose(ranks.shares, shares, atol=0.03)


@pytest.mark.parametrize("confidence", [0.3, 0.8, 0.95])
def test_intervals_leave_out_the_rest_at_either_end(confidence):
    answers = models(0.70, 0.71, 0.72, 0.73, 0.71, 0.7)
    ranks = bootstrap_ranks(answers, confidence=confidence)
    np.testing.assert_allclose([ranks.shares.sum(0), ranks.shares.sum(1)], 1)
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
    shares = bootstrap_ranks(answers).shares
    np.testing.assert_array_equal(shares, bootstrap_ranks(answers).shares)
    assert (shares != bootstrap_ranks(answers, seed=1).shares).any()


def test_one_resample_has_one_rank_each():
    ranks = bootstrap_ranks(models(0.3, 0.9, 0.6), resamples=1)
    assert ranks.low.tolist() == ranks.high.tolist() == ranks.rank.tolist() == [3, 1, 2]
    with pytest.raises(ValueError, match="resamples is 0"):
        bootstrap_ranks(models(0.5, 0.6), resamples=0)


# How many faces
# -------------------------------------------------------------------------------


def test_what_3589_faces_can_show():
    # Literature: 2.05 points unpaired, about 1.1 paired with 12 % discordant faces.
    unpaired = detectable_difference(73.35, power=0.5)
    assert round(unpaired, 2) == 2.05
    assert round(detectable_difference(73.35, discordant=12, power=0.5), 1) == 1.1
    test = two_proportions(73.35 + unpaired / 2, 73.35 - unpaired / 2)
    assert test.p_value == pytest.approx(0.05)


def test_the_papers_difference_takes_millions_of_faces():
    unpaired = faces_needed(73.28, 73.35)
    # Cohen's effect size is another road to the same number.
    effect = proportion_effectsize(0.7335, 0.7328)
    cohens = NormalIndPower().solve_power(effect, alpha=0.05, power=0.8)
    assert unpaired == pytest.approx(cohens, rel=1e-3) == faces_needed(73.35, 73.28)
    assert 1e6 < faces_needed(73.28, 73.35, discordant=12) < unpaired < 1e7


@pytest.mark.parametrize("discordant", [None, 12, 30])
@pytest.mark.parametrize(("count", "power"), [(3589, 0.8), (3589, 0.5), (400, 0.9)])
def test_the_two_directions_agree(discordant, count, power):
    points = detectable_difference(70, count, discordant, power)
    first, second = 70 + points / 2, 70 - points / 2
    assert abs(faces_needed(first, second, discordant, power) - count) <= 1


def test_the_power_holds_in_simulation():
    random, significant = np.random.default_rng(0), norm.isf(0.025)
    faces = faces_needed(75, 70, discordant=20)
    shares = [0.125, 0.075, 0.8]
    first, second, _ = random.multinomial(faces, shares, size=20_000).T
    z = (first - second) / np.sqrt(first + second)
    assert (np.abs(z) > significant).mean() == pytest.approx(0.8, abs=0.01)
    faces = faces_needed(75, 70)
    first, second = (random.binomial(faces, p, 20_000) / faces for p in (0.75, 0.7))
    pooled = (first + second) / 2
    z = (first - second) / np.sqrt(2 * pooled * (1 - pooled) / faces)
    assert (np.abs(z) > significant).mean() == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"first": 70}, "no number of faces"),
        ({"first": 101}, "expected 0 to 100"),
        ({"discordant": 2}, "at least the difference, 3 points"),
        ({"discordant": 101}, "at most 100"),
        ({"power": 1}, "power is 1"),
    ],
)
def test_impossible_questions_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        faces_needed(**{"first": 73, "second": 70} | arguments)


@pytest.mark.parametrize(
    "arguments",
    [(100,), (0,), (110,), (70, 3), (70, 0), (70, 3589, 0), (70, 9, 101), (70, 9, -1)],
)
def test_too_few_faces_show_nothing(arguments):
    with pytest.raises(ValueError, match="can show no difference"):
        detectable_difference(*arguments)
