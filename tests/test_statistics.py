"""Statistics: against hand-made and published values."""

import numpy as np
import pytest

from fercourse.statistics import calibration_error, macro_f1, mcnemar, wilson_interval


def test_wilson_against_its_formula():
    correct, count, z = 2632, 3589, 1.959963984540054
    share = correct / count
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
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
    with pytest.raises(ValueError, match=f"{correct} right of {count} faces is no accuracy"):
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
    assert calibration_error(np.array([[1.0, 0.0]]), np.array([False])) == pytest.approx(100)


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
