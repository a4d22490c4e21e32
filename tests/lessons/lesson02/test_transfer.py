"""Transfer learning: the backbone of a profile, features on disk, parts of a network, the bar."""

import keras
import numpy as np
import pytest
from keras import layers
from tiny import tiny_faces
from tqdm import tqdm

from fercourse.lessons.lesson02 import transfer
from fercourse.lessons.lesson02.transfer import (
    TABLE_II,
    EpochBar,
    cached_features,
    copy_behind,
    feature_reader,
    new_head,
    percent,
    pretrained_backbone,
    varied,
)
from fercourse.models.costs import multiply_adds
from fercourse.models.vgg19 import POOLS, vgg19

IMAGES = tiny_faces(70).images


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FERCOURSE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def network():
    """A small VGG19 with batch normalisation, whose statistics are not the initial ones."""
    keras.utils.set_random_seed(1)
    model = vgg19(size=48, width=1 / 16, weights=None)
    random = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            mean, variance = (
                random.normal(size=layer.moving_mean.shape),
                np.ones(layer.moving_mean.shape),
            )
            layer.moving_mean.assign(mean * 0.1)
            layer.moving_variance.assign(variance * 2)
    return model


# Table II
# ------------------------------------------------------------------------------------


def test_table_ii_is_the_papers():
    assert len(TABLE_II) == 26
    assert sum(parameters for _, _, parameters in TABLE_II) == 143_667_240
    assert TABLE_II[0] == ("input_1", (224, 224, 3), 0)
    assert TABLE_II[-1] == ("predictions", (1000,), 4_097_000)


# The backbone
# --------------------------------------------------------------------------------


def test_practice_has_the_pocket_model():
    backbone = pretrained_backbone("practice")
    assert backbone.name == "pocket VGG19"
    assert str(backbone).startswith("pocket VGG19: ")
    assert max(map(len, str(backbone).split("\n"))) <= 100
    assert "never seen a drawn face" in backbone.description
    assert backbone.model.count_params() == 1_396_279


@pytest.mark.parametrize(("profile", "size"), [("quick", 48), ("full", 64)])
def test_the_others_have_imagenets(monkeypatch, profile, size):
    asked = {}

    def build(**arguments):
        asked.update(arguments)
        return vgg19(**{**arguments, "weights": None, "width": 1 / 16})

    monkeypatch.setattr(transfer, "vgg19", build)
    backbone = pretrained_backbone(profile)
    assert asked["weights"] == "imagenet" and asked["size"] == size
    assert backbone.name == "ImageNet VGG19"
    assert f"{size} × {size}" in backbone.description
    assert backbone.learning_rate < pretrained_backbone("practice").learning_rate


@pytest.mark.parametrize("error", [OSError, FileNotFoundError, ValueError])
def test_without_imagenet_weights_the_pocket_model_stands_in_and_says_so(
    monkeypatch, error
):
    def fail(**_):
        raise error("They cannot be downloaded.")

    monkeypatch.setattr(transfer, "vgg19", fail)
    backbone = pretrained_backbone("quick")
    assert backbone.name == "pocket VGG19"
    assert "They cannot be downloaded." in backbone.description
    assert "not what ImageNet knows" in backbone.description


def test_a_missing_weights_file_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("FERCOURSE_VGG19_WEIGHTS", str(tmp_path / "nowhere.h5"))
    assert "nowhere.h5" in pretrained_backbone("quick").description


# Features
# ------------------------------------------------------------------------------------


def test_features_are_those_of_the_network(network):
    features = cached_features(feature_reader(network), IMAGES)
    assert tuple(features) == POOLS
    assert [features[pool].shape[1] for pool in POOLS] == [6, 6, 6, 3, 1]
    whole = keras.Model(
        network.input, [network.get_layer(pool).output for pool in POOLS]
    )
    expected = [
        np.asarray(part)
        for part in whole(IMAGES[..., None].astype("float32"), training=False)
    ]
    np.testing.assert_allclose(
        features["block3_pool"], expected[2], rtol=2e-3, atol=1e-3
    )
    averaged = expected[0].reshape(70, 6, 4, 6, 4, -1).mean(axis=(2, 4))
    np.testing.assert_allclose(features["block1_pool"], averaged, rtol=2e-3, atol=0.05)


def test_reading_leaves_the_network_trainable(network):
    feature_reader(network)
    assert all(layer.trainable for layer in network.layers)


def test_features_are_computed_once(network, monkeypatch, own_cache):
    first = cached_features(feature_reader(network), IMAGES)
    monkeypatch.setattr(transfer, "_compute", lambda *_: pytest.fail("computed again"))
    again = cached_features(
        feature_reader(network), IMAGES
    )  # another reader with other automatic names
    for pool in POOLS:
        np.testing.assert_array_equal(first[pool], again[pool])
    assert [path.suffix for path in own_cache.iterdir()] == [".npz"]


def test_other_weights_or_faces_are_other_features(network, own_cache):
    reader = feature_reader(network)
    cached_features(reader, IMAGES[:4])
    other_face = IMAGES[:4].copy()
    other_face[3, 47, 47] ^= 1
    cached_features(reader, other_face)
    bias = network.get_layer("block5_conv4_bn").beta
    before = bias.numpy() if hasattr(bias, "numpy") else np.asarray(bias)
    try:
        bias.assign(before + 1)
        changed = cached_features(reader, IMAGES[:4])
    finally:
        bias.assign(before)
    assert len(list(own_cache.iterdir())) == 3
    assert not np.array_equal(
        changed["block5_pool"], cached_features(reader, IMAGES[:4])["block5_pool"]
    )


@pytest.mark.parametrize(
    "damage", [lambda whole: whole[:-200], lambda whole: b"", lambda whole: b"x" * 500]
)
def test_a_damaged_file_is_computed_anew(network, own_cache, damage):
    reader = feature_reader(network)
    first = cached_features(reader, IMAGES[:4])
    (path,) = own_cache.iterdir()
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    again = cached_features(reader, IMAGES[:4])
    np.testing.assert_array_equal(first["block5_pool"], again["block5_pool"])
    assert len(path.read_bytes()) == len(whole)


def test_where_nothing_can_be_written_nothing_is_kept(network, tmp_path, monkeypatch):
    blocked = tmp_path / "a file"
    blocked.write_text("in the way")
    monkeypatch.setenv("FERCOURSE_CACHE", str(blocked))
    assert cached_features(feature_reader(network), IMAGES[:4])[
        "block5_pool"
    ].shape == (4, 1, 1, 32)


def test_half_a_file_is_never_left(network, monkeypatch, own_cache):
    def full_disk(*_, **__):
        raise OSError("no space left")

    monkeypatch.setattr(transfer.np, "savez", full_disk)
    cached_features(feature_reader(network), IMAGES[:4])
    assert list(own_cache.iterdir()) == []


# Parts of a network
# --------------------------------------------------------------------------


@pytest.mark.parametrize("pool", POOLS[2:-1])
def test_the_copy_goes_on_as_the_original_does(network, pool):
    features = cached_features(feature_reader(network), IMAGES)
    part = copy_behind(network, pool)
    found = np.asarray(part(features[pool].astype("float32"), training=False))
    np.testing.assert_allclose(found, features["block5_pool"], rtol=0.02, atol=2e-3)


def test_training_the_copy_leaves_the_original_alone(network):
    before = [weight.copy() for weight in network.get_weights()]
    part = copy_behind(network, "block4_pool")
    assert len(part.trainable_weights) == 4 * 3  # kernel, scale and offset
    for weight in part.trainable_weights:
        weight.assign(weight + 1)
    for old, new in zip(before, network.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_copy_of_frozen_layers_can_be_trained():
    frozen = vgg19(size=48, width=1 / 16, weights=None)
    frozen.trainable = False
    assert copy_behind(frozen, "block4_pool").trainable_weights


@pytest.mark.parametrize("pool", ["block5_pool", "flatten"])
def test_behind_block_5_stands_no_convolution(network, pool):
    with pytest.raises(ValueError, match=pool):
        copy_behind(network, pool)


@pytest.mark.parametrize("hidden", [0, 16])
def test_head(hidden):
    head = new_head((3, 3, 8), dropout=0.3, hidden=hidden)
    answers = np.asarray(
        head(np.random.default_rng(0).uniform(0, 1000, (5, 3, 3, 8)).astype("float32"))
    )
    assert answers.shape == (5, 7)
    np.testing.assert_allclose(answers.sum(axis=-1), 1, rtol=1e-5)
    assert multiply_adds(head) == (72 * 16 + 16 * 7 if hidden else 72 * 7)
    assert [
        layer.rate for layer in head.layers if isinstance(layer, layers.Dropout)
    ] == [0.3] * (2 if hidden else 1)


def test_varied_faces_keep_their_form_and_follow_their_seed():
    one, other = varied(IMAGES[:6], 0), varied(IMAGES[:6], 1)
    assert one.shape == (6, 48, 48) and one.dtype == "uint8"
    np.testing.assert_array_equal(one, varied(IMAGES[:6], 0))
    assert not np.array_equal(one, other)
    assert not np.array_equal(one[0], IMAGES[0])


def test_percent_rounds_to_the_next_five():
    assert percent(0.52) == 50
    assert percent([0.0, 0.53, 1.0]).tolist() == [0, 55, 100]


# The bar
# -------------------------------------------------------------------------------------


def fitted(monkeypatch, **shown) -> dict:
    """Train for two epochs; what the bar was opened with."""
    opened = {}

    def open_bar(**named):
        opened.update(named)
        return tqdm(**named, **shown)

    monkeypatch.setattr(transfer, "_BAR_AFTER", 0)
    monkeypatch.setattr(transfer, "tqdm", open_bar)
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse", jit_compile=False)
    model.fit(
        np.ones((4, 2)),
        np.ones(4),
        epochs=2,
        verbose=0,
        callbacks=[EpochBar("two epochs")],
    )
    return opened


def test_bar_counts_epochs(monkeypatch, capsys):
    fitted(monkeypatch, disable=False)
    shown = capsys.readouterr().err
    assert "two epochs" in shown
    assert "2/2" in shown
    assert "loss=" in shown


def test_bar_leaves_it_to_the_environment_whether_it_shows(monkeypatch, capsys):
    assert "disable" not in fitted(monkeypatch)  # the tests run with TQDM_DISABLE=1
    assert capsys.readouterr().err == ""
