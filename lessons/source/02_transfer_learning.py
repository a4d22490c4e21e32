# %% [markdown]
# # Transfer learning with VGG19
#
# **What does a network trained on ImageNet already know about faces?** You need lessons
# [00](00_start_here.ipynb) and [01](01_explore_fer2013.ipynb), and you should have seen
# a neural network being trained.
#
# Afterwards you can
#
# - build VGG19 and account for every parameter count in the paper's Table II;
# - show what convolutions respond to, early and late in the network;
# - compute frozen features once, and train a new head on them in seconds;
# - unfreeze a network from the top, and say what that costs and what it gains;
# - read a gap between training and validation, and do something about it.

# %% [markdown]
# ## What is it worth?
#
# FER2013 has 28,709 faces to learn from, and for a question of your own you may have a
# few hundred. ImageNet has more than a million photographs of dogs, cups and ships, and
# networks trained on it can be downloaded. They were never asked what a face expresses.
# Do they know anything about it?
#
# To find out, we took one as it is, changed none of the twenty million weights of its
# convolutions, and gave it a new last layer with seven outputs. Only this layer
# learned, from 1,200 faces of FER2013. A quarter of the faces are happy, so always
# answering "happy" is right roughly one time in four. How often is the new layer right?
# Guess before you read on.

# %%
import fercourse as fc

guess = fc.Guess("25 % or less", "25 to 40 %", "40 to 50 %", "more than 50 %")
guess

# %% [markdown]
# The answer comes under *What ImageNet knows*, after you have taken the same steps with
# a smaller network.
#
# ## Set-up
#
# The profile decides which faces and which pretrained network we use: `practice` works
# with drawn faces, `quick` and `full` with FER2013.

# %% tags=["depends-on-profile"]
import numpy as np

from fercourse import machine
from fercourse.lessons import lesson02

profile, data = fc.begin()

# %% [markdown]
# Here is the network.

# %% tags=["depends-on-profile"]
backbone = lesson02.pretrained_backbone(profile.name)
print(backbone)

# %% [markdown]
# *Transfer* means using what a network learned from one kind of picture on another
# kind. ImageNet's network goes from a thousand kinds of things to seven emotions. The
# pocket model goes from photographs of faces to drawings, and knows the seven emotions
# already; this is easier, but the steps are the same.
#
# ## VGG19, line by line
#
# VGG19 has a simple plan: convolutions with windows of 3 × 3 pixels, again and again,
# and five *pools* that each halve the grid. After the last pool comes the *head*, here
# three dense layers. The paper's Table II lists all layers; here they are drawn from
# top to bottom, with the parameters of each block on the right.

# %%
fc.show(*lesson02.network_drawing(lesson02.TABLE_II))

# %% [markdown]
# The wider a bar, the larger the layer's grid (not to scale). Below a block's name is
# what its first layer computes: rows, columns and *channels*, as the layer's maps of
# numbers are called. Most of the 144 million parameters are in the head, which
# distinguishes a thousand kinds of things, and faces are not among them. (Lesson 00 gave
# 123 million: with one dense layer of 4,096 instead of two, and seven answers, the
# paper's head is smaller.) What we want to keep is the smaller part, the convolutions.
# We now build this network, with random weights, and compare it with the table.

# %%
network = fc.vgg19(units=(4096, 4096), classes=1000, dropout=0, weights=None)
in_paper = lesson02.TABLE_II[1:]  # without the input
for name, shape, parameters in in_paper:
    layer = network.get_layer(name)
    assert layer.output.shape[1:] == shape and layer.count_params() == parameters
names = {layer.name: layer for layer in network.layers}
added = [name for name in names if name not in {name for name, _, _ in in_paper}]
print(f"{len(in_paper)} layers as in Table II; added:")
print(*added, sep="\n")
del network

# %% [markdown]
# The added layers have no parameters. `faces` is the input. As our faces are grey and
# 48 × 48, not in colour and 224 × 224, the next three enlarge them, copy them into
# three channels, and subtract ImageNet's mean colour, as in VGG19's own training.
# `dropout`, which exercise 2.2 explains, is switched off here.

# %% [markdown]
# ### ✏️ Exercise 2.1: count the parameters
#
# A filter of a 3 × 3 convolution has a weight for each place of its 3 × 3 window *in
# every incoming channel*, and one more number, its *bias*. A neuron of a dense layer
# has one weight for every input, and a bias. Write the two functions that compute the
# last column of Table II.
#
# <details><summary>Hint</summary>
#
# In `block1_conv1`, three channels come in, 64 go out, and Table II has 1,792. One
# filter has 3 · 3 · 3 weights and one bias, and there are as many filters as outgoing
# channels.
#
# </details>


# %%
def convolution_parameters(channels, filters):
    """Weights and biases of a 3 × 3 convolution."""
    # BEGIN SOLUTION
    return (3 * 3 * channels + 1) * filters
    # END SOLUTION


def dense_parameters(inputs, neurons):
    """Weights and biases of a dense layer."""
    # BEGIN SOLUTION
    return (inputs + 1) * neurons
    # END SOLUTION


# %% [markdown]
# The check asks for sizes that are in Table II, and for some that are not.

# %%
lesson02.check_parameters(convolution_parameters, dense_parameters)

# %% [markdown]
# The first formula does not contain the size of the picture; what about the second?
# Your two functions (or the course's, until yours are right) count.

# %%
convolution, dense = lesson02.counting(convolution_parameters, dense_parameters)
channels = [shape[-1] for name, shape, _ in lesson02.TABLE_II if "conv" in name]
convolutions = sum(map(convolution, [3, *channels], channels))
table = [["side of the picture", "all convolutions", "first dense layer"]]
for side in (48, 96, 224):
    grid = side // 32  # each of the five pools halves it
    first_dense = dense(grid * grid * channels[-1], 4096)
    table.append([f"{side} pixels", f"{convolutions:,}", f"{first_dense:,}"])
fc.show_table(table)

# %% [markdown]
# The convolutions fit pictures of any size. The first dense layer fits only one,
# because its inputs are the cells of the last grid.

# %% [markdown] tags=["lesson-only"]
# ## What does a convolution respond to?
#
# Before we look inside a trained network, we make one filter by hand. At each pixel it
# multiplies the nine pixels around it by nine numbers, and adds the results up.

# %% tags=["lesson-only"]
from keras import ops

face = data.validation.images[2]
kernel = np.array([[-1, -1, -1], [0, 0, 0], [1, 1, 1]])
edges = ops.conv(  # (1, 48, 48, 1) and (3, 3, 1, 1) → (1, 48, 48, 1)
    face[None, :, :, None].astype("float32"),
    kernel[:, :, None, None].astype("float32"),
    padding="same",
)
edges = ops.convert_to_numpy(ops.relu(edges))[0, :, :, 0]
fc.show(
    lesson02.filtered(face, kernel, edges),
    "A face, a filter, and its response: dark lines below dark horizontal edges.",
)

# %% [markdown] tags=["lesson-only"]
# The larger the response, the darker the pixel. On an even patch, the three numbers
# above and the three below cancel; where the picture changes from dark to light on the
# way down, the result is large. As after every convolution of VGG19, `relu` keeps only
# what is above zero. (The bar at the top is there because the filter finds zeros above
# the picture.)
#
# ### Try other filters
#
# Choose one of five filters and one of four faces.

# %% tags=["lesson-only", "depends-on-profile"]
lesson02.FilterPanel(data.validation.images[2:6])

# %% [markdown] tags=["lesson-only"]
# **Try this.** Guess what each filter will find before you choose it. Which one still
# responds on an even patch? Which finds the outline of the face best?
#
# <details><summary>Answer</summary>
#
# Only *sum of nine* responds to an even patch, because its numbers do not add up to
# zero: it blurs the face. *Right minus left* finds vertical edges, and so one side of
# the outline. *Middle minus around* finds edges of every direction, and the noise too.
#
# </details>
#
# ### Early and late channels
#
# In a trained network, nobody designs the filters; training finds them. Here is what
# three blocks make of the face above, with the four channels of each that vary most
# over it, before the block's pool.

# %% tags=["lesson-only", "title-picture"]
import keras

model = backbone.model
blocks = {f"block {b}": model.get_layer(f"block{b}_pool").input for b in (1, 3, 4)}
activations = keras.Model(model.input, blocks).predict(
    face[None, ..., None].astype("float32"), verbose=0
)
fc.show(
    lesson02.activation_grid(
        face,
        {name: maps[0] for name, maps in activations.items()},
        f"{backbone.name}, trained on {backbone.trained_on}:\n"
        "fine lines → coarse patches → a few cells",
    ),
    "Three rows, each a face and four maps of it. Block 1: fine lines; the face can be "
    "recognised. Block 3: coarse patches, some at the eyes and the mouth. Block 4: a "
    "few large cells.",
)

# %% [markdown] tags=["lesson-only"]
# In block 4, a map shows where a channel responds, but not to what. To find out, we
# collect the faces to which a late channel responds most strongly. As in the rest of
# this lesson, we use only some of the faces.

# %% tags=["lesson-only", "depends-on-profile"]
count = {"practice": 1_200, "quick": 800, "full": 6_000}[profile.name]
train, validation = data.train[:count], data.validation[: count // 2]
validation = validation[~data.in_training(validation)]
print(f"{len(train):,} training faces")
print(f"{len(validation):,} validation faces")

# %% [markdown] tags=["lesson-only"]
# We left out the validation faces that are copies of training faces (lesson 01),
# because they would reward memory. `feature_reader` cuts the network off after block 5
# and returns the output of each block; `cached_features` computes these outputs and
# stores them.

# %% tags=["lesson-only"]
reader = lesson02.feature_reader(backbone.model)
validation_features = lesson02.cached_features(reader, validation.images)

# %% [markdown] tags=["lesson-only"]
# A channel's strength is its largest value anywhere on the grid. We choose the channel
# of block 5 where happy faces (emotion 3) differ most from the others, and the five
# faces for which it is strongest.

# %% tags=["lesson-only", "depends-on-profile"]
strength = validation_features["block5_pool"].astype("float32").max(axis=(1, 2))
happy = validation.emotions == 3
preference = (strength[happy].mean(axis=0) - strength[~happy].mean(axis=0)) / (
    strength.std(axis=0) + 1e-3
)
top = strength[:, preference.argmax()].argsort()[::-1][:5]
labels = [fc.EMOTIONS[emotion] for emotion in validation.emotions[top]]
fc.show(
    fc.face_grid(validation.images[top], labels, columns=5),
    f"The 5 faces with the largest value in this channel: {', '.join(labels)}.",
)

# %% [markdown] tags=["lesson-only"]
# As we chose the channel for its response to happy faces, it had to find some. With the
# pocket model, they share a broad, open smile. "Smile" is our word for it; the channel
# may respond to other faces for other reasons.
#
# ## Frozen features
#
# A part of a network is *frozen* if training does not change its weights. It then gives
# the same output for the same face every time, so we compute these outputs, the
# *features*, once and store them.

# %% tags=["lesson-only", "depends-on-profile"]
train_features = lesson02.cached_features(reader, train.images)
for pool, features in train_features.items():
    print(f"{pool}: {features.shape}")

# %% [markdown] tags=["lesson-only"]
# Each line is one block: faces, rows, columns, channels. (To save space, blocks 1 and 2
# are averaged down to the grid of block 3.)

# %% [markdown]
# ### ✏️ Exercise 2.2: build a head
#
# The old head is cut off. Write a new one: `build_head(shape)` gets the shape of one
# face's features, such as `(3, 3, 128)`, and returns a Keras model from these features
# to seven probabilities. Before its last layer, add some *dropout*, which sets a random
# part of the numbers to zero in each training step.
#
# <details><summary>Hint</summary>
#
# `keras.Sequential([...])` with `keras.Input(shape)` first. A dense layer needs one row
# of numbers for each face, but the features come as a grid. For a choice of one in
# seven, the activation is `softmax`.
#
# </details>

# %%
import keras
from keras import layers


def build_head(shape):
    """From features to seven probabilities."""
    # BEGIN SOLUTION
    return keras.Sequential(
        [
            keras.Input(shape),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(7, activation="softmax"),
        ]
    )
    # END SOLUTION


# %% [markdown]
# The check feeds features from two different grids into your head.

# %%
lesson02.check_head(build_head)

# %% [markdown] tags=["lesson-only"]
# ## A head, trained in seconds
#
# We use the library's head; if yours is right, it is trained too. Ours begins with
# *batch normalisation*, because one network's features can be a thousand times larger
# than another's. It shifts and scales each feature by its mean and its spread over the
# faces of a training step, and keeps averages of both for later, which count as
# parameters below, but do not learn.

# %% tags=["lesson-only", "depends-on-profile"]
keras.utils.set_random_seed(0)  # the head's first weights, and the order of the faces
shape = train_features["block5_pool"].shape[1:]
head = lesson02.new_head(shape)
print(f"the new head: {head.count_params():,} parameters")
print(f"the old network: {backbone.model.count_params():,}")

# %% [markdown] tags=["lesson-only"]
# We train several models in the same way, so we write it down once. The *loss* is the
# number that training makes smaller; this one is large where the label gets a small
# probability, and takes labels that are whole numbers. An *epoch* is one pass through
# all training faces. (`jit_compile` only chooses the faster way to compute on this
# machine.)


# %% tags=["lesson-only"]
def fit(model, features, emotions, validation_data, epochs, rate=1e-3):
    """Train with Adam, and return loss and accuracy of each epoch."""
    model.compile(
        optimizer=keras.optimizers.Adam(rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False if machine.xla_is_slow() else "auto",
    )
    bar = lesson02.EpochBar()
    data = {"x": features, "y": emotions, "validation_data": validation_data}
    return model.fit(**data, epochs=epochs, verbose=0, callbacks=[bar]).history


# %% [markdown] tags=["lesson-only"]
# The head gets features instead of images.

# %% tags=["lesson-only", "depends-on-profile"]
held_out = (validation_features["block5_pool"], validation.emotions)
history = fit(
    head, train_features["block5_pool"], train.emotions, held_out, epochs=12
)
curves = {"training": history["accuracy"], "validation": history["val_accuracy"]}
own = lesson02.yours(lesson02.check_head, build_head)
if own:
    yours = keras.Sequential([keras.Input(shape), own(shape)])
    more = fit(
        yours, train_features["block5_pool"], train.emotions, held_out, epochs=12
    )
    curves["validation, your head"] = more["val_accuracy"]

# %% [markdown] tags=["lesson-only"]
# As a baseline, how often is the most frequent answer right?

# %% tags=["lesson-only", "depends-on-profile"]
most_frequent = np.bincount(train.emotions).argmax()
baseline = 100 * (validation.emotions == most_frequent).mean()
print(f"always the most frequent emotion: {baseline:.0f} %")

# %% [markdown] tags=["lesson-only"]
# Here is how the head compares.

# %% tags=["lesson-only", "depends-on-profile"]
fc.show(
    fc.learning_curves(
        {name: 100 * np.array(values) for name, values in curves.items()}
    ),
    f"In twelve epochs, {' and '.join(curves)} accuracy rise, and flatten out.",
)

# %% [markdown] tags=["lesson-only"]
# Validation accuracy may well be *above* training accuracy here: Keras measures the
# latter during the epoch and with dropout, the former at its end and without.
#
# A head this small can only use what is already in the features. Its accuracy shows how
# much can easily be read from them, which is not quite what the network knows. Such a
# head is also called a *probe*. Which of the five blocks will be best? Guess before you
# look.

# %% tags=["lesson-only"]
choices = ["block 1 or 2", "block 3 or 4", "block 5"]
block_guess = fc.Guess(*choices)
block_guess

# %% [markdown] tags=["lesson-only"]
# Five heads need five short trainings.

# %% tags=["lesson-only", "depends-on-profile"]
probes = {}
for pool, features in train_features.items():
    keras.utils.set_random_seed(0)
    probe = lesson02.new_head(features.shape[1:])
    held_out = (validation_features[pool], validation.emotions)
    progress = fit(probe, features, train.emotions, held_out, epochs=12)
    probes[pool] = lesson02.last_accuracy(progress, len(validation))
lines = {backbone.name: [*probes.values()]}
fc.show(*lesson02.knowledge_of_blocks(lines, baseline, step=10))
best = np.argmax([row[0] for row in probes.values()])
print(block_guess.reply(choices[best // 2]))

# %% [markdown] tags=["lesson-only"]
# The vertical lines are 95 % intervals (lesson 01 explains them), for each number
# alone; comparing two on the same faces comes in lesson 03. With the pocket model, even
# a head on the edges of block 1 is right about twice as often as the baseline. Blocks 3
# and 4 are a little ahead of the last one, in one run with one seed, and block 3 gives
# the head 2,304 inputs, block 5 only 128. (Blocks 1 and 2 were averaged down, which may
# cost them accuracy.)
#
# ### What ImageNet knows
#
# Now for your first guess. The course stores the same measurement for VGG19 with
# ImageNet's weights: heads on its frozen features, trained on 1,200 photographs of
# FER2013 and tested on 900 others, none of them a copy. You guessed about the head on
# block 5, the last. As controls (grey and orange), a head was also trained on the raw
# pixels, and on the features of the same network with random weights.

# %%
imagenet = lesson02.measured()["imagenet"]
pixels, always = map(imagenet.accuracy, (imagenet.pixels, imagenet.commonest))
few_small = [pixels, *map(imagenet.accuracy, imagenet.probes.values())]
untrained = [*map(imagenet.accuracy, imagenet.random.values())]
lines = {"ImageNet's weights": few_small, "random weights": untrained}
fc.show(*lesson02.knowledge_of_blocks(lines, always[0], guessed=True))
print(guess.reply("25 to 40 %"))

# %% [markdown]
# A head on the last block is right roughly three times out of ten: more often than the
# most frequent answer, but hardly more often than a head on the raw pixels. So this
# number alone does not show that ImageNet helps. Block 3 does: a head on it is right
# roughly four times out of ten, and its interval is clear of those of the controls.
# Perhaps late layers have specialised in the old task. But random weights, which had
# none, also lose from block 2 to block 5, so part of the drop is probably due to the
# shrinking grid. The paper attaches its head to block 5, and does not say whether other
# blocks were tried.
#
# Would more faces, and larger ones, get more out of the frozen network? We showed it
# all of FER2013 at 96 pixels, kept the mean and the maximum of each channel, trained a
# linear classifier for each block on Training, and tested it on PublicTest.

# %%
stored = fc.stored_probes("knowledge")["rows"]
stored = sorted(stored, key=lambda row: row["block"] != "pixels")  # raw pixels first
more = [lesson02.accuracy(row["public right"], fc.TEST_FACES) for row in stored]
lines = {"1,200 faces, 48 px": few_small, "28,709 faces, 96 px": more}
fc.show(*lesson02.knowledge_of_blocks(lines))

# %% [markdown]
# The two lines differ in the number of faces, their size, the pooling and the faces
# tested, so we cannot say which of these matters most. After block 4, a single layer
# gets more than half of the faces right, with features learned from cars, dogs and
# teapots.
#
# <details><summary>Which weights?</summary>
#
# The course's copy of ImageNet's weights, rounded to 8 bits.
#
# </details>
#
# ## Unfreezing, block by block
#
# So far, only the head has learned. Now block 5 may learn too, and then blocks 4 and 5:
# this is *fine-tuning*. `copy_after` copies the convolutions after a pool. Fed with
# stored features, does the copy continue as the original did?

# %% tags=["lesson-only"]
again = lesson02.copy_after(backbone.model, "block4_pool").predict(
    validation_features["block4_pool"], verbose=0
)
original = validation_features["block5_pool"].astype("float32")
print("the same features:", np.abs(again - original).max() < 0.02 * original.max())

# %% [markdown] tags=["lesson-only"]
# It does, so the layers before the copy never have to run again. After the copy comes a
# copy of the head that we have already trained. A random head would send large,
# meaningless corrections into the convolutions, and spoil what we want to keep.

# %% tags=["lesson-only", "depends-on-profile"]
accuracy = lesson02.last_accuracy(history, len(validation))
levels = {"head only": ("block5_pool", head, accuracy)}
for name, pool in (("block 5", "block4_pool"), ("blocks 4 and 5", "block3_pool")):
    keras.utils.set_random_seed(0)
    after_pool = lesson02.copy_after(backbone.model, pool)
    tail = keras.Sequential([after_pool, lesson02.copied(head)])
    faces = train_features[pool], train.emotions
    held_out = (validation_features[pool], validation.emotions)
    progress = fit(tail, *faces, held_out, epochs=4, rate=backbone.learning_rate / 2)
    accuracy = lesson02.last_accuracy(progress, len(validation))
    levels[name] = pool, tail, accuracy

# %% [markdown] tags=["lesson-only"]
# What did this gain, and what did it cost? We count multiplications for one face in one
# epoch, which, unlike seconds, are the same on every machine. The forward pass counts
# three times, because the backward pass, which computes the corrections, costs about
# twice as much. We add the head on block 3.

# %% tags=["lesson-only", "depends-on-profile"]
rows = {
    name: (lesson02.training_cost(part), accuracy)
    for name, (_, part, accuracy) in levels.items()
}
block3_head = lesson02.new_head(train_features["block3_pool"].shape[1:])
rows["head on block 3"] = lesson02.training_cost(block3_head), probes["block3_pool"]
fc.show(*lesson02.cost_and_gain(rows))

# %% [markdown] tags=["lesson-only"]
# The cost, on a scale of powers of ten, grows more than ten thousand times over; the
# accuracy rises by a few points, with four epochs more than the head had. This is one
# run with one seed: do not count on it. A head on block 3 comes close for a fraction of
# the price.
#
# ### Try all six levels
#
# Choose how much learns, from the head alone to all five blocks, in the pocket model or
# in ImageNet's network. Blue blocks learn, and grey ones stay frozen; everything above
# the dashed line is computed once and stored. The accuracies were measured beforehand,
# on 900 faces, so they differ a little from those above.

# %%
lesson02.UnfreezePanel()

# %% [markdown]
# **Try this.** Go through *what learns* from top to bottom, and watch both cards.
#
# 1. How many times more does a face cost in an epoch with all five blocks than with
#    block 5 alone?
# 2. How much does the pocket model gain if all five blocks learn?
# 3. Choose ImageNet's network. What happens to it when two blocks learn?
#
# <details><summary>Answer</summary>
#
# 1. About ten times: 2.7 billion multiplications instead of 255 million with ImageNet's
#    network, 170 million instead of 16 million with the pocket model.
# 2. Thirteen points: its accuracy rises from 54 to 67 %. Here it pays to let everything
#    learn.
# 3. It falls back to the most frequent emotion. With 1,200 faces and four epochs, its
#    convolutions, which have no batch normalisation, lost what they knew and learned
#    nothing in its place. The same steps helped the pocket model, for which the new
#    task is close to the old one. Unfreezing more is a risk as well as a cost.
#
# </details>
#
# If faces are varied at random in every epoch, the frozen part must process them again.
# You then train the whole model and *mark* what is frozen: `trainable = False`.

# %% [markdown]
# ### ✏️ Exercise 2.3: freeze all but the last block
#
# Write `prepare(model)`. It freezes everything before block 5 and lets block 5 and the
# head learn. Then it compiles the model (Adam with learning rate 1e-4, and the loss
# `sparse_categorical_crossentropy`, because labels are whole numbers) and returns it.
# The names of the layers begin with `block1` to `block5`; those of the head do not.
#
# <details><summary>Hint</summary>
#
# Loop over `model.layers` and set `layer.trainable`. Strings have a method
# `startswith`. Think about which comes first, freezing or `compile`. And think about
# batch normalisation: it has weights and statistics too, and its names also begin with
# the name of its block.
#
# </details>


# %%
def prepare(model):
    """Freeze everything before block 5, then compile."""
    # BEGIN SOLUTION
    early = ("block1", "block2", "block3", "block4")
    for layer in model.layers:
        layer.trainable = not layer.name.startswith(early)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=1e-4),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model
    # END SOLUTION


# %% [markdown]
# The check calls your function with a small VGG19 that has batch normalisation, and
# looks at what would learn.

# %%
lesson02.check_unfreezing(prepare)

# %% [markdown]
# In Keras, a frozen batch normalisation layer also stops updating its statistics, and
# uses those from the old task.

# %% [markdown] tags=["lesson-only"]
# ## From scratch, with the same budget
#
# How much of this accuracy comes from pretraining? We train three networks on a few
# hundred faces: two from the pretrained weights, one of them through your `prepare` (or
# the course's), and one from random weights. Three epochs are only about thirty steps:
# this shows who learns fast, not who gets furthest. By how many points will the better
# pretrained network be ahead of the one from scratch? Guess.

# %% tags=["lesson-only"]
lead_guess = fc.Guess("none", "up to 20", "20 to 40", "more than 40")
lead_guess

# %% [markdown] tags=["lesson-only"]
# All three get a new head.


# %% tags=["lesson-only"]
def whole_network(pretrained):
    """The convolutions, pretrained or with new random weights, and a new head."""
    keras.utils.set_random_seed(0)
    last = backbone.model.get_layer("block5_pool").output
    body = keras.Model(backbone.model.input, last)
    convolutions = keras.models.clone_model(body)  # a clone has new random weights
    if pretrained:
        convolutions.set_weights(body.get_weights())
    new = lesson02.new_head(last.shape[1:])
    return keras.Model(convolutions.input, new(convolutions.output))


freeze = lesson02.yours(lesson02.check_unfreezing, prepare, lesson02.freeze_early)
networks = {
    "pretrained, all blocks learn": whole_network(pretrained=True),
    "pretrained, only block 5 learns": freeze(whole_network(pretrained=True)),
    "from scratch": whole_network(pretrained=False),
}

# %% [markdown] tags=["lesson-only"]
# `fit` compiles each network again. Its layers stay frozen, but your learning rate is
# replaced; from scratch it is Adam's usual 0.001. This is the slowest cell of the
# lesson.

# %% tags=["lesson-only", "depends-on-profile"]
few = train[: count // 4]
held_out = (validation.images[..., None], validation.emotions)
starts = {}
for name, network in networks.items():
    keras.utils.set_random_seed(0)
    rate = 1e-3 if name == "from scratch" else backbone.learning_rate
    faces = few.images[..., None], few.emotions
    progress = fit(network, *faces, held_out, epochs=3, rate=rate)
    starts[name] = lesson02.last_accuracy(progress, len(validation))

# %% [markdown] tags=["lesson-only"]
# Here is how often they are right after the third epoch.

# %% tags=["lesson-only", "depends-on-profile"]
fc.show(*lesson02.above_baseline(starts, baseline))
lead = max(starts.values())[0] - starts["from scratch"][0]
choices = ["none", "up to 20", "20 to 40", "more than 40"]
print(lead_guess.reply(choices[np.digitize(lead, [0, 20, 40])]))

# %% [markdown] tags=["lesson-only"]
# The network from scratch is below the baseline: after thirty steps it has not even
# learned which answer is frequent. The pocket model is ahead by 33 points. Transfer from
# the same task pays when pictures and steps are few; ImageNet's may not in thirty steps.
# In this run, freezing was ahead, unlike in the panel (a random head can spoil layers
# that are not frozen). It is one run with one seed: do not count on it.
#
# ### With all of FER2013
#
# And if everything learns, from all of FER2013? This takes too long for a lesson, so we
# look at three stored runs:
#
# - *scratch*: a pocket VGG19, trained from random weights on all of Training, on a CPU;
# - *ImageNet, 48 px*: the paper's network at full width, with its attention block
#   (lesson 03), trained from ImageNet's weights for a single epoch, on a CPU;
# - *ImageNet, 224 px*: the same network at the paper's size, trained on a GPU.

# %% tags=["lesson-only"]
runs = {
    "ImageNet, 224 px": fc.read_run(
        "vgg19_attention-block5-concat-224-best-c1f8e6-seed0"
    ),
    "scratch": fc.read_run("pocket-none-pocket-seed0"),
    "ImageNet, 48 px": fc.read_run("vgg19_attention-block5-concat-48-paper-seed0"),
}
curves = {name: run.history["epochs"]["public"] for name, run in runs.items()}
fc.show(*lesson02.curves_of_runs(curves))

# %% [markdown] tags=["lesson-only"]
# The run at 224 pixels levels off near 68 %, below the paper's 73.35 % (on PrivateTest);
# [lesson 08](08_train_the_real_thing.ipynb) asks what it takes to get there.
#
# This is no fair comparison: the runs also differ in width, size, attention and recipe.
# (A fair one would train the same network from random weights with the same recipe; the
# course has no such run.) But look at the network of a single epoch. Which answers did
# it give on PrivateTest?

# %% tags=["lesson-only"]
name = "ImageNet, 48 px"
confusion = runs[name].single["private"].confusion
answered, tested = confusion.sum(axis=0), fc.evaluate(runs[name].single["private"])
figure, axis = fc.new_figure(width=4.6)
fc.emotion_bars(axis, answered.tolist())
axis.set_xlabel(f"answers of {name}")
fc.show(figure, "Answers: " + ", ".join(f"{count:,}" for count in answered))
print(f"accuracy {tested.accuracy:.1f} %")
print(f"macro-F1 {tested.macro_f1:.1f} %")

# %% [markdown] tags=["lesson-only"]
# It never answers angry, disgust or fear, which its accuracy does not reveal.
# *Macro-F1* warns us: it is far lower. For each emotion, F1 combines *recall*, the
# share of its faces that are found, and *precision*, the share of the answers with its
# name that are right. Macro-F1 is the mean over the seven emotions, and three of them
# are zero here.

# %% [markdown] tags=["lesson-only"]
# ## The faces it gets wrong
#
# Back to the network that you trained with blocks 4 and 5 unfrozen. Which faces does it
# get wrong, and how sure is it about them?

# %% tags=["lesson-only", "depends-on-profile"]
pool, part, _ = levels["blocks 4 and 5"]
probabilities = part.predict(validation_features[pool], verbose=0)
predicted, sure = probabilities.argmax(axis=-1), probabilities.max(axis=-1)
wrong = np.flatnonzero(predicted != validation.emotions)
surest = wrong[sure[wrong].argsort()[::-1][:6]]
titles = [
    f"label: {fc.EMOTIONS[validation.emotions[i]]}\n"
    f"answer: {fc.EMOTIONS[predicted[i]]} {100 * sure[i]:.0f} %"
    for i in surest
]
fc.show(
    fc.face_grid(validation.images[surest], titles, columns=3, side=1.5),
    "Six faces, each with its label and the other emotion that the network was sure "
    "of, with its probability.",
)

# %% [markdown] tags=["lesson-only"]
# Which do you agree with, the label or the network? With practice faces it is often the
# network, because some of their labels are wrong on purpose, as some of FER2013's are
# by accident. Accuracy counts both as mistakes of the network.
#
# ## When faces are few
#
# A network with enough parameters can learn its training faces by heart. A *gap*
# between training and validation is a sign of it. We provoke one with 300 faces and a
# head that has a hidden layer.

# %% tags=["lesson-only", "depends-on-profile"]
handful = train[:300]
shape = train_features["block3_pool"].shape[1:]
held_out = (validation_features["block3_pool"], validation.emotions)
keras.utils.set_random_seed(0)
plain = lesson02.new_head(shape, dropout=0, hidden=128)
by_heart = fit(
    plain, train_features["block3_pool"][:300], handful.emotions, held_out, epochs=15
)
fc.show(
    fc.learning_curves(
        {"training": by_heart["loss"], "validation": by_heart["val_loss"]}, "loss"
    ),
    "The loss on the training faces falls to almost nothing; on the validation faces "
    "it rises.",
)

# %% [markdown] tags=["lesson-only"]
# The training loss goes to zero while the validation loss goes *up*: the head becomes
# ever more certain, also about faces that it gets wrong. This is *overfitting*. The
# simplest remedy is to stop where the validation loss is lowest, here after the first
# epoch; another is *augmentation*: more pictures made from the same faces.

# %% [markdown]
# ### ✏️ Exercise 2.4: vary a face
#
# Write `vary(image, random)`. It mirrors a face left to right in half of the cases and
# makes it lighter or darker by a random whole number from −30 to 30, all equally
# likely. It returns an image of the same size with grey values from 0 to 255. `random`
# is a NumPy generator; use it for everything random.
#
# <details><summary>Hint</summary>
#
# `image[:, ::-1]` is mirrored; `random.random() < 0.5` is true in half of the cases;
# `random.integers(-30, 31)` draws the number. `image` holds 8-bit numbers, for which
# 250 + 10 gives 4: use `astype(int)` first and `np.clip` last.
#
# </details>


# %%
def vary(image, random):
    """A face mirrored at random and of random brightness; the label stays true."""
    # BEGIN SOLUTION
    picture = image.astype(int)
    if random.random() < 0.5:
        picture = picture[:, ::-1]
    picture = picture + random.integers(-30, 31)
    return np.clip(picture, 0, 255).astype("uint8")
    # END SOLUTION


# %% [markdown]
# The check varies one picture a thousand times and looks at the results.

# %%
lesson02.check_variation(vary)

# %% [markdown]
# An augmentation claims that the label stays true: a mirrored smile is still a smile,
# but a mirrored letter may mean something else.

# %% [markdown] tags=["lesson-only"]
# ### Three remedies, five heads
#
# If your `vary` is right, it now varies the faces. Otherwise the library does it, as in
# the pocket model's recipe: mirrored, turned, shifted, zoomed a little.

# %% tags=["lesson-only", "depends-on-profile"]
own = lesson02.yours(lesson02.check_variation, vary)
pictures = lesson02.varied(np.repeat(handful.images[:1], 4, axis=0), 1, own)
fc.show(
    fc.face_grid(
        np.concatenate([handful.images[:1], pictures]),
        ["original"] + 4 * ["varied"],
        columns=5,
    ),
    "One face, and four varied pictures of it.",
)

# %% [markdown] tags=["lesson-only"]
# To save time, we vary each of the 300 faces four times, once and for all, and compute
# the features of these copies.

# %% tags=["lesson-only"]
more = [train_features["block3_pool"][:300]]
for seed in range(4):
    copies = lesson02.varied(handful.images, seed, own)
    more.append(lesson02.cached_features(reader, copies)["block3_pool"])
more, more_emotions = np.concatenate(more), np.tile(handful.emotions, 5)
print(f"{len(more):,} pictures of {len(handful)} faces")

# %% [markdown] tags=["lesson-only"]
# A third remedy is the dropout of exercise 2.2, so that the head cannot rely on any
# single number. With more pictures there are fewer epochs, so that all heads but the
# one that stops early take the same number of steps.

# %% tags=["lesson-only", "depends-on-profile"]
remedies, best = {}, int(np.argmin(by_heart["val_loss"])) + 1
for name, dropout, size, epochs in (
    ("none", 0, 300, 15),
    ("stopped early", 0, 300, best),
    ("dropout", 0.5, 300, 15),
    ("augmentation", 0, 1500, 3),
    ("augmentation and dropout", 0.5, 1500, 3),
):
    keras.utils.set_random_seed(0)
    remedy = lesson02.new_head(shape, dropout=dropout, hidden=128)
    fit(remedy, more[:size], more_emotions[:size], held_out, epochs=epochs)
    _, trained = remedy.evaluate(more[:300], handful.emotions, verbose=0)
    loss, new = remedy.evaluate(*held_out, verbose=0)
    remedies[name] = 100 * trained, 100 * new, loss
fc.show(*lesson02.gaps(remedies))

# %% [markdown] tags=["lesson-only"]
# The accuracies differ by little more than chance, with one seed; the losses, which also
# count *how* wrong an answer is, differ more. In our run with practice faces, stopping
# early gave the lowest loss; its epoch was chosen on the same faces, so the loss is a
# little too good. Dropout alone changed little; augmentation lowered the loss, more so
# with dropout.
#
# ## The number to report
#
# We used the validation faces for every choice so far, so their accuracy tends to be
# too high. Of the three levels of unfreezing that we trained, we take the one with the
# best validation accuracy and measure it, once, on test faces that are not copies of
# training faces.

# %% tags=["lesson-only", "depends-on-profile", "nbval-ignore-output"]
best, (pool, part, _) = max(levels.items(), key=lambda level: level[1][-1])
test = data.test[: count // 2]
test = test[~data.in_training(test)]
features = lesson02.cached_features(reader, test.images)[pool]
answers = part.predict(features, verbose=0).argmax(axis=-1)
right = int((answers == test.emotions).sum())
value, low, high = lesson02.accuracy(right, len(test))
print(f"{best}: {value:.1f} % of {len(test)} test faces are right")
print(f"95 % interval: {low:.1f} to {high:.1f} %")

# %% [markdown] tags=["lesson-only"]
# Here the test accuracy is even higher than the validation accuracy: choosing among
# three cost too little to show against ± 4 points of chance. With the pocket model, the
# number shows what photographs and 1,200 drawings teach together; under
# `quick` and `full`, what ImageNet and as many photographs do, at a small size.

# %% [markdown]
# ## Quiz
#
# Answer before you unfold.
#
# **1.** VGG19's convolutions do not depend on the size of the picture. Why can a model
# built for 224 pixels still not take 48?
#
# <details><summary>Answer</summary>
#
# Its first dense layer has a weight for every feature of a 7 × 7 grid. From 48 pixels
# only a grid of 1 × 1 is left. Our models enlarge the face first, or get a head for the
# smaller grid.
#
# </details>
#
# **2.** You use stored features *and* want to vary every face at random in each epoch.
# What is wrong?
#
# <details><summary>Answer</summary>
#
# Stored features belong to one fixed picture. A varied face has other features, so the
# frozen part has to compute them every time. You can store the features of a few fixed
# variations, as we did, or train without the cache.
#
# </details>
#
# **3.** Training accuracy is 95 %, validation accuracy 60 %. A friend says: "The
# network is too small." Do you agree?
#
# <details><summary>Answer</summary>
#
# No. A network that is too small would not reach 95 % in training. It fits its training
# faces well and fails to generalise: too few faces, too many free parameters, or too
# many epochs.
#
# </details>
#
# ## Summary
#
# - ImageNet's network knows something about faces: from 1,200 of them, a head on its
#   block 3 gets 41 % right, on block 5 31 %, on raw pixels 30 %, and always the most
#   frequent answer 23 %.
# - VGG19 is sixteen 3 × 3 convolutions and a large head; two formulas give every
#   parameter count of Table II.
# - Early convolutions respond to edges, late ones to whatever was useful for the old
#   task. The best features for a new kind of picture may be somewhere in between.
# - Frozen features are computed once, and a head on them trains in seconds. Each block
#   you unfreeze adds to the cost, and may gain a lot or destroy what was there.
# - With few faces and few epochs, a network pretrained on a similar task was far ahead.
#   How much of that lead remains with many has to be measured.
# - A gap between training and validation is a sign of overfitting. In our run, stopping
#   early and augmentation lowered the validation loss; the accuracies differed little.
#
# ## References
#
# - Nguyen and Nguyen (2021), *A Visual Attention Based VGG19 Network for Facial
#   Expression Recognition*: Table II.
# - Simonyan and Zisserman (2014), *Very Deep Convolutional Networks for Large-Scale
#   Image Recognition*, arXiv:1409.1556.
# - Russakovsky et al. (2015), *ImageNet Large Scale Visual Recognition Challenge*,
#   arXiv:1409.0575.
# - Yosinski et al. (2014), *How transferable are features in deep neural networks?*,
#   arXiv:1411.1792.
# - Alain and Bengio (2016), *Understanding intermediate layers using linear classifier
#   probes*, arXiv:1610.01644.
# - Srivastava et al. (2014), *Dropout: A Simple Way to Prevent Neural Networks from
#   Overfitting*, JMLR 15.
#
# Next: [lesson 03](03_spatial_attention.ipynb) builds the paper's attention block.
