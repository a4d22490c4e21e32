"""Right and wrong answers to lesson 02's exercises."""

import keras
import numpy as np
from checking import make_tests
from keras import layers

from fercourse.lessons.exercise import verdict
from fercourse.lessons.lesson02 import checks, freeze_early

# 2.1


def convolution(channels, filters):
    return (3 * 3 * channels + 1) * filters


def dense(inputs, neurons):
    return (inputs + 1) * neurons


def counted(layer, shape):
    layer.build(shape)
    return layer.count_params()


# 2.2


def head(*inside):
    return lambda shape: keras.Sequential(
        [keras.Input(shape), *(make() for make in inside)]
    )


def dropout():
    return layers.Dropout(0.5)


def softmax(classes=7):
    return layers.Dense(classes, activation="softmax")


def ending_in(*last):
    return head(layers.Flatten, dropout, *last)


def functional(shape):
    features = keras.Input(shape)
    x = layers.BatchNormalization()(features)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(layers.Dense(16, activation="relu")(x))
    return keras.Model(features, layers.Softmax()(layers.Dense(7)(x)))


def without_shape(shape):
    return keras.Sequential([layers.Flatten(), layers.Dropout(0.1), softmax()])


def few_dropped():
    return layers.Dropout(0.1)


def most_dropped():
    return layers.Dropout(0.9)


def dense_relu():
    return layers.Dense(32, activation="relu")


def always_dropping(shape):
    features = keras.Input(shape)
    x = layers.Dropout(0.5)(layers.Flatten()(features), training=True)
    return keras.Model(features, softmax()(x))


def frozen_head(model):
    model.trainable = False
    return model


def partly_frozen(model):
    model.layers[-1].trainable = False
    return model


# 2.3

EARLY = ("block1", "block2", "block3", "block4")


SPARSE = "sparse_categorical_crossentropy"


def compiled(model, optimizer=None, loss=SPARSE):
    optimizer = optimizer or keras.optimizers.Adam(1e-4)
    model.compile(optimizer=optimizer, loss=loss, jit_compile=False)
    return model


def compiled_with(**named):
    """Freeze rightly, and compile with another optimizer or loss."""

    def answer(model):
        for layer in model.layers:
            layer.trainable = not early(layer)
        return compiled(model, **named)

    return answer


def frozen(condition, before=False):
    """Compile a model, before or after freezing the layers with a condition."""

    def answer(model):
        if before:
            compiled(model)
        for layer in model.layers:
            if condition(layer):
                layer.trainable = False
        return model if before else compiled(model)

    return answer


def early(layer):
    return layer.name.startswith(EARLY)


def normalises(layer):
    return isinstance(layer, layers.BatchNormalization)


def whole_model_first(model):
    model.trainable = False
    model.trainable = True
    return frozen(early)(model)


def parent_frozen(model):
    model.trainable = False
    for layer in model.layers:
        layer.trainable = not early(layer)
    model._trainable = False
    return compiled(model)


def everything_frozen(model):
    model.trainable = False
    return compiled(model)


def uncompiled(model):
    for layer in model.layers:
        layer.trainable = not early(layer)
    return model


def changed_weights(model):
    kernel = model.get_layer("predictions").kernel
    kernel.assign(kernel + 1)
    return frozen(early)(model)


# 2.4


def vary(image, random):
    face = image.astype(int)
    if random.random() < 0.5:
        face = face[:, ::-1]
    return np.clip(face + random.integers(-30, 31), 0, 255).astype("uint8")


def as_float(image, random):
    by = random.uniform(-30, 30)
    face = np.fliplr(image) if random.integers(2) else image
    return np.clip(face.astype("float32") + by, 0, 255)


def varied(chance=0.5, change=lambda r: r.integers(-30, 31), tied=False):
    """A function that mirrors with a chance, and draws the change."""

    def answer(image, random):
        face = image.astype(int)
        mirror = random.random() < chance
        by = change(random)
        if tied:
            by = abs(by) if mirror else -abs(by)
        return np.clip((face[:, ::-1] if mirror else face) + by, 0, 255)

    return answer


def darker_if_mirrored(image, random):
    by = random.integers(-30, 31)
    if random.random() < 0.5:
        return brightened(image[:, ::-1], by)
    return brightened(image, 0)


def in_place(image, random):
    image[:] = vary(image, random)
    return image


def overflowing(image, random):
    face = image[:, ::-1] if random.random() < 0.5 else image
    return face + np.array(random.integers(-30, 31)).astype("uint8")


def mirrored(image, random):
    return image.astype(int)[:, :: random.choice([-1, 1])]


def brightened(image, by):
    return np.clip(image.astype(int) + by, 0, 255)


OWN_CHANCE = np.random.default_rng(1)  # two calls of an unseeded one may agree

TABLE = {
    checks.check_parameters: [
        ("right", (convolution, dense)),
        (
            "right",
            (lambda c, f: np.int64(9 * c * f + f), lambda i, n: float(i * n + n)),
        ),
        (
            "right",
            (
                lambda c, f: counted(layers.Conv2D(f, 3), (None, 8, 8, c)),
                lambda i, n: counted(
                    layers.Dense(n, kernel_initializer="zeros"), (None, i)
                ),
            ),
        ),
        ("constant", (lambda c, f: 7, dense)),
        ("kind", (lambda c, f: "9", dense)),
        ("shape", (lambda c, f: [1, 2], dense)),
        ("not whole", (lambda c, f: 9 * c * f + f + 0.5, dense)),
        ("constant", (convolution, lambda i, n: 3)),
    ],
    checks.check_head: [
        ("right", ending_in(softmax)),
        (
            "right",
            head(dropout, layers.Flatten, lambda: layers.Dense(32, "relu"), softmax),
        ),
        ("right", head(lambda: layers.SpatialDropout2D(0.2), layers.Flatten, softmax)),
        ("right", functional),
        ("right", without_shape),
        ("grid", head(dropout, softmax)),
        ("shape", ending_in(lambda: softmax(6))),
        ("shape", ending_in(lambda: softmax(1000))),
        ("negative", ending_in(lambda: layers.Dense(7))),
        ("sigmoid", ending_in(lambda: layers.Dense(7, activation="sigmoid"))),
        ("activation", ending_in(lambda: layers.Dense(7, activation="softplus"))),
        (
            "over faces",
            ending_in(lambda: layers.Dense(7), lambda: layers.Softmax(axis=0)),
        ),
        ("dropout last", head(layers.Flatten, softmax, dropout)),
        ("two softmaxes", ending_in(softmax, layers.Softmax)),
        ("no dropout", head(layers.Flatten, softmax)),
        ("no dropout", head(layers.Flatten, lambda: layers.Dropout(0), softmax)),
        ("no dropout", head(layers.Flatten, lambda: layers.GaussianNoise(1), softmax)),
        ("drops all", head(layers.Flatten, lambda: layers.Dropout(1.0), softmax)),
        (
            "drops all",
            head(layers.Flatten, dropout, lambda: layers.Dropout(1), softmax),
        ),
        ("dropout last", ending_in(lambda: layers.Dense(7), dropout, layers.Softmax)),
        (
            "dropout last",
            head(layers.Flatten, lambda: layers.Dense(7), few_dropped, layers.Softmax),
        ),
        ("before softmax", ending_in(lambda: layers.Dense(7, "relu"), layers.Softmax)),
        ("before softmax", ending_in(lambda: layers.Dense(7, "tanh"), layers.Softmax)),
        (
            "before softmax",
            ending_in(lambda: layers.Dense(7), layers.ReLU, layers.Softmax),
        ),
        (
            "before softmax",
            ending_in(lambda: layers.Dense(7), layers.LeakyReLU, layers.Softmax),
        ),
        (
            "before softmax",
            ending_in(lambda: layers.Dense(7, "sigmoid"), layers.Softmax),
        ),
        ("always on", always_dropping),
        ("frozen", lambda shape: frozen_head(ending_in(softmax)(shape))),
        ("frozen", lambda shape: partly_frozen(ending_in(dense_relu, softmax)(shape))),
        ("right", ending_in(dense_relu, layers.BatchNormalization, softmax)),
        ("right", ending_in(lambda: layers.Dense(7), layers.Softmax)),
        ("right", head(layers.GlobalMaxPooling2D, few_dropped, softmax)),
        ("right", ending_in(lambda: layers.Dense(7, activation=keras.ops.softmax))),
        (
            "right",
            ending_in(lambda: layers.Dense(7, lambda x: keras.ops.softmax(x))),
        ),
        ("right", head(layers.Flatten, most_dropped, softmax)),
        ("crash", lambda shape: ending_in(softmax)((3, 3, 20))),
        ("kind", lambda shape: [layers.Flatten()]),
    ],
    checks.check_unfreezing: [
        ("right", frozen(early)),
        ("right", whole_model_first),
        ("right", frozen(lambda layer: early(layer) or normalises(layer))),
        ("right", lambda model: frozen(early)(compiled(model))),
        ("nothing frozen", compiled),
        ("all frozen", everything_frozen),
        ("model frozen", parent_frozen),
        ("normalisation", frozen(lambda x: early(x) and not normalises(x))),
        ("head", frozen(lambda layer: not layer.name.startswith("block5"))),
        ("early", frozen(lambda layer: layer.name.startswith(EARLY[:3]))),
        ("block 5", frozen(lambda layer: layer.name.startswith("block"))),
        ("compiled first", frozen(early, before=True)),
        ("not compiled", uncompiled),
        ("right", compiled_with(loss=keras.losses.SparseCategoricalCrossentropy())),
        ("right", compiled_with(loss=keras.losses.sparse_categorical_crossentropy)),
        ("weights", changed_weights),
        ("rate", compiled_with(optimizer="adam")),
        ("rate", compiled_with(optimizer=keras.optimizers.Adam(1e-5))),
        ("optimizer", compiled_with(optimizer=keras.optimizers.SGD(1e-4))),
        ("optimizer", compiled_with(optimizer=keras.optimizers.AdamW(1e-4))),
        ("loss", compiled_with(loss=None)),
        ("loss", compiled_with(loss="mse")),
        ("loss", compiled_with(loss="binary_crossentropy")),
        ("loss", compiled_with(loss="categorical_crossentropy")),
        (
            "loss",
            compiled_with(loss=keras.losses.SparseCategoricalCrossentropy(True)),
        ),
        ("kind", lambda model: frozen(early)(model).layers),
    ],
    checks.check_variation: [
        ("right", vary),
        ("not whole", as_float),
        ("right", varied(change=lambda r: float(r.choice(np.arange(-30, 31))))),
        ("half", varied(chance=0.1)),
        ("half", varied(chance=0.9)),
        ("ends", varied(change=lambda r: r.integers(-3, 4))),
        ("ends", varied(change=lambda r: r.integers(-30, 30))),
        ("uneven", varied(change=lambda r: r.choice([-30, 30]))),
        ("uneven", varied(change=lambda r: int(np.clip(r.normal(0, 12), -30, 30)))),
        ("too much", varied(change=lambda r: r.integers(-31, 32))),
        ("tied", varied(tied=True)),
        ("tied", darker_if_mirrored),
        ("noise", lambda i, r: np.clip(vary(i, r), 0, 250)),
        ("right", lambda i, r: keras.ops.convert_to_tensor(vary(i, r))),
        ("right", lambda i, r: vary(i, r).tolist()),
        ("turned", lambda i, r: vary(i, r)[::-1]),
        ("turned", lambda i, r: vary(i, r)[:: r.choice([-1, 1])]),
        ("turned", lambda i, r: np.rot90(vary(i, r))),
        ("range", lambda i, r: vary(i, r) / 255),
        ("clip", lambda i, r: mirrored(i, r) + r.integers(-30, 31)),
        ("shape", lambda i, r: vary(i, r)[..., None]),
        ("shape", lambda i, r: vary(i, r)[2:-2, 2:-2]),
        ("overflow", overflowing),
        ("in place", in_place),
        ("half", lambda i, r: brightened(i, r.integers(-30, 31))),
        ("half", lambda i, r: brightened(i[:, ::-1], r.integers(-30, 31))),
        ("same change", mirrored),
        ("one way", lambda i, r: brightened(mirrored(i, r), r.integers(0, 31))),
        ("too much", lambda i, r: brightened(mirrored(i, r), r.integers(-90, 91))),
        ("noise", lambda i, r: brightened(i, r.integers(-30, 31, i.shape))),
        ("unrecognisable", lambda i, r: r.integers(0, 256, i.shape)),
        ("own chance", lambda i, r: vary(i, OWN_CHANCE)),
        ("half", lambda i, r: vary(i, np.random.default_rng(3))),
        ("nan", lambda i, r: vary(i, r) * np.nan),
    ],
}
globals().update(make_tests(TABLE))


def test_a_learners_counts_are_used_once_they_are_right():
    right = convolution, dense
    assert checks.counting(*right) == right
    for unfinished in ((lambda c, f: ..., dense), (convolution, lambda i, n: i * n)):
        ours = checks.counting(*unfinished)
        assert [ours[0](3, 64), ours[1](25_088, 4_096)] == [1_792, 102_764_544]


def test_the_courses_own_freezing_passes_its_check():
    assert verdict(checks.check_unfreezing, freeze_early).status == "right"
