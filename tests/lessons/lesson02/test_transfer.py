"""Transfer learning: the backbone of a profile, features on disk, parts, the bar."""

import keras
import numpy as np
import pytest
from keras import layers
from tiny import tiny_faces

from fercourse.lessons.lesson02 import transfer
from fercourse.lessons.lesson02.transfer import cached_features, copy_after
from fercourse.machine import ProgressBar
from fercourse.models.vgg19 import POOLS, vgg19

IMAGES = tiny_faces(70).images
FEW = IMAGES[:4]


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FERCOURSE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def network():
    """A small VGG19 with batch normalisation and other than the initial statistics."""
    model, random = vgg19(size=48, width=1 / 16, weights=None), np.random.default_rng(0)
    for weight in model.weights:
        if "moving" in weight.name:
            weight.assign(1 + 0.1 * random.normal(size=weight.shape))
    return model


@pytest.fixture(scope="module")
def reader(network):
    return transfer.feature_reader(network)


def test_table_ii_is_the_papers():
    assert len(transfer.TABLE_II) == 26
    assert sum(parameters for *_, parameters in transfer.TABLE_II) == 143_667_240


# The backbone
# -------------------------------------------------------------------------------------


def test_practice_has_the_pocket_model():
    backbone = transfer.pretrained_backbone("practice")
    assert backbone.name == "pocket VGG19"
    assert max(map(len, str(backbone).split("\n"))) <= 42  # a phone
    assert backbone.model.count_params() == 1_396_279


@pytest.mark.parametrize(("profile", "size"), [("quick", 48), ("full", 64)])
def test_the_others_have_imagenets(monkeypatch, profile, size):
    def build(**arguments):
        assert arguments["weights"] == "imagenet" and arguments["size"] == size
        return vgg19(**{**arguments, "weights": None, "width": 1 / 16})

    monkeypatch.setattr(transfer, "vgg19", build)
    backbone = transfer.pretrained_backbone(profile)
    assert backbone.name == "ImageNet VGG19"
    assert backbone.learning_rate == 1e-4


@pytest.mark.parametrize("path", ["nowhere.h5", "damaged.h5"])
def test_without_imagenet_weights_it_is_the_pocket_model_and_says_so(
    monkeypatch, tmp_path, path
):
    (tmp_path / "damaged.h5").write_bytes(b"no weights")
    monkeypatch.setenv("FERCOURSE_VGG19_WEIGHTS", str(tmp_path / path))
    backbone = transfer.pretrained_backbone("quick")
    assert backbone.name == "pocket VGG19"
    assert path in backbone.description


# Features
# -------------------------------------------------------------------------------------


def test_features_are_those_of_the_network(network, reader):
    features = cached_features(reader, IMAGES)
    assert [features[pool].shape[1] for pool in POOLS] == [6, 6, 6, 3, 1]
    assert all(layer.trainable for layer in network.layers)
    outputs = [network.get_layer(pool).output for pool in (POOLS[0], POOLS[2])]
    whole = keras.Model(network.input, outputs)
    first, third = map(np.asarray, whole(IMAGES[..., None].astype("float32")))
    averaged = first.reshape(70, 6, 4, 6, 4, -1).mean(axis=(2, 4))
    np.testing.assert_allclose(features[POOLS[2]], third, rtol=2e-3, atol=1e-3)
    np.testing.assert_allclose(features[POOLS[0]], averaged, rtol=2e-3, atol=0.05)


def test_features_are_computed_once(network, reader, monkeypatch, own_cache):
    first = cached_features(reader, FEW)
    monkeypatch.setattr(transfer, "_compute", lambda *_: pytest.fail("computed again"))
    # The same network, whose layers have other automatic names.
    again = cached_features(transfer.feature_reader(network), FEW)
    assert all(np.array_equal(first[pool], again[pool]) for pool in POOLS)
    assert [path.suffix for path in own_cache.iterdir()] == [".npz"]


def test_other_weights_or_faces_are_other_features(network, reader, own_cache):
    before = cached_features(reader, FEW)["block5_pool"]
    other_face = FEW.copy()
    other_face[3, 47, 47] ^= 1
    cached_features(reader, other_face)
    offset = network.get_layer("block5_conv4_bn").beta
    stored = keras.ops.convert_to_numpy(offset)
    offset.assign(stored + 1)
    changed = cached_features(reader, FEW)["block5_pool"]
    offset.assign(stored)
    assert len(list(own_cache.iterdir())) == 3
    assert not np.array_equal(changed, before)


@pytest.mark.parametrize("rest", [slice(-200), slice(0)])
def test_a_damaged_file_is_computed_again(reader, own_cache, rest):
    first = cached_features(reader, FEW)
    (path,) = own_cache.iterdir()
    path.write_bytes(path.read_bytes()[rest])
    again = cached_features(reader, FEW)
    np.testing.assert_array_equal(first["block5_pool"], again["block5_pool"])


@pytest.mark.parametrize("folder", [True, False])
def test_where_nothing_can_be_written_nothing_is_left(
    reader, own_cache, monkeypatch, folder
):
    def full_disk(*_, **__):
        raise OSError("no space left")

    if folder:
        monkeypatch.setattr(transfer.np, "savez", full_disk)
    else:
        own_cache.write_text("a file in the way")
    assert cached_features(reader, FEW)["block5_pool"].shape == (4, 1, 1, 32)
    assert own_cache.is_file() or list(own_cache.iterdir()) == []


# What learns
# -------------------------------------------------------------------------------------


@pytest.mark.parametrize("pool", POOLS[2:-1])
def test_the_copy_goes_on_as_the_original_does(network, reader, pool):
    features = cached_features(reader, IMAGES)
    answer = copy_after(network, pool)(features[pool].astype("float32"))
    np.testing.assert_allclose(answer, features["block5_pool"], rtol=0.02, atol=2e-3)


def test_training_the_copy_leaves_the_original_alone(network):
    before = [weight.copy() for weight in network.get_weights()]
    network.trainable = False  # the copy is trained even if the original is not
    part = copy_after(network, "block4_pool")
    network.trainable = True
    assert len(part.trainable_weights) == 4 * 3  # kernel, scale and offset
    for weight in part.trainable_weights:
        weight.assign(weight + 1)
    assert all(map(np.array_equal, before, network.get_weights()))


@pytest.mark.parametrize("pool", ["block5_pool", "flatten"])
def test_no_convolution_comes_after_block_5(network, pool):
    with pytest.raises(ValueError, match=pool):
        copy_after(network, pool)


def test_a_copy_is_trained_on_its_own():
    head = transfer.new_head((1, 1, 8))
    copy = transfer.copied(head)
    assert all(map(np.array_equal, head.get_weights(), copy.get_weights()))
    copy.set_weights([weight + 1 for weight in copy.get_weights()])
    assert not any(map(np.array_equal, head.get_weights(), copy.get_weights()))


def test_training_costs_three_times_the_way_forward(network):
    head, part = transfer.new_head((1, 1, 32)), copy_after(network, "block4_pool")
    alone = transfer.training_cost(head)
    assert alone == 3 * 32 * 7
    together = transfer.training_cost(keras.Sequential([part, head]))
    assert together == alone + transfer.training_cost(part)


@pytest.mark.parametrize("pretrained", [True, False])
def test_a_whole_network_has_the_weights_or_new_ones(network, pretrained):
    whole = transfer.whole_network(network, pretrained)
    assert whole.output.shape == (None, 7)
    kernels = [x.get_layer("block3_conv1").kernel for x in (network, whole)]
    assert np.array_equal(*map(np.asarray, kernels)) == pretrained


def test_fitting_trains_and_says_how_well():
    head = transfer.new_head((2,))
    features = np.random.default_rng(0).normal(size=(64, 2)).astype("float32")
    labels = (features[:, 0] > 0).astype(int)
    history = transfer.fit(head, features, labels, (features, labels), 30, rate=0.1)
    assert len(history["loss"]) == 30
    assert history["val_accuracy"][-1] > 0.9 > history["val_accuracy"][0]


@pytest.mark.parametrize("hidden", [0, 16])
def test_head(hidden):
    head = transfer.new_head((3, 3, 8), dropout=0.3, hidden=hidden)
    features = np.random.default_rng(0).uniform(0, 1000, (5, 3, 3, 8))
    answers = np.asarray(head(features.astype("float32")))
    assert answers.shape == (5, 7)
    np.testing.assert_allclose(answers.sum(axis=-1), 1, rtol=1e-5)
    widths = [layer.units for layer in head.layers if isinstance(layer, layers.Dense)]
    rates = [layer.rate for layer in head.layers if isinstance(layer, layers.Dropout)]
    assert widths == ([16, 7] if hidden else [7])
    assert rates == [0.3] * len(widths)


def test_varied_faces_keep_their_form_and_follow_their_seed():
    few = IMAGES[:6]
    one, again, other = (transfer.varied(few, seed) for seed in (0, 0, 1))
    assert one.shape == few.shape and one.dtype == "uint8"
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other) and not np.array_equal(one[0], few[0])


def test_a_learners_function_can_vary_faces():
    def lighter(image, random):
        return image // 2 + random.integers(0, 9)

    faces = transfer.varied(IMAGES[:3], 1, lighter)
    added = np.random.default_rng(1).integers(0, 9, 3)
    assert faces.dtype == "uint8"
    assert np.array_equal(faces, IMAGES[:3] // 2 + added[:, None, None])


@pytest.mark.parametrize("hidden", [True, False])
def test_the_bar_counts_epochs_unless_the_environment_hides_it(
    monkeypatch, capsys, hidden
):
    def open_bar(**options):
        assert "disable" not in options  # the tests run with TQDM_DISABLE=1
        return ProgressBar(**options, **({} if hidden else {"disable": False}))

    monkeypatch.setattr(transfer, "_BAR_AFTER", 0)
    monkeypatch.setattr(transfer, "ProgressBar", open_bar)
    model = keras.Sequential([keras.Input((2,)), layers.Dense(7, "softmax")])
    faces = np.ones((4, 2)), np.zeros(4)
    transfer.fit(model, *faces, held_out=faces, epochs=2)
    shown = capsys.readouterr().err
    words = [word for word in ("training", "2/2", "loss=") if word in shown]
    assert len(words) == (0 if hidden else 3)
