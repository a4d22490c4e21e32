"""Class activation maps: sums of a layer's features, each with a weight.

All three compute M = relu(Σ_k w_k · A_k), where A_k is channel k of the features on a
grid, and differ in the weights. tf-keras-vis computes M; the enlargement to pixels is
ours. The package's own, `scipy.ndimage.zoom`, puts the middle of the first cell on the
first pixel, which moves a map of 3 × 3 cells by up to 8 pixels.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
import numpy as np

from fercourse.data.faces import IMAGE_SIDE
from fercourse.training.prediction import with_channel


def features_and_gradients(
    scores: keras.Model, images: np.ndarray, emotions: np.ndarray, layer: str
) -> tuple[np.ndarray, np.ndarray]:
    """A layer's features A and the gradients ∂z / ∂A of each face's emotion.

    Both are float32, (N, height, width, channels).
    """
    import tensorflow as tf

    both = keras.Model(scores.inputs, [scores.get_layer(layer).output, scores.output])
    with tf.GradientTape() as tape:
        features, z = both([with_channel(images)])
        # (N, 7) to the score of each face's emotion, (N,)
        chosen = tf.gather(z, emotions.astype(int), axis=1, batch_dims=1)
    return features.numpy(), tape.gradient(chosen, features).numpy()


def grad_cam(
    scores: keras.Model, images: np.ndarray, emotions: np.ndarray, layer: str
) -> np.ndarray:
    """Weights w_k = mean over the grid of ∂z / ∂A_k.

    R. R. Selvaraju and others: Grad-CAM, arXiv:1610.02391, equations 1 and 2.

    From (N, 48, 48) to the layer's grid, float32 (N, height, width).
    """
    from tf_keras_vis.gradcam import Gradcam

    return _map(Gradcam(scores), images, emotions, layer)


def grad_cam_plus_plus(
    scores: keras.Model, images: np.ndarray, emotions: np.ndarray, layer: str
) -> np.ndarray:
    """Weights w_k = Σ α · relu(∂exp(z) / ∂A_k), with an α for each place of the grid.

    With g = ∂z / ∂A_k there, α = g² / (2g² + g³ · Σ A_k). As in the authors' code, the
    α of a channel are divided by their sum.

    A. Chattopadhyay and others: Grad-CAM++, arXiv:1710.11063, section 3.
    """
    from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus

    return _map(GradcamPlusPlus(scores), images, emotions, layer)


def score_cam(
    scores: keras.Model, images: np.ndarray, emotions: np.ndarray, layer: str
) -> np.ndarray:
    """Weights w_k = the probability of the emotion when A_k masks the face.

    It needs no gradient but one prediction for each channel. The masks are the
    channels, enlarged and stretched to 0–1.

    H. Wang and others: Score-CAM, arXiv:1910.01279, algorithm 1. The authors also take
    a softmax of the w_k over the channels; tf-keras-vis does not.
    """
    from tf_keras_vis.scorecam import Scorecam

    # The package's call prints a progress bar for each batch.
    scores.predict = partial(scores.predict, verbose=0)
    return _map(Scorecam(scores), images, emotions, layer, batch_size=256)


def _map(
    method: Any, images: np.ndarray, emotions: np.ndarray, layer: str, **options
) -> np.ndarray:
    from tf_keras_vis.utils.scores import CategoricalScore

    cells = method(
        CategoricalScore(emotions.tolist()),
        with_channel(images),
        penultimate_layer=layer,
        seek_penultimate_conv_layer=False,
        expand_cam=False,
        normalize_cam=False,
        **options,
    )
    return np.asarray(cells, "float32")


def enlarged(maps: np.ndarray) -> np.ndarray:
    """Maps on a grid, (N, height, width), as pixels: float32 (N, 48, 48).

    Between the middles of neighbouring cells the numbers change evenly.
    """
    pixels = keras.ops.image.resize(
        maps[..., None].astype("float32"),
        (IMAGE_SIDE, IMAGE_SIDE),
        interpolation="bilinear",
    )
    return keras.ops.convert_to_numpy(pixels)[..., 0]
