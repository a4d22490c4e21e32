"""The checks of lesson 06."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import softmax

from fercourse.lessons.exercise import compare, exercise, numbers


def _filled(face: np.ndarray, where: tuple[slice, slice], fill: float) -> np.ndarray:
    covered = np.array(face, "float64")
    covered[where] = fill
    return covered


@exercise
def check_cover(cover: Callable) -> str:
    """Exercise 6.1: a copy of the face with a square in the face's mean grey."""
    random = np.random.default_rng(1)
    faces = [random.integers(0, 256, (20, 24)).astype("float32") for _ in range(3)]
    cases = [(faces[0], 2, 4, 7), (faces[1], 0, 10, 5), (faces[2], 11, 2, 6)]

    def square(change: Callable) -> Callable:
        """A rule with other rows and columns, in the face's mean grey."""
        return lambda face, *place: _filled(face, change(*place), face.mean())

    def grey(choose: Callable) -> Callable:
        """A rule with the right square in another grey."""

        def rule(face: np.ndarray, r: int, c: int, side: int) -> np.ndarray:
            where = (slice(r, r + side), slice(c, c + side))
            return _filled(face, where, choose(face, face[where]))

        return rule  # fmt: skip

    compare(cover, cases, "the covered face", grey(lambda face, part: face.mean()), {
        "swapped": (square(lambda r, c, n: (slice(c, c + n), slice(r, r + n))),
            "Rows and columns are exchanged: the first axis of an image is the row."),
        "end": (square(lambda r, c, n: (slice(r, max(r, n)), slice(c, max(c, n)))),
            "A slice ends where you say, so the square ends at `row + side`."),
        "one more": (square(lambda r, c, n: (slice(r, r + n + 1), slice(c, c + n + 1))),
            "The square is one pixel too large: a slice leaves its end out."),
        "middle": (square(lambda r, c, n: (
                slice(max(r - n // 2, 0), r + n - n // 2),
                slice(max(c - n // 2, 0), c + n - n // 2))),
            "The row and column are the square's upper left corner, not its middle."),
        "stripe": (square(lambda r, c, n: (slice(r, r + n), slice(None))),
            "Whole rows are covered. Cut the columns as well."),
        "black": (grey(lambda face, part: 0),
            "The square is black. Use the mean of the face: it adds less of its own."),
        "white": (grey(lambda face, part: 255), "The square is white. Use the mean."),
        "128": (grey(lambda face, part: 128),
            "The square has the grey 128. Use the mean of this face."),
        "own mean": (grey(lambda face, part: part.mean()),
            "The square has its own mean. Use the mean of the whole face."),
        "untouched": (lambda face, *place: face, "Nothing is covered."),
    }, about="With a square of {3} pixels at row {1}, column {2}",
        hint="Outside the square all pixels stay; inside they have the face's mean.",
        read=numbers, rtol=1e-3, atol=0.02)  # fmt: skip
    return "That is the whole method: cover, ask again, compare."


@exercise
def check_integrated(integrated: Callable) -> str:
    """Exercise 6.2: the difference to the baseline times the mean gradient."""
    random = np.random.default_rng(2)
    cases = [
        (*random.random((2, 5, 6)), random.normal(0, 1, (steps, 5, 6)))
        for steps in (4, 7, 10)
    ]
    compare(integrated, cases, "one number for each pixel",
        lambda face, baseline, g: (face - baseline) * g.mean(axis=0), {
        "no difference": (lambda face, baseline, g: g.mean(axis=0),
            "That is the mean gradient. Multiply by how far each pixel travels."),
        "sum": (lambda face, baseline, g: (face - baseline) * g.sum(axis=0),
            "You added the gradients up. The integral over α is their mean."),
        "face": (lambda face, baseline, g: face * g.mean(axis=0),
            "You multiplied by the face. The way begins at the baseline."),
        "absolute": (lambda f, b, g: np.abs((f - b) * g.mean(axis=0)),
            "Keep the signs: without them the parts do not add up."),
        "last": (lambda f, b, g: [(f - b) * g[-1], (f - b) * g[0]],
            "That uses one gradient of the way only. Use the mean of all."),
        "one mean": (lambda f, b, g: (f - b) * g.mean(),
            "That is one mean for all pixels. Average over the steps: `axis=0`."),
        "total": (lambda f, b, g: ((f - b) * g.mean(axis=0)).sum(),
            "That is the sum of all parts. Return the part of each pixel."),
        "all steps": (lambda f, b, g: (f - b) * g,
            "That is one array for each step. Average the gradients first."),
    }, about="For gradients of shape {2.shape}",
        hint="(face − baseline) times the mean of the gradients over the steps.",
        read=numbers)  # fmt: skip
    return "The parts add up to the change of the score, whatever the network is."


def _relu_sum(weights: np.ndarray, features: np.ndarray) -> np.ndarray:
    return np.maximum((weights * features).sum(axis=-1), 0)


@exercise
def check_grad_cam(grad_cam: Callable) -> str:
    """Exercise 6.3: relu of the features weighted by their mean gradients."""
    random = np.random.default_rng(3)
    cases = [
        (
            random.random((h, w, c)) ** 3,
            random.normal(random.normal(0, 1, c), 1, (h, w, c)),
        )
        for h, w, c in ((3, 4, 6), (6, 5, 3), (4, 3, 8))
    ]
    compare(grad_cam, cases, "one number for each place",
        lambda a, g: _relu_sum(g.mean(axis=(0, 1)), a), {
        "no relu": (lambda a, g: (g.mean(axis=(0, 1)) * a).sum(axis=-1),
            "Some numbers are negative. Keep what speaks for the emotion: relu."),
        "early relu": (lambda a, g: [
                _relu_sum(np.maximum(g.mean(axis=(0, 1)), 0), a),
                np.maximum(g.mean(axis=(0, 1)) * a, 0).sum(axis=-1)],
            "The relu comes last, after the sum over the channels."),
        "place by place": (lambda a, g: _relu_sum(g, a),
            "You multiplied place by place. Grad-CAM gives each channel one weight."),
        "sum of gradients": (lambda a, g: _relu_sum(g.sum(axis=(0, 1)), a),
            "The weight of a channel is the mean of its gradients, not their sum."),
        "mean of channels": (
            lambda a, g: _relu_sum(g.mean(axis=(0, 1)), a) / a.shape[-1],
            "Add the channels up; you have averaged them."),
        "unweighted": (lambda a, g: [a.sum(axis=-1), a.mean(axis=-1)],
            "Those are the features without weights: no emotion is asked about."),
        "gradients only": (lambda a, g: np.maximum(g.sum(axis=-1), 0),
            "Those are the gradients without the features."),
        "exchanged": (lambda a, g: _relu_sum(a.mean(axis=(0, 1)), g),
            "Features and gradients are exchanged: average the gradients."),
        "absolute": (lambda a, g: np.abs((g.mean(axis=(0, 1)) * a).sum(axis=-1)),
            "Use relu, not the absolute value: negative sums become 0."),
    }, {
        "channels": (lambda answer, a, g: answer.shape == a.shape[-1:],
            "That is one number for each channel. Sum over the channels, not places."),
        "all": (lambda answer, a, g: answer.shape == a.shape,
            "The channels are still there. Sum over them: `axis=-1`."),
    }, about="For features of shape {0.shape}",
        hint="Mean of the gradients over the grid, times features, summed, relu.",
        read=numbers)  # fmt: skip
    return "A class activation map is a weighted sum of features, nothing more."


@exercise
def check_own_gain(own_gain: Callable) -> str:
    """Exercise 6.4: mean of the diagonal minus mean of everything else."""
    random = np.random.default_rng(5)
    cases = [(random.random((n, n)) + 0.7 * np.eye(n),) for n in (4, 7, 12)]

    def others(pairs: np.ndarray) -> float:
        return pairs[~np.eye(len(pairs), dtype=bool)].mean()

    compare(own_gain, cases, "a difference",
        lambda p: np.diagonal(p).mean() - others(p), {
        "all pairs": (lambda p: np.diagonal(p).mean() - p.mean(),
            "The mean of all pairs contains the own maps too. Leave them out."),
        "own": (lambda p: np.diagonal(p).mean(),
            "That is the own maps' mean. Subtract the mean of the others."),
        "others": (others, "That is the other faces' mean."),
        "everything": (lambda p: p.mean(), "That is the mean of all pairs."),
        "zeros": (lambda p: np.diagonal(p).mean() - (p * (1 - np.eye(len(p)))).mean(),
            "The diagonal became zeros, but its places are still counted in the mean."),
        "sums": (lambda p: 2 * np.trace(p) - p.sum(),
            "Those are sums. Without the means, 132 others weigh more than 12 own."),
        "ratio": (lambda p: np.diagonal(p).mean() / others(p),
            "That is a ratio. Return the difference."),
        "one neighbour": (
            lambda p: np.diagonal(p).mean() - np.diagonal(np.roll(p, 1, axis=0)).mean(),
            "That compares with one other face each. Use all of them."),
        "other diagonal": (lambda p: np.diagonal(p[::-1]).mean() - others(p),
            "The own maps are on the diagonal from the upper left."),
    }, about="For {0.shape[0]} faces",
        hint="The mean of the diagonal minus the mean of all that is not on it.",
    )  # fmt: skip
    return "A map that is the same for every face gains exactly nothing."


@exercise
def check_stays(stays: Callable) -> str:
    """Exercise 6.5: how many answers stay if each face gets another face's map."""
    random = np.random.default_rng(6)
    cases = [_network(random, count) for count in (30, 40, 25)]

    def kept(change: Callable, compare: Callable = np.equal) -> Callable:
        """A rule that changes the maps and compares the answers."""

        def rule(maps: np.ndarray, answer: Callable) -> float:
            before, after = answer(maps), answer(change(maps))
            return compare(before.argmax(axis=1), after.argmax(axis=1)).mean()

        return rule

    def neighbours(maps: np.ndarray, answer: Callable) -> list[float]:
        return [
            kept(lambda m, n=n: np.roll(m, n, axis=0))(maps, answer) for n in (1, -1)
        ]

    compare(stays, cases, "a share of answers", neighbours, {
        "own maps": (lambda m, answer: 1.0,
            "All answers stay, so every face still has its own map."),
        "misses": (lambda m, a: [1 - share for share in neighbours(m, a)],
            "That is the share of answers that change. Return those that stay."),
        "count": (lambda m, a: [len(m) * share for share in neighbours(m, a)],
            "That is a number of answers. Divide by how many there are."),
        "no axis": (kept(lambda m: np.roll(m, 1)),
            "The cells moved within the maps. Roll whole maps: `axis=0`."),
        "rows": (lambda m, a: [kept(lambda x, k=k: np.roll(x, 1, axis=k))(m, a)
                for k in (1, 2)],
            "The cells moved within the maps. The faces are along axis 0."),
        "one map": (kept(lambda m: np.repeat(m[:1], len(m), axis=0)),
            "Every face got the map of the first one."),
        "mean map": (kept(lambda m: np.repeat(m.mean(0, keepdims=True), len(m), 0)),
            "Every face got the mean of all maps. Give it another face's map."),
        "ones": (kept(np.ones_like), "You replaced the maps by ones."),
        "answers moved": (lambda m, a: [
                np.mean(a(m).argmax(1) == np.roll(a(m).argmax(1), n)) for n in (1, -1)],
            "You exchanged the answers. Exchange the maps, then ask again."),
        "probabilities": (lambda m, a: [
                np.mean(np.isclose(a(m), a(np.roll(m, n, axis=0)))) for n in (1, -1)],
            "You compared probabilities. Compare which emotion is most probable."),
    }, about="For maps of shape {0.shape}",
        hint="Roll the maps along axis 0, ask for answers, and compare the `argmax`.",
    )  # fmt: skip
    return "The direct test: change the map, and see whether the answer follows."


def _network(random: np.random.Generator, count: int) -> tuple[np.ndarray, Callable]:
    """Maps of `count` faces, and a network whose answers depend on face and map."""
    maps = random.random((count, 4, 5))
    faces, weights = random.normal(0, 0.7, (count, 7)), random.normal(0, 1, (20, 7))

    def answer(drawn: np.ndarray) -> np.ndarray:
        logits = faces + np.reshape(drawn, (len(drawn), -1)) @ weights
        return softmax(logits, axis=1)

    return maps, answer
