"""Statistics: against hand-made and published values."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from sklearn.calibration import calibration_curve as sklearns_curve

from fercourse.results.statistics import (
    calibration_curve,
    counts_that_give,
    macro_f1,
    mcnemar,
    mean_interval,
    wilson_interval,
)


def made_up(count, seed, power=1):
    """Confidences and answers that are right with the confidence to a power."""
    random = np.random.default_rng(seed)
    confidence = random.uniform(0.5, 1, count)
    correct = random.uniform(size=count) < confidence**power
    return np.stack([confidence, 1 - confidence], -1), correct


def test_wilson_at_the_papers_accuracy():
    # literature: 73.35 % of 3,589 faces is between 71.9 and 74.8 %
    assert [round(end, 1) for end in wilson_interval(2633, 3589)] == [71.9, 74.8]
    assert wilson_interval(0, 10)[0] == pytest.approx(0, abs=1e-9)
    assert wilson_interval(10, 10)[1] == pytest.approx(100, abs=1e-9)


@pytest.mark.parametrize(("correct", "count"), [(1, 0), (-1, 5), (6, 5)])
def test_what_is_no_accuracy_is_refused(correct, count):
    with pytest.raises(ValueError, match=f"{correct} right of {count} faces"):
        wilson_interval(correct, count)


def test_macro_f1_by_hand():
    first, second = 2 * 8 / (2 * 8 + 2 + 4), 2 * 6 / (2 * 6 + 4 + 2)
    assert macro_f1(np.array([[8, 2], [4, 6]])) == pytest.approx(50 * (first + second))
    # A rare emotion that is never right costs as much as a common one.
    assert macro_f1(np.array([[1000, 0, 0], [10, 0, 0], [0, 0, 10]])) < 67
    # One that does not occur and is not answered counts as 0.
    assert macro_f1(np.array([[5, 0], [0, 0]])) == 50


def test_the_interval_of_a_mean_by_hand():
    # Mean 15, standard error 10 / √4, and Student's t with 3 degrees of freedom: 3.182.
    ends = 15 - 15.91, 15 + 15.91
    assert mean_interval(np.array([10, 10, 10, 30])) == pytest.approx(ends, abs=0.01)
    assert mean_interval(np.full(5, 0.1)) == (0.1, 0.1)


def test_calibration_curve_by_hand():
    confidence = np.array([0.9, 0.95, 0.6, 0.6, 1.0])
    probabilities = np.stack([confidence, 1 - confidence], -1)
    correct = np.array([True, False, True, True, True])
    curve = calibration_curve(probabilities, correct, bins=10)
    np.testing.assert_array_equal(curve.edges, np.arange(0, 101, 10))
    assert curve.count.tolist() == [0, 0, 0, 0, 0, 0, 2, 0, 0, 3]
    assert curve.accuracy[[6, 9]] == pytest.approx([100, 200 / 3])
    assert curve.confidence[[6, 9]] == pytest.approx([60, 95])
    assert np.isnan([curve.accuracy[0], curve.confidence[0]]).all()
    assert curve.error == pytest.approx((2 * 40 + 3 * (95 - 200 / 3)) / 5)


def test_calibration_curve_is_scikit_learns():
    probabilities, correct = made_up(5000, seed=1, power=2)
    curve = calibration_curve(probabilities, correct)
    accuracy, confidence = sklearns_curve(correct, probabilities[:, 0], n_bins=15)
    filled = curve.count > 0
    np.testing.assert_allclose(curve.accuracy[filled], 100 * accuracy)
    np.testing.assert_allclose(curve.confidence[filled], 100 * confidence)


def test_a_calibrated_model_shows_the_error_of_chance():
    assert calibration_curve(*made_up(200_000, seed=0)).error < 0.5
    curves = [calibration_curve(*made_up(3589, seed)) for seed in range(200)]
    by_chance = curves[0].error_by_chance
    assert np.mean([curve.error for curve in curves]) == pytest.approx(
        by_chance, rel=0.05
    )
    assert 1 < by_chance < 2


@pytest.mark.parametrize(("rows", "answers"), [(0, 0), (3, 2)])
def test_calibration_needs_an_answer_for_each_face(rows, answers):
    with pytest.raises(ValueError, match=f"{rows} rows .* {answers} answers"):
        calibration_curve(np.ones((rows, 7)), np.ones(answers, bool))


def test_the_papers_best_number_is_no_share_of_the_test_faces():
    assert counts_that_give(73.35) == []
    assert counts_that_give(73.35, 7178) == [5265]
    assert counts_that_give(73.28) == [2630]
    assert counts_that_give(71.6, decimals=1) == list(range(2568, 2574))


@pytest.mark.parametrize("decimals", [0, 1, 2])
@pytest.mark.parametrize("count", [1, 7, 8, 400])
def test_every_count_is_found_by_all_that_it_can_be_printed_as(count, decimals):
    digit = Decimal(1).scaleb(-decimals)
    for k in range(count + 1):
        share = Decimal(100 * k) / count
        for rule in (ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_DOWN):
            printed = float(share.quantize(digit, rule))
            assert k in counts_that_give(printed, count, decimals)
        for far in (share + 2 * digit, share - 2 * digit):
            if 0 <= far <= 100:
                printed = float(far.quantize(digit))
                assert k not in counts_that_give(printed, count, decimals)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((73.35, 0, 2), "no accuracy"),
        ((101, 10, 2), "no accuracy"),
        ((-1, 10, 2), "no accuracy"),
        ((73.355, 3589, 2), "73.355 has more than 2"),
        ((73.35, 3589, 1), "73.35 has more than 1"),
    ],
)
def test_what_is_not_printed_so_is_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        counts_that_give(*arguments)


def test_mcnemar_by_hand():
    first = np.array([1, 1, 1, 1, 1, 1, 0, 0, 1, 0], bool)
    second = np.array([0, 0, 0, 0, 0, 1, 1, 0, 1, 0], bool)
    paired = mcnemar(first, second)
    assert (paired.only_first, paired.only_second) == (5, 1)
    # Of six coins, none or one or five or six heads: 2 · (1 + 6) / 64.
    assert paired.p_value == pytest.approx(14 / 64)
    assert mcnemar(second, first).p_value == paired.p_value


def test_mcnemar_of_equal_models():
    same = np.array([True, False, True])
    assert mcnemar(same, same).p_value == 1.0
    assert mcnemar(np.array([True, False]), np.array([False, True])).p_value == 1.0
    with pytest.raises(ValueError, match="3 answers against 2"):
        mcnemar(same, same[:2])
