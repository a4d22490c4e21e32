# %% [markdown]
# # Spatial attention from scratch
#
# **How does the paper's attention block work, and does it help?**
#
# You need lessons [00](00_start_here.ipynb) to [02](02_transfer_learning.ipynb): arrays with their axes, convolution and pooling, intervals.
#
# Afterwards you can
#
# - compute a spatial attention map by hand, and write it as a Keras layer;
# - check the paper's Table I line by line, down to the last of its parameters;
# - say what a map can do to the features when it is appended, multiplied, or added, and what it cannot;
# - measure whether maps lie where the expression is, against a fair baseline;
# - tell whether a difference between two trained networks is more than chance.

# %% [markdown]
# ## Set-up
#
# The lesson begins, as every lesson does, with its profile and the faces that go with it.

# %% tags=["depends-on-profile"]
import fercourse as fc
from fercourse.lessons import lesson03

profile, data = fc.begin()

# %% [markdown]
# The line above says which faces `data` holds. Some parts of this lesson need faces of which we know where the expression is. Only drawn faces can offer that, so these parts work with practice faces under every profile, and say so.
#
# ## Looking is selective
#
# Your eyes see sharply only in a small spot, so they jump: to the eyes of a face, to its mouth. The paper takes its inspiration from there. A network has no such spot. It receives all pixels at once, and what is called *spatial attention* is far more modest: **one number between 0 and 1 for each place of a grid**, computed from the features at and around that place. What this number is then used for is a separate decision, and we shall see that it decides nearly everything.
#
# Features are what a convolutional network has made of a picture: a grid of places, and at each place a list of numbers, the channels. Behind the last block of VGG19, 224 × 224 pixels have become 7 × 7 places with 512 channels each. We begin smaller: one picture, 2 × 2 places, 3 channels.

# %%
import numpy as np
from keras import ops

features = np.array([[[[1, 5, 0], [0, 0, 0]], [[2, 2, 2], [9, 0, 0]]]], dtype="float32")
print(features.shape)

# %% [markdown]
# The axes are batch, height, width and channels, in this order throughout the course. How much is there to see at a place? The block asks twice. At the place in row $i$ and column $j$, with $C$ channels,
#
# $$\text{mean}_{ij} = \frac{1}{C}\sum_{c=1}^{C} x_{ijc} \qquad\qquad \text{maximum}_{ij} = \max_{c} x_{ijc}$$

# %%
print("mean\n", features.mean(axis=-1)[0])
print("maximum\n", features.max(axis=-1)[0])

# %% [markdown]
# Look at the left column of places: `[1, 5, 0]` above, `[2, 2, 2]` below. Their means are the same, and only the maximum tells that one channel speaks up in the upper one. For this reason the block takes both. Note what is *not* kept: which channel it was. However many channels there are, two numbers stay.
#
# ## Exercise 3.1: mean and maximum
#
# Write a function that takes features of shape (batch, height, width, channels) and returns two arrays, the mean and the maximum over the channels. Each has the shape (batch, height, width, 1), so that the last axis is still there for what comes next.
#
# <details><summary>Hint</summary>
#
# `keras.ops.mean` and `keras.ops.max` take `axis` and `keepdims`, just as NumPy's do.
#
# </details>


# %%
def mean_and_maximum(features):
    """Mean and maximum over the channels, each (batch, height, width, 1)."""
    # BEGIN SOLUTION
    mean = ops.mean(features, axis=-1, keepdims=True)
    maximum = ops.max(features, axis=-1, keepdims=True)
    return mean, maximum
    # END SOLUTION


# %% [markdown]
# The check hands your function features of its own, on a grid that is not square.

# %%
lesson03.check_mean_and_maximum(mean_and_maximum)

# %% [markdown]
# With or without your function, we now look at the same two numbers on a real network. The course ships pocket networks with attention after block 3 that were trained on practice faces; this helper loads one.


# %%
def practice_model(combine):
    """A pocket network trained on practice faces, with attention after block 3."""
    return fc.pocket_model("block3_pool", combine, trained_on="practice")


# %% [markdown]
# At 48 pixels, block 3 leaves a grid of 6 × 6 places, and at a quarter of VGG19's width each of them has 64 channels. We draw one practice face, take its features there, and summarise them.

# %%
import keras

gated = practice_model("multiply")
to_features = keras.Model(gated.input, gated.get_layer("block3_pool").output)
face = fc.practice_faces(1, seed=11).faces.images
of_face = ops.convert_to_numpy(to_features(face[..., None].astype("float32")))
print(of_face.shape)

# %% [markdown]
# Both summaries are numbers without an upper end, so for the picture each is divided by its largest value.

# %%
mean, maximum = of_face.mean(axis=-1)[0], of_face.max(axis=-1)[0]
figure = fc.face_grid(
    face[[0, 0, 0]],
    ["the face", "mean of 64 channels", "maximum"],
    columns=3,
    maps=[None, mean / mean.max(), maximum / maximum.max()],
    side=1.7,
)
fc.show(figure, "A drawn face, and twice the same face under a grid of 6 × 6 cells: mean and maximum.")

# %% [markdown]
# Dark violet is low and yellow is high. The two pictures are similar but not the same. Neither is attention yet: nobody has said which of these places are worth looking at.
#
# ## From two numbers to one
#
# That is learned. Mean and maximum are stacked to two channels, and one convolution with a window of 7 × 7 places turns them into one number $z$ for each place. The sigmoid brings it between 0 and 1:
#
# $$m_{ij} = \sigma(z_{ij}) = \frac{1}{1 + e^{-z_{ij}}}$$
#
# By hand, with a window in which only the middle counts: −1 for the mean and +1 for the maximum. What does that filter look for?

# %%
kernel = np.zeros((7, 7, 2, 1), "float32")
kernel[3, 3, :, 0] = [-1, 1]
stacked = np.stack([features.mean(axis=-1), features.max(axis=-1)], axis=-1)
z = ops.convert_to_numpy(ops.conv(stacked, kernel, padding="same"))
print(z[0, ..., 0], (1 / (1 + np.exp(-z[0, ..., 0]))).round(2), sep="\n")

# %% [markdown]
# It looks for places where one channel stands out from the others: 9 among zeros gives almost 1. Where nothing stands out, $z$ is 0, and the sigmoid makes 0.5 of it, not 0. To push such places down, a filter needs a negative *bias*, a number added to every $z$.
#
# Two properties are easy to overlook. The sigmoid judges each place for itself, so all of them may be near 1, or all near 0; unlike a softmax, it does not make them compete. And `padding="same"` surrounds the grid with zeros, so that the map keeps the size of the grid. On 7 × 7 places, a window of 7 × 7 always hangs over the edge, except in the middle.
#
# ## Exercise 3.2: the map
#
# Write a function that makes the attention map from features, a kernel of shape (7, 7, 2, 1) and a bias of shape (1,). Stack mean and maximum along the channels, convolve, add the bias, apply the sigmoid. The result has the shape (batch, height, width, 1).
#
# <details><summary>Hint</summary>
#
# `ops.concatenate([...], axis=-1)`, `ops.conv(..., padding="same")`, `ops.sigmoid`. If exercise 3.1 is done, call your `mean_and_maximum`.
#
# </details>


# %%
def attention_map(features, kernel, bias):
    """One number between 0 and 1 for each place, (batch, height, width, 1)."""
    # BEGIN SOLUTION
    pooled = ops.concatenate(mean_and_maximum(features), axis=-1)
    return ops.sigmoid(ops.conv(pooled, kernel, padding="same") + bias)
    # END SOLUTION


# %% [markdown]
# The order of mean and maximum is free: the check accepts both.

# %%
lesson03.check_attention_map(attention_map)

# %% [markdown]
# Kernel and bias came from outside so far. In a network they are weights that training moves, and they live in a layer.
#
# ## Exercise 3.3: the layer
#
# Complete the layer. `__init__` has made the convolution, with its sigmoid. `call` gets features with $C$ channels and returns features with $C + 1$: those that came in, and behind them the map.
#
# <details><summary>Hint</summary>
#
# `self.convolution(...)` wants the two stacked summaries. Then one more `ops.concatenate` along the last axis.
#
# </details>


# %%
class AppendAttention(keras.layers.Layer):
    """From (batch, height, width, C) to (batch, height, width, C + 1)."""

    def __init__(self):
        super().__init__()
        self.convolution = keras.layers.Conv2D(filters=1, kernel_size=7, padding="same", activation="sigmoid")

    def call(self, features):
        # BEGIN SOLUTION
        mean = ops.mean(features, axis=-1, keepdims=True)
        maximum = ops.max(features, axis=-1, keepdims=True)
        attention_map = self.convolution(ops.concatenate([mean, maximum], axis=-1))
        return ops.concatenate([features, attention_map], axis=-1)
        # END SOLUTION


# %% [markdown]
# The check makes a layer of your class, gives it weights of its own, and calls it.

# %%
lesson03.check_append_map(AppendAttention)

# %% [markdown]
# From here on we use the library's layer. `SpatialAttention` returns the map alone, because what is done with it will differ. Is it really what the formulas say? We take its weights out and compute the same map with plain operations.

# %%
layer = fc.SpatialAttention(kernel_size=7)
from_layer = ops.convert_to_numpy(layer(of_face))
kernel, bias = layer.convolution.get_weights()
pooled = np.stack([of_face.mean(axis=-1), of_face.max(axis=-1)], axis=-1)
z = ops.convert_to_numpy(ops.conv(pooled, kernel, padding="same")) + bias
print("shape:", from_layer.shape)
print("equal:", np.allclose(from_layer, 1 / (1 + np.exp(-z)), atol=1e-5))

# %% [markdown]
# The same numbers. There is nothing in the layer that you have not seen.
#
# ## Exercise 3.4: how large is the block?
#
# The paper uses a window of 7 × 7, CBAM tried 3 × 3 as well. Write a function that counts the numbers to be learned in the block for a window of k × k, bias included.
#
# <details><summary>Hint</summary>
#
# One filter. How many numbers does its window cover, if each place holds mean and maximum?
#
# </details>


# %%
def attention_parameters(k):
    """Weights and bias of the attention convolution with a window of k × k."""
    # BEGIN SOLUTION
    return 2 * k * k + 1
    # END SOLUTION


# %% [markdown]
# Nothing here depends on the number of channels. Does your function agree?

# %%
lesson03.check_attention_parameters(attention_parameters)

# %% [markdown]
# For 7 × 7 you will meet the number in the next section.
#
# ## Table I, line by line
#
# Table I of the paper lists its network from the output of VGG19 to the seven neurons. We build that network at full size, with random weights: shapes and counts do not depend on what was learned. It takes some seconds.

# %%
paper = fc.vgg19_attention(after="block5_pool", combine="concat", weights=None)
rows = {
    "VGG19": "block5_pool",
    "Conv": "block5_attention",
    "Concat": "append_map",
    "Flatten": "flatten",
    "Dropout": "dropout",
    "Dense": "fc1",
    "Dense, 7": "predictions",
}
for row, name in rows.items():
    layer = paper.get_layer(name)
    shape = " × ".join(str(side) for side in layer.output.shape[1:])
    print(f"{row:<10}{shape:<14}{layer.count_params():>12,}")

# %% [markdown]
# Compare the shapes with the paper's: 7 × 7 × 512, 7 × 7 × 1, 7 × 7 × 513, 25137, 25137, 4096, 7. They all agree. Three more rows of Table I, the two "Lamda" layers (average and maximum over the channels, 7 × 7 × 1 each) and their concatenation (7 × 7 × 2), are inside our attention layer. The paper does not print the last column, but it follows from the shapes. (The 0 in the first row belongs to the pooling layer at VGG19's end; its convolutions are still to be added.) Let us count it by hand, with the bias of every neuron and filter.

# %%
backbone = sum(layer.count_params() for layer in paper.layers if "_conv" in layer.name)
block = 7 * 7 * 2 + 1
dense = 7 * 7 * 513 * 4096 + 4096
last = 4096 * 7 + 7
print(f"{backbone:,} + {block} + {dense:,} + {last:,}")
assert backbone + block + dense + last == paper.count_params() == 123_018_410
print(f"= {paper.count_params():,}, of which {dense / paper.count_params():.0%} are one dense layer")
del paper  # half a gigabyte

# %% [markdown]
# The sum is that of the network that Keras built; the assertion would have stopped us otherwise. Look at the proportions: the block is less than a millionth of the network. That alone proves nothing, for a small part may steer a large one. A thermostat does. The question is whether this one is wired to anything.
#
# ## Append, multiply, add
#
# Table I *appends* the map to the features as one more channel. CBAM, which the paper cites for its block, *multiplies* the features by it. A third way keeps the features and adds the product, $x(1 + m)$. Here are all three on our tiny grid. The map says 1 at the upper left and 0 at the lower right.

# %%
small_map = np.array([[[[1.0], [0.5]], [[0.5], [0.0]]]], dtype="float32")
ways = {
    "as they were": features,
    "concat": np.concatenate([features, small_map], axis=-1),
    "multiply": features * small_map,
    "residual": features * (1 + small_map),
}
for name, result in ways.items():
    print(f"{name:<14}map 1: {result[0, 0, 0].tolist()!s:<22}map 0: {result[0, 1, 1].tolist()}")

# %% [markdown]
# Read the right-hand column first. Multiplied by 0, the place falls silent: no later layer learns what was there. Under `residual` it stays as it was and can only be made up to twice as loud where the map says 1. Under `concat` *nothing happens to the features at all*, whatever the map says. They get a neighbour.
#
# This is what is meant by: **an appended map cannot gate.** The dense layer behind it forms sums, with a weight for each number. It can add something when the map is high. It cannot take a feature less seriously because the map is low, for that would be a product. At most, the sum may push a neuron as a whole below its threshold, with all that it collects from all places; nothing in the design asks for that. And in the paper's network the map is one channel among 513.
#
# In the course's networks the map is appended in front of the head, wherever the block stands: the blocks that follow never see it. (Had it gone through their convolutions, they could have learned to shut places off. That would be another network.) In the pocket networks it carries even less. After five poolings, 48 pixels are a grid of 1 × 1, so the map is averaged to a single number, which cannot say *where*.
#
# ## Does the network use its map?
#
# A trained network can be asked by taking the map away. We set the block's kernel to zero and its bias to ±30: then the map is 0 or 1 everywhere, on every face.


# %%
def with_constant_map(model, images, bias):
    """Probabilities when the map is the same everywhere; the weights are put back afterwards."""
    convolution = model.get_layer("block3_attention").convolution
    learned = convolution.get_weights()
    convolution.set_weights([0 * learned[0], np.array([bias])])
    probabilities = fc.predict(model, images)
    convolution.set_weights(learned)
    return probabilities


# %% [markdown]
# We ask on new practice faces that no network has seen, all emotions equally often. Their evidence is needed later, so faces without any are left out, which are the neutral ones above all, and 256 of the others kept.

# %%
drawn = fc.practice_faces(320, seed=7, proportions="uniform")
expressive = np.flatnonzero(drawn.evidence.any(axis=(1, 2)))[:256]
faces, evidence = drawn.faces[expressive], drawn.evidence[expressive]
print(faces.images.shape, evidence.shape)

# %% [markdown]
# Two arrays, pixel for pixel: the faces, and what of them is evidence.
#
# Now both networks, one that appends its map and one that multiplies by it. For each we print the accuracy, to the nearest 5 %, and the largest change of any probability of any face when the map is replaced.

# %%
appended = practice_model("concat")
for name, model in {"concat": appended, "multiply": gated}.items():
    learned = fc.predict(model, faces.images)
    right = np.mean(learned.argmax(axis=-1) == faces.emotions)
    print(f"{name:<9}map as learned: about {5 * round(20 * right)} % right")
    for constant, bias in {0: -30.0, 1: 30.0}.items():
        replaced = with_constant_map(model, faces.images, bias)
        right = np.mean(replaced.argmax(axis=-1) == faces.emotions)
        largest = np.abs(replaced - learned).max()
        print(f"{'':<9}map {constant}: about {5 * round(20 * right)} % right, largest change {largest:.2f}")

# %% [markdown]
# The network that appends does not notice. Whether its map is what it learned, or 0, or 1: no probability of any face moves by more than a few hundredths. This network could do without its map.
#
# The network that multiplies is lost when the map is 0, as it must be: everything after the block falls silent, and every face gets the same answer. (None is right, rather than a sixth: that answer is neutral, and the neutral faces were left out.) It does depend on its map. But put a 1 everywhere, so that nothing is attended to more than anything else, and it still works nearly as well as with the map it learned.
#
# ## Where do the maps lie?
#
# The paper says that its module captures "interesting features of facial expression". A practice face knows its *evidence*: the pixels at which it differs from the same person drawn at rest. So the claim can be measured. First we look, at one face of each emotion.


# %%
def maps_of(model, layer, images):
    """Attention maps, (N, height, width): the network, cut off behind its attention layer."""
    to_maps = keras.Model(model.input, model.get_layer(layer).output)
    return ops.convert_to_numpy(to_maps(images[..., None].astype("float32")))[..., 0]


# %% [markdown]
# A functional model of Keras can be cut at any of its layers, as we did for the features. (The library's `fercourse.training.prediction.attention_maps` does the same for any number of faces.) Now the picture:

# %%
shown = [np.flatnonzero(faces.emotions == emotion)[0] for emotion in np.unique(faces.emotions)]
maps = maps_of(gated, "block3_attention", faces.images)
labels = [fc.EMOTIONS[emotion] for emotion in faces.emotions[shown]]
fc.show(
    lesson03.evidence_grid(faces.images[shown], evidence[shown], maps[shown], labels, side=1.15),
    f"Drawn faces, {', '.join(labels)}, with the evidence outlined; below, their attention maps.",
)

# %% [markdown]
# White lines surround the evidence: brows, lids, mouth, the folds beside it. Yellow is where the map is near 1. What do you see? The lower part of nearly every map is brighter than the upper, whatever the expression, hair and background included. One can tell oneself that the network looks at the mouth. Better to measure it.
#
# ## Exercise 3.5: the share on the evidence
#
# A picture convinces too easily. Write the measure: the share of the map's mass that lies on the evidence. The mass of a map is the sum of its cells. Both arguments have the same grid; `evidence` says for each cell how much of it, from 0 to 1, is evidence.
#
# <details><summary>Hint</summary>
#
# What does a cell contribute that is half evidence?
#
# </details>


# %%
def share_on_evidence(attention_map, evidence):
    """The share of the map's mass on the evidence, a number between 0 and 1."""
    # BEGIN SOLUTION
    return (attention_map * evidence).sum() / attention_map.sum()
    # END SOLUTION


# %% [markdown]
# What share does a map have that is the same everywhere? The check tells you when you are done.

# %%
lesson03.check_share_on_evidence(share_on_evidence)

# %% [markdown]
# The library computes all pairs at once: the map of every face against the evidence of every face. The diagonal of that square is what we asked for. The rest is the baseline, and we need it. Faces are centred, so a map that is always high around the mouth finds evidence on any face without having looked at one. The fair question is: does the map of *this* face find its evidence better than the maps of *other* faces do?

# %%
shares = fc.shares_on_evidence(maps, evidence)
own, others = fc.own_and_others(shares)
print("pairs:", shares.shape)
print(f"a map that is the same everywhere: {evidence.mean():.1%}")
print(f"the maps of other faces: {others.mean():.1%}")
print(f"the face's own map: {own.mean():.1%}")

# %% [markdown]
# The first number is chance by area. The own maps are a little above it, and whoever stops here reports a success. But the maps of *other* people with *other* expressions do just as well on the same evidence. What little there is comes from where maps are bright on every face, not from this face.
#
# Is the measure too strict? We need something that must succeed: the evidence itself, made as coarse as a map. And something that cannot have learned anything: the same network before its training, from the same seed. We add the network that appends, and a pocket network that was trained on FER2013, whose maps have 3 × 3 cells.

# %%
from fercourse.results.evidence import evidence_on_grid, shuffled_means

keras.utils.set_random_seed(0)
untrained = fc.build_model(fc.pocket_configuration("block3_pool", "multiply"))
candidates = {
    "evidence": evidence_on_grid(evidence, 6, 6),
    "multiply": maps,
    "concat": maps_of(appended, "block3_attention", faces.images),
    "untrained": maps_of(untrained, "block3_attention", faces.images),
    "FER2013": maps_of(fc.pocket_model("block4_pool"), "block4_attention", faces.images),
}

# %% [markdown]
# For each we print the share of the own map, that of other faces' maps, and a 95 % interval for the mean of the difference, face by face, in points.

# %%

print("               own   others   difference")
for name, found in candidates.items():
    own, others = fc.own_and_others(fc.shares_on_evidence(found, evidence))
    low, high = fc.mean_interval(100 * (own - others))
    print(f"{name:<12}{own.mean():6.1%}{others.mean():9.1%}   {low:z.2f} to {high:z.2f}")

# %% [markdown]
# The evidence itself passes: it finds its own face by a wide margin, even on a grid this coarse. So the measure can say yes. The multiplied map learned nothing of the kind: its difference is as close to zero as that of the untrained network. The appended maps even avoid the expression a little, for their whole interval lies below zero; since their network hardly uses them, that does no harm. The most instructive line is the last. The maps of the FER2013 network have more than one and a half times the area's share. Against the area it would look as if they had found the expression, on a kind of face that the network had never seen. The maps of other faces do the same. They have found the lower middle of the picture.
#
# An interval over faces assumes a good deal. A test that assumes less deals the maps out among the faces at random, a thousand times, and counts how often the mean share is as high as with the right maps.

# %%
chance, right = shuffled_means(shares, times=1000), np.diagonal(shares).mean()
print(f"dealt out: {np.quantile(chance, 0.025):.2%} to {np.quantile(chance, 0.975):.2%}")
print(f"right maps: {right:.2%}, as high by chance in {np.mean(chance >= right):.0%} of the dealings")

# %% [markdown]
# The interval above reaches down to zero; by this test, chance alone rarely does as well. Two honest tests, two sides of a border, and it does not matter much: even if the difference is real, it is some hundredths of a point, where the evidence itself reaches fourteen. *Significant* is not *large*. Always ask for the size too.
#
# Why so little? We can compare the block with its own beginning.

# %%
start = untrained.get_layer("block3_attention").convolution.get_weights()[0]
end = gated.get_layer("block3_attention").convolution.get_weights()[0]
print(f"correlation of the kernel before and after: {np.corrcoef(start.ravel(), end.ravel())[0, 1]:.2f}")

# %% [markdown]
# The kernel is still, almost number for number, the random one that it started as. The other weights, more than a million of them, seem to have settled for whatever map there was. Eight epochs on drawn faces are a short training; a longer one, or a larger learning rate for the block, might change that, and somebody would have to try. But it is a warning. A map can be drawn of any network, and it looks like attention even where hardly anything was learned.

# %% [markdown] tags=["lesson-only"]
# FER2013 has no evidence to compare with, so on photographs we can only look. Here is the network that was trained on them, with its block behind block 4, on the test faces of your profile.

# %% tags=["lesson-only", "depends-on-profile"]
some = data.test[:6]
coarse = maps_of(fc.pocket_model("block4_pool"), "block4_attention", some.images)
labels = [fc.EMOTIONS[emotion] for emotion in some.emotions]
fc.show(
    fc.face_grid(some.images, labels, columns=6, maps=coarse, side=1.1),
    f"Six faces, labelled {', '.join(labels)}, under attention maps of 3 × 3 cells.",
)

# %% [markdown] tags=["lesson-only"]
# Nine cells, and one region is bright on face after face. Whoever shows such a map smoothed to 48 × 48 pixels shows mostly the smoothing.

# %% [markdown] tags=["lesson-only"]
# ## Training it
#
# The block trains like everything else: the loss has a slope with respect to its weights. Here is a short training, 1,000 faces and two epochs: far too little for a good network, enough to see whether the loss falls and whether the 98 numbers of the attention kernel move at all.

# %% tags=["lesson-only"]


recipe = fc.RECIPES["practice"].changed(epochs=2)
few = data.first(train=1000, validation=256)
fc.prepare(recipe)
fresh = fc.build_model(fc.pocket_configuration("block3_pool", "multiply"))
before = fresh.get_layer("block3_attention").convolution.get_weights()[0]
history = fc.train(fresh, few, recipe)
losses = [epoch["loss"] for epoch in history.epochs]
after = fresh.get_layer("block3_attention").convolution.get_weights()[0]
print("the loss fell:", losses[1] < losses[0])
print("the kernel moved:", bool(np.all(after != before)))

# %% [markdown] tags=["lesson-only"]
# `train` moved the weights in place, those of the block too, and returned the history. The block is connected to the loss; how far that takes it is another matter, as we saw.

# %% [markdown]
# ## With and without
#
# Now to the question of the title. "Does attention help?" needs pairs of networks that differ in nothing else: the same faces, recipe, number of epochs and seed. And it needs more than one pair. Two trainings of the *same* network with different seeds do not end at the same accuracy either, and a difference between two networks means nothing as long as it is not larger than that.
#
# The course brings along nine such runs on practice faces: three seeds without attention, three with the map of block 3 appended, three multiplied. A *run* is the record of a training; among other things it holds which test faces were answered correctly. We leave out the test faces that also stand in Training.

# %%


def correct_answers(kind, seed):
    """Which of the test faces that were not trained on were answered correctly."""
    run = fc.read_run(f"practice/pocket-{kind}-practice-seed{seed}")
    answers = run.single["private"]
    return answers.correct[~answers.seen]


kinds = {"without": "none", "concat": "block3-concat", "multiply": "block3-multiply"}
correct = {name: [correct_answers(kind, seed) for seed in range(3)] for name, kind in kinds.items()}
print(len(correct["without"][0]), "faces")

# %% [markdown]
# First the accuracies, then their means over the seeds, with the spread between them.

# %%
accuracies = {name: [100 * right.mean() for right in runs] for name, runs in correct.items()}
for name, values in accuracies.items():
    each = "  ".join(f"{value:.1f}" for value in values)
    print(f"{name:<9}{each}   mean {np.mean(values):.1f}, standard deviation {np.std(values, ddof=1):.1f}")

# %% [markdown]
# Read along the rows first. The networks without attention differ from each other by almost three points, though only their seed differs. Had somebody trained one with and one without, a difference of this size would have meant nothing.
#
# Drawn, with one line for each seed:

# %%
means = ", ".join(f"{name} {np.mean(values):.1f}" for name, values in accuracies.items())
fc.show(
    lesson03.seed_lines(accuracies, "accuracy on practice faces (%)"),
    f"Accuracy of three systems, one line for each of three seeds. Means in percent: {means}.",
)

# %% [markdown]
# The appended map wins once and loses twice. The multiplied one is ahead with every seed, by about one to three points. Is that real? Two kinds of chance are at work, and each asks for its own test.
#
# **Other faces.** For one pair of trained networks: would another thousand test faces give the same winner? Both networks answered the same faces, so only those faces count on which exactly one of them is right. If the two were equally good, each of these would be a coin toss. That is McNemar's test; the library computes it with statsmodels.

# %%
for name in ("concat", "multiply"):
    for seed in range(3):
        paired = fc.mcnemar(correct["without"][seed], correct[name][seed])
        lost, won = paired.only_first, paired.only_second
        print(f"{name}, seed {seed}: only without {lost}, only with {won}, p = {paired.p_value:.2f}")

# %% [markdown]
# No p-value is below 0.05. For no pair could one say that attention, and not the choice of test faces, made the difference. Had one of the six been just below 0.05, that would not have settled it either: who tosses six times must expect more.
#
# **Other seeds.** For the recipe, and not for one pair: would another seed give the same winner? Here each seed gives one number, the gain. Three numbers are few, and the interval for their mean says how few.

# %%
for name in ("concat", "multiply"):
    gains = np.subtract(accuracies[name], accuracies["without"])
    low, high = fc.mean_interval(gains)
    print(f"{name:<9}mean gain {gains.mean():+.1f} points, 95 % interval {low:.1f} to {high:.1f}")

# %% [markdown]
# Both intervals hold zero. For the appended map that is what we expected of a number that the network hardly looks at. For the multiplied one it is an honest *perhaps*: ahead three times out of three, by amounts that three seeds cannot tell from luck. More seeds could. And should the gain be real, the maps have already told us that it does not come from looking at the expression; a gate may help in duller ways, as any change of a network can.
#
# ## And on FER2013?
#
# Here are two of the pocket networks that were trained on the real FER2013, for 20 epochs each: one without attention, one with the map appended after block 4. Their answers to PrivateTest are stored, so that you can compare them without the faces.

# %%
plain = fc.read_run("pocket-none-pocket-seed0").single["private"].correct
block4 = fc.read_run("pocket-block4-concat-pocket-seed0").single["private"].correct
paired = fc.mcnemar(plain, block4)
print(f"without: {plain.sum():,} of {len(plain):,} right, with: {block4.sum():,}")
print(f"only without {paired.only_first}, only with {paired.only_second}, p = {paired.p_value:.2f}")

# %% [markdown]
# Seven faces more, out of hundreds on which the two disagree: the heads and tails of a fair coin look like this. And it is one seed each.
#
# How many test faces would it take to see a difference as small as this one? If the two networks disagree on a share $d$ of the faces, the difference between their accuracies has a standard error of about $\sqrt{d/n}$ on $n$ faces. It must be smaller than half the difference.

# %%
difference = (block4.sum() - plain.sum()) / len(plain)
disagreement = (paired.only_first + paired.only_second) / len(plain)
needed = disagreement * (1.96 / difference) ** 2
print(f"difference {100 * difference:.1f} points, disagreement {disagreement:.0%} of the faces")
print(f"about {round(needed, -4):,.0f} test faces are needed, and there are {len(plain):,}")

# %% [markdown]
# FER2013 cannot answer a question this fine, however long we train. The paper's own margin is of this kind: 73.35 % against 73.28 %, one number each, from different hands. Lesson 05 comes back to it.
#
# ## What the paper does not say
#
# Whoever wants to repeat the paper meets gaps. Its text announces "three flatten, dropout, and dense layers". Its Table I has one flatten, one dropout, and two dense layers, the last of them the classifier. Does it matter? We count a head with three hidden layers.

# %%
one_hidden = backbone + block + dense + last
three_hidden = one_hidden + 2 * (4096 * 4096 + 4096)
print(f"Table I: {one_hidden:,}; three hidden layers: {three_hidden:,}")

# %% [markdown]
# More than a quarter on top, and nobody outside can tell which of the two was trained. We follow the table, since it gives shapes. Other things are neither in the text nor in a table:
#
# | what a reader must decide | what the paper says |
# | --- | --- |
# | optimiser, learning rate, its schedule, batch size, epochs | nothing |
# | share of dropout, activation of the dense layer of 4,096 | nothing |
# | which layers of VGG19 learn, and which stay as ImageNet left them | "transfer learning" |
# | how 48 × 48 grey pixels become 224 × 224 × 3 | nothing |
# | augmentation, class weights, views in the test | nothing |
# | on which half of the test data 73.35 % was measured, and on which the best epoch was chosen | nothing |
# | how many trainings, and how far apart they were | nothing |
#
# A gap is not a fault of character: every paper has some. But each one has to be filled with a choice, and an honest reproduction writes its choices down. Ours stand in one record.

# %%
ours = fc.RECIPES["paper"]
for field in ("optimizer", "learning_rate", "schedule", "batch_size", "epochs", "flip", "rotation", "shift"):
    print(f"{field:<15}{getattr(ours, field)}")

# %% [markdown]
# These are the plainest choices for fine-tuning, and they are *ours*. If our number differs from the paper's, we cannot say whether the paper is wrong or our guess of its recipe.
#
# ## Quiz
#
# **1.** A map is appended, and at some place it is 0. What happens to the features of that place?
#
# <details><summary>Answer</summary>
#
# Nothing. They go on as they are, with a 0 as neighbour. Only a product with the map could silence them.
#
# </details>
#
# **2.** Can an appended map change the features in any way at all?
#
# <details><summary>Answer</summary>
#
# Not when the network answers. But in training, yes: the loss reaches the backbone through the map too, so that the features may learn to make a useful map. That is a way to help which has nothing to do with looking away.
#
# </details>
#
# **3.** Two places have the features `[4, 0, 0]` and `[0, 0, 4]`. Can the block with a window of 1 × 1 tell them apart?
#
# <details><summary>Answer</summary>
#
# No. Mean and maximum are the same, and which channel it was is forgotten. A block with a larger window could use their neighbours, but no more than the two numbers of each.
#
# </details>
#
# **4.** Maps have a larger share on the evidence than the area would give. Does the network look at the expression?
#
# <details><summary>Answer</summary>
#
# Not shown yet. A map that is high in the middle of every picture does that too. Compare with the maps of other faces on the same evidence, and with the maps of an untrained network.
#
# </details>
#
# **5.** A paper reports one training with attention and one without: 0.4 points more on 3,589 faces. What would you ask for?
#
# <details><summary>Answer</summary>
#
# Other seeds, for both. The faces on which exactly one of the two was right, for a paired test. And on which faces the best epoch was chosen.
#
# </details>
#
# ## Summary
#
# - Spatial attention is one number between 0 and 1 for each place, from mean and maximum over the channels: 99 parameters in the paper's network of 123 million.
# - What the number is used for decides what it can do. Multiplied, it can silence a place; appended, as in the paper, it cannot.
# - Whether maps lie on the expression can be measured where the truth is known, and the fair baseline is the maps of other faces.
# - A gain has to be larger than what another seed and other faces give by chance.
# - What a paper leaves open, a reproduction has to choose, and to say so.
#
# ## References
#
# - Nguyen and Nguyen (2021), *A Visual Attention Based VGG19 Network for Facial Expression Recognition*: Tables I and III, sections I, III and IV.
# - Woo, Park, Lee and Kweon (2018), *CBAM: Convolutional Block Attention Module*, arXiv:1807.06521: section 3, equation 3.
# - Wang et al. (2017), *Residual Attention Network for Image Classification*, arXiv:1704.06904: features times 1 + map.
# - Simonyan and Zisserman (2014), *Very Deep Convolutional Networks for Large-Scale Image Recognition*, arXiv:1409.1556: VGG19.
# - Adebayo et al. (2018), *Sanity Checks for Saliency Maps*, arXiv:1810.03292: compare maps with those of an untrained network.
# - McNemar (1947), *Note on the sampling error of the difference between correlated proportions or percentages*, Psychometrika 12.
#
# Next: [lesson 04](04_move_the_block.ipynb) asks whether the block stood in the wrong place.
