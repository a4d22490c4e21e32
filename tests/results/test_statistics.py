"""Statistics: against hand-made and published values."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from sklearn.calibration import calibration_curve as sklearns_curve

from fercourse.results.statistics import (
    calibration_curve,
    calibration_error,
    counts_that_give,
    macro_f1,
    mcnemar,
    wilson_interval,
)


def test_wilson_against_its_formula():
    correct, count, z = 2632, 3589, 1.959963984540054
    share = correct / count
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = (
        z
        / (1 + z**2 / count)
        * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    )
    np.testing.assert_allclose(
        wilson_interval(correct, count), (100 * (middle - half), 100 * (middle + half))
    )


def test_wilson_at_the_papers_accuracy():
    # literature: 73.35 % of 3,589 faces lies between 71.9 and 74.8 %
    assert [round(end, 1) for end in wilson_interval(2633, 3589)] == [71.9, 74.8]


def test_wilson_at_the_ends():
    assert wilson_interval(0, 10)[0] == pytest.approx(0, abs=1e-9)
    assert wilson_interval(10, 10)[1] == pytest.approx(100, abs=1e-9)


@pytest.mark.parametrize(("correct", "count"), [(1, 0), (-1, 5), (6, 5)])
def test_what_is_no_accuracy_is_refused(correct, count):
    with pytest.raises(
        ValueError, match=f"{correct} right of {count} faces is no accuracy"
    ):
        wilson_interval(correct, count)


def test_macro_f1_by_hand():
    confusion = np.array([[8, 2], [4, 6]])
    first = 2 * 8 / (2 * 8 + 2 + 4)
    second = 2 * 6 / (2 * 6 + 4 + 2)
    assert macro_f1(confusion) == pytest.approx(100 * (first + second) / 2)


def test_macro_f1_weighs_every_emotion_the_same():
    confusion = np.diag([1000, 10, 10])
    confusion[1] = [10, 0, 0]
    assert macro_f1(confusion) < 67


def test_calibration_error_by_hand():
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4]])
    correct = np.array([True, False, True, True])
    assert calibration_error(probabilities, correct, bins=10) == pytest.approx(40.0)


def test_a_model_that_knows_how_sure_it_is_has_none():
    random = np.random.default_rng(0)
    confidence = random.uniform(0.5, 1, 200_000)
    correct = random.uniform(size=200_000) < confidence
    assert calibration_error(np.stack([confidence, 1 - confidence], -1), correct) < 0.5


def test_full_confidence_has_a_bin_too():
    assert calibration_error(
        np.array([[1.0, 0.0]]), np.array([False])
    ) == pytest.approx(100)


def test_calibration_curve_by_hand():
    probabilities = np.array(
        [[0.9, 0.1], [0.95, 0.05], [0.6, 0.4], [0.6, 0.4], [1.0, 0.0]]
    )
    curve = calibration_curve(
        probabilities, np.array([True, False, True, True, True]), bins=10
    )
    np.testing.assert_array_equal(curve.edges, np.arange(0, 101, 10))
    assert curve.count.tolist() == [0, 0, 0, 0, 0, 0, 2, 0, 0, 3]
    assert curve.accuracy[[6, 9]] == pytest.approx([100, 200 / 3])
    assert curve.confidence[[6, 9]] == pytest.approx([60, 95])
    empty = curve.count == 0
    assert (
        np.isnan(curve.accuracy[empty]).all()
        and np.isnan(curve.confidence[empty]).all()
    )
    assert curve.error == pytest.approx((2 * 40 + 3 * (95 - 200 / 3)) / 5)


def test_calibration_curve_is_scikit_learns():
    random = np.random.default_rng(1)
    confidence = random.uniform(0.2, 1, 5000)
    correct = random.uniform(size=5000) < confidence**2
    rest = np.repeat((1 - confidence)[:, None] / 6, 6, axis=1)
    curve = calibration_curve(np.column_stack([confidence, rest]), correct)
    accuracy, mean_confidence = sklearns_curve(
        correct, np.maximum(confidence, rest[:, 0]), n_bins=15
    )
    filled = curve.count > 0
    np.testing.assert_allclose(curve.accuracy[filled], 100 * accuracy)
    np.testing.assert_allclose(curve.confidence[filled], 100 * mean_confidence)


def test_calibration_error_is_that_of_the_curve():
    random = np.random.default_rng(2)
    probabilities = random.dirichlet(np.ones(7), 1000).astype("float16")
    correct = random.uniform(size=1000) < 0.5
    curve = calibration_curve(probabilities, correct)
    assert curve.count.sum() == 1000
    confidence = probabilities.max(-1).astype("float64")
    bins = np.digitize(confidence, np.linspace(0, 1, 16)[1:-1])
    by_hand = sum(
        abs(correct[bins == b].mean() - confidence[bins == b].mean())
        * (bins == b).sum()
        for b in np.unique(bins)
    )
    assert (
        calibration_error(probabilities, correct)
        == curve.error
        == pytest.approx(by_hand / 10)
    )


def test_calibrated_models_show_the_error_of_chance():
    random = np.random.default_rng(3)
    probabilities = random.dirichlet(np.full(7, 0.3), 3589)
    confidence = probabilities.max(-1)
    curves = [
        calibration_curve(probabilities, random.uniform(size=3589) < confidence)
        for _ in range(200)
    ]
    assert np.mean([curve.error for curve in curves]) == pytest.approx(
        curves[0].error_by_chance, rel=0.05
    )
    assert 1 < curves[0].error_by_chance < 2


@pytest.mark.parametrize(("rows", "answers"), [(0, 0), (3, 2)])
def test_calibration_needs_an_answer_for_each_face(rows, answers):
    with pytest.raises(
        ValueError, match=f"{rows} rows of probabilities and {answers} answers"
    ):
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
                assert k not in counts_that_give(
                    float(far.quantize(digit)), count, decimals
                )


@pytest.mark.parametrize(
    ("percent", "count", "decimals", "words"),
    [
        (73.35, 0, 2, "no accuracy"),
        (101, 10, 2, "no accuracy"),
        (-1, 10, 2, "no accuracy"),
        (73.355, 3589, 2, "73.355 has more than 2 decimals"),
        (73.35, 3589, 1, "73.35 has more than 1 decimals"),
    ],
)
def test_what_is_not_printed_so_is_refused(percent, count, decimals, words):
    with pytest.raises(ValueError, match=words):
        counts_that_give(percent, count, decimals)


def test_mcnemar_by_hand():
    first = np.array([1, 1, 1, 1, 1, 1, 0, 0, 1, 0], bool)
    second = np.array([0, 0, 0, 0, 0, 1, 1, 0, 1, 0], bool)
    paired = mcnemar(first, second)
    assert (paired.only_first, paired.only_second) == (5, 1)
    # Of six coins, one or none or five or six heads: 2 · (1 + 6) / 64.
    assert paired.p_value == pytest.approx(14 / 64)
    assert mcnemar(second, first).p_value == paired.p_value


def test_mcnemar_of_equal_models():
    same = np.array([True, False, True])
    assert mcnemar(same, same).p_value == 1.0
    assert mcnemar(np.array([True, False]), np.array([False, True])).p_value == 1.0
    with pytest.raises(ValueError, match="3 answers against 2"):
        mcnemar(same, same[:2])
