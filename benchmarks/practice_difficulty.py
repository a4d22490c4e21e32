"""How hard are practice faces? A pocket network trained on them, with its accuracy and its seconds.

    python benchmarks/practice_difficulty.py [--label-noise 0]

The goal is 70 to 90 % in two minutes on two cores: neither trivial nor hopeless. With
wrong labels among the test faces, as `practice_data` has by default, no model can reach
100 %.
"""

import argparse
import time

from fercourse.machine import hardware, load_backend

load_backend()

from fercourse.data.practice import practice_data
from fercourse.models.systems import build_model
from fercourse.models.vgg19 import pocket_configuration
from fercourse.training.loop import prepare, train
from fercourse.training.prediction import predict
from fercourse.training.recipes import RECIPES


def main() -> None:
    """Train once and print the accuracy on the test faces, beside always saying "happy"."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--label-noise", type=float, default=0.0)
    data = practice_data(label_noise=parser.parse_args().label_noise)
    recipe = RECIPES["practice"]
    prepare(recipe)
    model = build_model(pocket_configuration("block4_pool"))
    started, computed = time.perf_counter(), time.process_time()
    train(model, data, recipe)
    seconds, core_seconds = (
        time.perf_counter() - started,
        time.process_time() - computed,
    )
    right = predict(model, data.test.images).argmax(axis=-1) == data.test.emotions
    happy = data.test.counts()["happy"] / len(data.test)
    print(
        f"{len(data.train)} faces, {recipe.epochs} epochs, {hardware()}: "
        f"{seconds:.0f} s"
    )
    print(f"computing time of all cores: {core_seconds:.0f} s")
    print(f"accuracy: {100 * right.mean():.1f} % of {len(data.test)} test faces")
    print(f"always happy: {100 * happy:.1f} %")


if __name__ == "__main__":
    main()
