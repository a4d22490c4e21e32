# %% [markdown]
# # Transfer learning with VGG19
#
# **What does a network trained on ImageNet already know about faces?**
#
# You need lessons [00](00_start_here.ipynb) and [01](01_explore_fer2013.ipynb), and should
# have seen a neural network being trained.
#
# Afterwards you can
#
# - build VGG19 and account for every number in the paper's Table II;
# - show what convolutions respond to, early and late in the network;
# - compute frozen features once, and train a new head on them in seconds;
# - unfreeze a network from the top, and say what that costs and what it brings;
# - read a gap between training and validation, and do something about it.

# %% [markdown]
# ## Set-up
#
# The first cell chooses the profile and fetches the faces that go with it.

# %% tags=["depends-on-profile"]
import numpy as np

import fercourse as fc
from fercourse import machine
from fercourse.lessons import lesson02

profile, data = fc.begin()

# %% [markdown]
# `practice` works with drawn faces; `quick` and `full` work with FER2013. The pretrained network depends on
# the profile too, so we ask for it and let it introduce itself.

# %% tags=["depends-on-profile"]
backbone = lesson02.pretrained_backbone(profile.name)
print(backbone)

# %% [markdown]
# Read this twice, because it decides what the rest of the lesson shows. To transfer means to take a network
# from one kind of picture to another. From ImageNet to photographed faces is the paper's way. The pocket
# model goes from photographed faces to drawn ones: a shorter way, with the same steps.
#
# ## VGG19, line by line
#
# VGG19 has a simple plan: windows of 3 × 3 pixels, again and again, and five times a *pool* that halves
# the grid. The paper lists all its layers in Table II. We build exactly that network, with random weights,
# and hold each line against the print.

# %%
network = fc.vgg19(units=(4096, 4096), classes=1000, dropout=0, weights=None)
for name, shape, parameters in lesson02.TABLE_II[1:]:
    layer = network.get_layer(name)
    assert layer.output.shape[1:] == shape and layer.count_params() == parameters
    print(f"{name:<14}{shape!s:<17}{parameters:>12,}")

# %% [markdown]
# Nothing stopped at the `assert`, so all lines agree in name, shape and parameters. Follow the middle
# column: the grid shrinks from 224 to 7 while the channels grow from 64 to 512. One line of the paper is left
# out here, the first. What stands in its place?

# %%
printed = {name for name, _, _ in lesson02.TABLE_II}
for layer in network.layers:
    if layer.name not in printed:
        print(f"{layer.name:<16}{layer.output.shape[1:]!s:<17}{layer.count_params()} parameters")

# %% [markdown]
# The paper begins with coloured pictures of 224 × 224. Ours begin as grey faces of 48 × 48. Inside the
# network they are enlarged, copied into three channels, and freed of the mean of ImageNet's colours, as
# they were when VGG19 was trained. (The dropout is the one that we switched off.) None of these layers has a
# parameter, so the sums agree. Where do the parameters stand?

# %%
total = network.count_params()
dense = sum(network.get_layer(name).count_params() for name in ("fc1", "fc2", "predictions"))
print(f"{total:,} parameters, {dense / total:.0%} of them in the three dense layers")
print(f"{total - dense:,} in the sixteen convolutions")
del network

# %% [markdown]
# Most of VGG19's parameters belong to its head, which knows how to tell a thousand things apart. Faces are
# not among them. What we want to keep is the smaller part, the convolutions.
#
# ## Exercise 2.1: Count the parameters
#
# A filter of a 3 × 3 convolution looks at a window of 3 × 3 pixels *in every incoming channel*, and has one
# number more, its *bias*. A neuron of a dense layer has one weight for every input, and a bias. Write the
# two functions that give the last column of Table II.
#
# <details><summary>Hint</summary>
#
# Take the first line. Three channels come in, 64 go out. One filter has 3 · 3 · 3 weights and one bias. And
# there are as many filters as outgoing channels.
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
# The check asks for lines of Table II, and for sizes that are not in it.

# %%
lesson02.check_parameters(convolution_parameters, dense_parameters)

# %% [markdown]
# Neither sum contains the size of the picture. A convolution costs the same number of parameters for a
# stamp and for a poster. The first dense layer does not: it is tied to the 7 × 7 grid, and with it to 224 pixels.

# %% [markdown] tags=["lesson-only"]
# ## What does a convolution respond to?
#
# Before we let a trained network look, we make one filter by hand: below minus above. Over an even patch the
# two cancel. Where the picture changes from dark to light on the way down, the answer is large. `relu` keeps what is
# above zero, as after every convolution of VGG19.

# %% tags=["lesson-only"]
from keras import ops

face = data.validation.images[2]
kernel = np.array([[-1, -1, -1], [0, 0, 0], [1, 1, 1]], "float32").reshape(3, 3, 1, 1)
edges = ops.conv(face[None, :, :, None].astype("float32"), kernel, padding="same")
edges = ops.convert_to_numpy(ops.relu(edges))[0, :, :, 0]
pair = np.stack([face, 255 * edges / edges.max()])
fc.show(
    fc.face_grid(pair, ["face", "below minus above"], columns=2, side=1.5),
    "A face, and the answer of the filter: light lines under dark horizontal edges, black elsewhere.",
)

# %% [markdown] tags=["lesson-only"]
# What is light now lies under brows, lids, nose and lips: the lower border of what is dark. One filter
# of nine numbers has made a drawing of a face. Nobody made the filters of a trained network; they were
# learned, and each looks for something of its own. Here are five channels each of an early, a middle and a
# late block.

# %% tags=["lesson-only"]
import keras

model = backbone.model
blocks = {f"block {b}": model.get_layer(f"block{b}_pool").input for b in (1, 3, 4)}
activations = keras.Model(model.input, blocks).predict(face[None, ..., None].astype("float32"), verbose=0)
fc.show(
    lesson02.activation_grid({name: maps[0] for name, maps in activations.items()}, columns=5),
    "Three rows of maps. Block 1: the face can be recognised, its edges are light. "
    "Block 3: coarse patches. Block 4: a few large cells, no face to be seen.",
)

# %% [markdown] tags=["lesson-only"]
# In block 1 you can still recognise the face: edges, bright areas, dark areas. In block 3 the cells have
# grown, and some channels answer only in certain regions. In block 4 a map is a few dozen cells, and says
# *that* something is there rather than how it looks.
#
# But what? A good way to ask a late channel is to look for the faces that excite it most. Like the rest of this
# lesson, we do it with a part of the faces.

# %% tags=["lesson-only", "depends-on-profile"]
count = {"practice": 1_200, "quick": 800, "full": 6_000}[profile.name]
train, validation = data.train[:count], data.validation[: count // 2]
print(f"{len(train):,} faces for training, {len(validation):,} for validation")

# %% [markdown] tags=["lesson-only"]
# A real training would use all of them. Now the network looks at the validation faces.

# %% tags=["lesson-only"]
reader = lesson02.feature_reader(backbone.model)
validation_features = lesson02.cached_features(reader, validation.images)

# %% [markdown] tags=["lesson-only"]
# `reader` is the network cut off after block 5; what `cached_features` does is told below. Each face
# gets one number a channel: the largest that stands anywhere on the grid. We take the channel in which happy
# faces (emotion 3) stand out most from the others, and of all faces the five that excite it most.

# %% tags=["lesson-only", "depends-on-profile"]
strength = validation_features["block5_pool"].astype("float32").max(axis=(1, 2))
happy = validation.emotions == 3
liking = (strength[happy].mean(axis=0) - strength[~happy].mean(axis=0)) / (strength.std(axis=0) + 1e-3)
top = strength[:, liking.argmax()].argsort()[::-1][:5]
print(f"{happy[top].sum()} of the 5 are labelled happy; of all faces, {happy.mean():.0%} are")

# %% [markdown] tags=["lesson-only"]
# We chose the channel because it likes happy faces, so some of them had to turn up. How many did, the line
# above says. Now look at the faces: what do they share?

# %% tags=["lesson-only", "depends-on-profile"]
labels = [fc.EMOTIONS[emotion] for emotion in validation.emotions[top]]
fc.show(
    fc.face_grid(validation.images[top], labels, columns=5),
    f"The 5 faces that excite it most: {', '.join(labels)}.",
)

# %% [markdown] tags=["lesson-only"]
# With the pocket model they share a broad, open smile. It learned this channel from photographs, and drawn
# mouths set it off as well. That is what transfer lives on. Nobody labelled this channel; it is our word for
# it, and other faces may excite it for other reasons.
#
# ## Frozen features
#
# *Frozen* means that training does not change a weight. A frozen network gives the same answer to the same
# face for ever. So it has to look at each face only once, and its answers, the *features*, can be
# kept.

# %% tags=["lesson-only", "depends-on-profile"]
train_features = lesson02.cached_features(reader, train.images)
for pool, features in train_features.items():
    print(f"{pool}: {features.shape}")

# %% [markdown] tags=["lesson-only"]
# Each line is one block: faces, rows, columns, channels. `cached_features` wrote them into a file, whose
# name depends on every weight and every pixel. Ask for the same again, and it reads. Change one weight, and
# it computes anew. (The grids of blocks 1 and 2 are averaged down to that of block 3.)

# %% [markdown]
# ## Exercise 2.2: Build a head
#
# The old head is cut off. Write the new one: `build_head(shape)` gets the shape of one face's features, such
# as `(3, 3, 128)`, and returns a Keras model from those features to seven probabilities. Put some
# dropout, which blanks a random part of the numbers in training, in front of its last layer.
#
# <details><summary>Hint</summary>
#
# `keras.Sequential([...])` with `keras.Input(shape)` first. A dense layer needs one row of numbers for each
# face, and the features come as a grid. For one of seven, the activation is `softmax`.
#
# </details>

# %%
import keras
from keras import layers


def build_head(shape):
    """From features to seven probabilities."""
    # BEGIN SOLUTION
    return keras.Sequential(
        [keras.Input(shape), layers.Flatten(), layers.Dropout(0.5), layers.Dense(7, activation="softmax")]
    )
    # END SOLUTION


# %% [markdown]
# The check feeds features of two different grids into your head.

# %%
lesson02.check_head(build_head)

# %% [markdown]
# A head like this is the only part that has to be made for the new task. Everything before it can come from
# somewhere else.

# %% [markdown] tags=["lesson-only"]
# ## A head, trained in seconds
#
# We go on with the library's head. It has batch normalisation in front, because the features of one network can
# be a thousand times as large as those of another. (*Batch normalisation* shifts and scales each feature by the
# mean and spread of the faces that it sees in training, and keeps both for later.) `keras.utils.set_random_seed` fixes its first
# weights and the order of the faces, so that you see what we saw.

# %% tags=["lesson-only", "depends-on-profile"]

keras.utils.set_random_seed(0)
head = lesson02.new_head(train_features["block5_pool"].shape[1:])
head.compile(
    optimizer=keras.optimizers.Adam(learning_rate=1e-3),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
    jit_compile=False if machine.xla_is_slow() else "auto",
)
print(f"{head.count_params():,} parameters instead of {backbone.model.count_params():,}")

# %% [markdown] tags=["lesson-only"]
# `compile` fixes the optimiser, the loss and what is measured; `fit` trains. `sparse_categorical_crossentropy` is the loss for labels that are numbers from 0 to 6. The last line of
# `compile` only chooses the faster way to compute on this machine. Training
# differs in the last digits from machine to machine, so `percent` rounds accuracies to the next 5 percent.
#
# Now `fit`. Features go in where you may be used to seeing pictures; nothing else is different.

# %% tags=["lesson-only", "depends-on-profile"]
history = head.fit(
    train_features["block5_pool"],
    train.emotions,
    validation_data=(validation_features["block5_pool"], validation.emotions),
    epochs=12,
    verbose=0,
    callbacks=[lesson02.EpochBar()],
).history
print(f"validation accuracy: about {lesson02.percent(history['val_accuracy'][-1])} %")

# %% [markdown] tags=["lesson-only"]
# That was quick: nothing but the head had to be computed. For scale we need
# a baseline: the accuracy of always giving the most frequent answer.

# %% tags=["lesson-only", "depends-on-profile"]
most_frequent = (validation.emotions == np.bincount(train.emotions).argmax()).mean()
print(f"always the most frequent emotion: {most_frequent:.0%}")

# %% [markdown] tags=["lesson-only"]
# The head beats that. A figure of all epochs shows how it came there.

# %% tags=["lesson-only", "depends-on-profile"]
curves = {"training": history["accuracy"], "validation": history["val_accuracy"]}
fc.show(
    fc.learning_curves({name: 100 * np.array(values) for name, values in curves.items()}),
    f"Validation rises to about {lesson02.percent(history['val_accuracy'][-1])} % in twelve epochs.",
)

# %% [markdown] tags=["lesson-only"]
# Validation may well lie *above* training here. That is no error. Keras measures training accuracy while
# dropout is deleting features, and averages over the epoch, in which the head was still worse. Validation is
# measured afterwards and without dropout.
#
# A head of so few parameters can only use what the features already tell. So its accuracy measures what the
# frozen network *knows*. Such a head is also called a *probe*. We have features of five blocks; let us probe
# all of them.


# %% tags=["lesson-only"]
def fit(model, features, emotions, validation_data, epochs, rate=1e-3):
    """Compile and fit, as above."""
    model.compile(
        optimizer=keras.optimizers.Adam(rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False if machine.xla_is_slow() else "auto",
    )
    return model.fit(
        features,
        emotions,
        validation_data=validation_data,
        epochs=epochs,
        verbose=0,
        callbacks=[lesson02.EpochBar()],
    ).history


# %% [markdown] tags=["lesson-only"]
# The same head, the same faces, the same epochs; only the block changes. Which block do you expect to be best?
# Guess before you look.

# %% tags=["lesson-only", "depends-on-profile"]
probes = {}
for pool, features in train_features.items():
    keras.utils.set_random_seed(0)
    probe = lesson02.new_head(features.shape[1:])
    held_out = (validation_features[pool], validation.emotions)
    probes[pool] = fit(probe, features, train.emotions, held_out, epochs=12)["val_accuracy"][-1]
heights = {pool: 100 * accuracy for pool, accuracy in probes.items()}
fc.show(
    lesson02.value_bars(heights, "validation accuracy (%)", {"most frequent emotion": 100 * most_frequent}),
    ", ".join(f"{pool}: about {lesson02.percent(accuracy)} %" for pool, accuracy in probes.items()),
)

# %% [markdown] tags=["lesson-only"]
# Bars above the dotted line belong to blocks that know something about these faces. The first block knows edges, and
# that is not much. Then it gets better. But the last block need not be the best: what comes late in a network is
# made for the old task and the old kind of pictures. With the pocket model, the middle does at least as well.
#
# This is one answer to the question of this lesson. The paper takes block 5 and does not say whether another was
# tried. A few hundred faces give bars that wobble by two or three points, so only large differences count.
#
# ## Unfreezing, block by block
#
# So far nothing but the head has learned. Now we let block 5 learn too, then blocks 4 and 5.
# `copy_behind` copies the convolutions behind a pool with their weights. On the kept features the copy must
# continue as the original did; we check that first.

# %% tags=["lesson-only"]
again = lesson02.copy_behind(backbone.model, "block4_pool").predict(
    validation_features["block4_pool"], verbose=0
)
known = validation_features["block5_pool"].astype("float32")
print("the same features:", np.abs(again - known).max() < 0.02 * known.max())

# %% [markdown] tags=["lesson-only"]
# The copy gives the features that the whole network gave. Now the training. In front of the convolutions nothing
# has changed, so the kept features serve again. Behind them stands the head that is already trained. A head with
# random weights would send large, senseless corrections into the convolutions, and spoil in the first steps
# what we want to keep.

# %% tags=["lesson-only", "depends-on-profile"]
import time

levels, seconds = {"head only": (head, history["val_accuracy"][-1])}, {}
for label, pool in (("block 5", "block4_pool"), ("blocks 4 and 5", "block3_pool")):
    keras.utils.set_random_seed(0)
    trained_head = keras.models.clone_model(head)
    trained_head.set_weights(head.get_weights())
    tail = keras.Sequential([lesson02.copy_behind(backbone.model, pool), trained_head])
    started = time.monotonic()
    held_out = (validation_features[pool], validation.emotions)
    rate = backbone.learning_rate / 2
    found = fit(tail, train_features[pool], train.emotions, held_out, epochs=4, rate=rate)
    seconds[label] = time.monotonic() - started
    levels[label] = tail, found["val_accuracy"][-1]
print(", ".join(levels))

# %% [markdown] tags=["lesson-only"]
# What did it bring, and what did it cost? The number of *trainable* parameters says how much can be fitted,
# and so also how much can be learned by heart. Multiplications, unlike seconds, are the same on every machine.

# %% tags=["lesson-only", "depends-on-profile"]
print(f"{'what learns':<16}{'trainable':>12}{'multiplications':>17}{'validation':>12}")
for label, (part, accuracy) in levels.items():
    trainable = sum(int(np.prod(weight.shape)) for weight in part.trainable_weights)
    cost = (
        sum(fc.multiply_adds(inner) for inner in part.layers) if part is not head else fc.multiply_adds(head)
    )
    print(f"{label:<16}{trainable:>12,}{cost:>17,}{lesson02.percent(accuracy):>10} %")

# %% [markdown] tags=["lesson-only"]
# From line to line the costs multiply, and the accuracy gains some points or none. Compare the last line with the
# best bar of the figure before, too: a head at the right place gets part of the way, for a fraction of the price.
# (The head's other 256 numbers are the means and variances that batch normalisation measures; no gradient trains
# them.) In seconds, on your machine (so here your numbers and ours differ):

# %% tags=["lesson-only", "nbval-ignore-output"]
for label, elapsed in seconds.items():
    print(f"{label}: {elapsed:.0f} s for four epochs")

# %% [markdown] tags=["lesson-only"]
# That was the trainable part alone, on features from the cache. It works only while the faces stay
# the same. With random augmentation every face is new in every epoch, so the frozen part has to look again
# each time. Then one trains the whole model and *says* what is frozen: `trainable = False`.

# %% [markdown]
# ## Exercise 2.3: Freeze all but the last block
#
# Write `prepare(model)`: it freezes everything in front of block 5, lets block 5 and the head learn,
# compiles the model for training (Adam, learning rate 1e-4; the loss is `sparse_categorical_crossentropy`,
# because labels are whole numbers) and returns it. The layers' names begin with `block1` to `block5`; the
# head's do not.
#
# <details><summary>Hint</summary>
#
# Go through `model.layers` and set `layer.trainable`. Names have `startswith`. Think about the order of
# freezing and `compile`, and about batch normalisation: it has weights and statistics too, and its names also
# begin with its block.
#
# </details>


# %%
def prepare(model):
    """Freeze what stands in front of block 5, then compile."""
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
# The check hands over a small VGG19 with batch normalisation and looks at what would learn.

# %%
lesson02.check_unfreezing(prepare)

# %% [markdown]
# In Keras, a frozen batch normalisation also stops following the statistics of the faces it sees. It uses
# those that it kept from the old task. That is what we want here: features that stay the same.

# %% [markdown] tags=["lesson-only"]
# ## From scratch, with the same budget
#
# How much of all this is knowledge, and how much would any network of this shape learn? We train the
# whole network twice on a few hundred faces: once with the pretrained weights, once with random ones. Same
# head, same faces, same steps.

# %% tags=["lesson-only"]
body = keras.Model(backbone.model.input, backbone.model.get_layer("block5_pool").output)


def whole_network(pretrained):
    """The convolutions, pretrained or with new random weights, and a new head."""
    keras.utils.set_random_seed(0)
    convolutions = keras.models.clone_model(body)  # a clone has new random weights
    if pretrained:
        convolutions.set_weights(body.get_weights())
    return keras.Sequential([convolutions, lesson02.new_head(body.output.shape[1:])])


# %% [markdown] tags=["lesson-only"]
# Here every weight learns, from the first to the last, and so this is the longest cell of the lesson.

# %% tags=["lesson-only", "depends-on-profile"]
few = train[: count // 4]
pixels, held_out = (few.images[..., None], (validation.images[:200, ..., None], validation.emotions[:200]))
starts = {}
for name, pretrained in (("pretrained", True), ("from scratch", False)):
    candidate = whole_network(pretrained)
    rate = backbone.learning_rate
    found = fit(candidate, pixels, few.emotions, held_out, epochs=3, rate=rate)
    starts[name] = 100 * np.array(found["val_accuracy"])

# %% [markdown] tags=["lesson-only"]
# Two lines, three epochs. Such short runs of a whole network vary so much from machine to machine that we print
# only what is plain.

# %% tags=["lesson-only", "depends-on-profile"]
curves = fc.learning_curves(starts, "validation accuracy (%)")
fc.show(curves, "Validation accuracy over three epochs, one line pretrained and one from scratch.")
ahead = starts["pretrained"][-1] - starts["from scratch"][-1]
print("pretrained ahead by more than ten points:", bool(ahead > 10))

# %% [markdown] tags=["lesson-only"]
# With so few faces, the network from scratch hardly gets away from the baseline. The pocket model, which knows
# photographed faces, is far ahead after the first epoch. This is the case for transfer: few pictures, few steps. It
# depends on how near the old task is: ImageNet's network, at this size and after so few steps, may not get away from
# the baseline either. And it is *not* a proof that transfer wins in the long run. For that we need real data and more than a minute.

# %% [markdown]
# ## What is known on the real FER2013
#
# Training on all of FER2013 takes more than a lesson's minutes. The course keeps the answers of such runs, without
# faces and labels. Two of them belong here. One pocket VGG19 was trained from scratch on all of
# FER2013's Training. The other run is the paper's network at full width, started from ImageNet weights, at 48
# pixels and for a single epoch, because more did not fit on a CPU.

# %%

scratch = fc.read_run("pocket-none-pocket-seed0")
imagenet = fc.read_run("vgg19_attention-block5-concat-48-paper-seed0")
for name, run in (("scratch, pocket", scratch), ("ImageNet, full width", imagenet)):
    public = run.history["epochs"]["public"]
    print(f"{name:<21}{run.parameters:>11,} parameters; PublicTest after epoch 1: {public[0]:.1f} %")

# %% [markdown]
# After one epoch, the network that came from ImageNet is well ahead. But be careful with this comparison.
# The two differ in width, batch normalisation, attention and learning rate as well as in their start. A fair
# test would change one thing only. And one epoch is not the end:

# %%
epochs = scratch.history["epochs"]
fc.show(
    fc.learning_curves({"Training": epochs["accuracy"], "PublicTest": epochs["public"]}),
    f"PublicTest rises from {epochs['public'][0]:.0f} to {epochs['public'][-1]:.0f} % and flattens.",
)

# %% [markdown]
# With all of Training and twenty epochs, the small network from scratch climbs far beyond where the other had
# stopped. The number that counts is measured once, on PrivateTest, with its interval.

# %%
for name, run in (("scratch, 20 epochs", scratch), ("ImageNet, 1 epoch", imagenet)):
    figures = fc.evaluate(run.single["private"])
    print(f"{name:<20}{figures.accuracy:.1f} % ({figures.low:.1f} to {figures.high:.1f}), ", end="")
    print(f"macro-F1 {figures.macro_f1:.1f} %")

# %% [markdown]
# The intervals are far apart, so chance does not explain the difference. Twenty times the epochs may well. What is
# macro-F1, and why is it so much lower? For each emotion, *F1* combines how many
# of its faces were found and how many of the answers with its name were right: twice their product over their sum.
# Macro-F1 is the plain mean of the seven, so that a rare emotion counts as much as a frequent one. So we count how often the network from ImageNet gave each answer.

# %%
answered = imagenet.single["private"].confusion.sum(axis=0)
for emotion, times in zip(fc.EMOTIONS, answered):
    print(f"{emotion:<9}{times:>6,} answers")

# %% [markdown]
# Three emotions have a zero: after one epoch, this network never answers angry, disgust or fear. The accuracy
# alone did not tell you that. For the other run we draw the whole *confusion table*: the true emotion by row, the
# answer by column, in percent of the row.

# %%
fc.show(
    fc.confusion_table(scratch.single["private"].confusion),
    "Confusion table after twenty epochs from scratch: happy and surprise stand out on the diagonal; "
    "fear goes to sad, disgust to angry.",
)

# %% [markdown]
# Happy and surprised faces are found best. Fear is often taken for sadness, and disgust, of which there are very
# few examples, for anger. What a fully trained network from ImageNet reaches is the subject of lessons 05 and 08.

# %% [markdown] tags=["lesson-only"]
# ## The faces it gets wrong
#
# Back to the network that you trained. Which faces does it get wrong, and is it sure of itself? We take the last
# one that was unfrozen.

# %% tags=["lesson-only", "depends-on-profile"]
part, _ = levels["blocks 4 and 5"]
probabilities = part.predict(validation_features["block3_pool"], verbose=0)
predicted = probabilities.argmax(axis=-1)
wrong = np.flatnonzero(predicted != validation.emotions)
surest = wrong[probabilities[wrong].max(axis=-1).argsort()[::-1][:6]]
titles = [
    f"label: {fc.EMOTIONS[validation.emotions[i]]}\nanswer: {fc.EMOTIONS[predicted[i]]}" for i in surest
]
fc.show(
    fc.face_grid(validation.images[surest], titles, columns=6, side=1.05),
    "Six faces, each with its label and the other emotion that the network was sure of.",
)

# %% [markdown] tags=["lesson-only"]
# These are the six mistakes that it was surest of. Go through them: with whom do you agree, the label or the
# network? With practice faces it is often the network: they carry some wrong labels on purpose, because FER2013
# has such labels too. In an accuracy, a mistake of the network and a mistake of the label look the same. So
# nobody can be right about all of these faces, and a model that was should make you suspicious.

# %% [markdown] tags=["lesson-only"]
# ## When faces are few
#
# A network with enough parameters can learn its training faces by heart. One sees it in the *gap*
# between training and validation. We provoke it: 300 faces, and a head with a hidden layer.

# %% tags=["lesson-only", "depends-on-profile"]
handful = train[:300]
shape = train_features["block3_pool"].shape[1:]
held_out = (validation_features["block3_pool"], validation.emotions)
keras.utils.set_random_seed(0)
plain = lesson02.new_head(shape, dropout=0, hidden=128)
by_heart = fit(plain, train_features["block3_pool"][:300], handful.emotions, held_out, epochs=15)
fc.show(
    fc.learning_curves({"training": by_heart["loss"], "validation": by_heart["val_loss"]}, "loss"),
    "The loss on the training faces falls to almost nothing; on the validation faces it rises.",
)

# %% [markdown] tags=["lesson-only"]
# The training loss goes to zero. The validation loss goes *up*: the head grows ever more sure of itself, about
# faces on which it is wrong. This is *overfitting*. Two remedies are in every recipe of this course. *Dropout*
# deletes a random half of the numbers in each step, so that nothing can rely on one of them.
# *Augmentation* makes more pictures of the faces there are: mirrored, turned, shifted, zoomed a little. `varied` does
# to faces what the recipe of the pocket model does in training (the layers of `fercourse.training.augmentation.augmentation_layers`).

# %% tags=["lesson-only", "depends-on-profile"]
pictures = lesson02.varied(np.repeat(handful.images[:1], 5, axis=0), seed=1)
pictures[0] = handful.images[0]
fc.show(
    fc.face_grid(pictures, ["original"] + 4 * ["varied"], columns=5),
    "One face, and four varied pictures of it.",
)

# %% [markdown] tags=["lesson-only"]
# All five show the same face with the same expression, so all keep their label. To the network they are five
# different pictures. Real training varies every face anew in every epoch. To stay quick, we make four varied
# copies of each of the 300 faces once, and compute their features.

# %% tags=["lesson-only"]
copies = [lesson02.cached_features(reader, lesson02.varied(handful.images, seed)) for seed in range(4)]
more = np.concatenate([train_features["block3_pool"][:300]] + [copy["block3_pool"] for copy in copies])
more_emotions = np.tile(handful.emotions, 5)
print(f"{len(more):,} pictures of {len(handful)} faces")

# %% [markdown] tags=["lesson-only"]
# Now four heads: without anything, with one of the remedies, and with both. Those with more pictures get fewer
# epochs, so that all take the same number of steps. We measure all of them afterwards and without dropout.

# %% tags=["lesson-only", "depends-on-profile"]
print(f"{'':<15}{'training':>9}{'validation':>12}{'validation loss':>17}")
for name, dropout, augmented in (
    ("neither", 0, False),
    ("dropout", 0.5, False),
    ("augmentation", 0, True),
    ("both", 0.5, True),
):
    keras.utils.set_random_seed(0)
    remedy = lesson02.new_head(shape, dropout=dropout, hidden=128)
    if augmented:
        fit(remedy, more, more_emotions, held_out, epochs=3)
    else:
        fit(remedy, more[:300], handful.emotions, held_out, epochs=15)
    _, known = remedy.evaluate(more[:300], handful.emotions, verbose=0)
    loss, new = remedy.evaluate(*held_out, verbose=0)
    print(f"{name:<15}{lesson02.percent(known):>7} %{lesson02.percent(new):>10} %{loss:>17.1f}")

# %% [markdown] tags=["lesson-only"]
# The gap is the difference of the first two columns. Look at the loss as well as the accuracy: it also counts *how* wrong an answer is.
# With practice faces, dropout alone does little, and the two together bring it down most; read your own table. Neither makes new people out of 300; more faces would help more.

# %% [markdown]
# ## Exercise 2.4: Vary a face
#
# Write `vary(image, random)`. It mirrors a face left to right in half of the cases, makes it lighter or darker by
# a random whole number from −30 to 30, all equally likely, and returns it, as large as it came and with grey
# values from 0 to 255. `random` is a NumPy generator; take all chance from it.
#
# <details><summary>Hint</summary>
#
# `image[:, ::-1]` is mirrored; `random.random() < 0.5` is true in half of the cases; `random.integers(-30, 31)`
# draws the number. `image` holds 8-bit numbers: 250 + 10 gives 4 there. `astype(int)` first, and `np.clip` last.
#
# </details>


# %%
def vary(image, random):
    """Mirror by chance, change the brightness by chance, and keep the label true."""
    # BEGIN SOLUTION
    picture = image.astype(int)
    if random.random() < 0.5:
        picture = picture[:, ::-1]
    picture = picture + random.integers(-30, 31)
    return np.clip(picture, 0, 255).astype("uint8")
    # END SOLUTION


# %% [markdown]
# The check varies one picture a thousand times and looks at what came out.

# %%
lesson02.check_variation(vary)

# %% [markdown]
# An augmentation is a claim: "the label stays true". A mirrored smile is a smile. For other tasks the same
# change may be wrong, as for letters or for traffic signs that point to one side.

# %% [markdown] tags=["lesson-only"]
# ## The number to report
#
# Everything so far was chosen with the help of the validation faces, and so their accuracy is a little too kind. The
# test faces have not been touched. Of the three levels of unfreezing we choose what did best in validation (to the next 5 %, and of equals the
# cheapest), and measure it there, once.

# %% tags=["lesson-only", "depends-on-profile"]
label = max(levels, key=lambda name: lesson02.percent(levels[name][1]))
pool = {"head only": "block5_pool", "block 5": "block4_pool", "blocks 4 and 5": "block3_pool"}[label]
test = data.test[: count // 2]
answers = (
    levels[label][0].predict(lesson02.cached_features(reader, test.images)[pool], verbose=0).argmax(axis=-1)
)
correct = int((answers == test.emotions).sum())
low, high = (lesson02.percent(end / 100) for end in fc.wilson_interval(correct, len(test)))
print(
    f"{label}: about {lesson02.percent(correct / len(test))} % of {len(test)} test faces ({low} to {high} %)"
)

# %% [markdown] tags=["lesson-only"]
# That is the result of this lesson, with its interval, on faces that nothing was chosen on, and rounded as before. If
# your backbone is the pocket model, it says what photographs teach about drawings; under `quick` and `full` it says
# what ImageNet teaches about faces, at a small size and from few of them.

# %% [markdown]
# ## Quiz
#
# Answer before you unfold.
#
# **1.** VGG19's convolutions know nothing of the size of the picture. Why can a model built for 224 pixels still
# not take 48?
#
# <details><summary>Answer</summary>
#
# Its first dense layer has one weight for every feature of a 7 × 7 grid. 48 pixels leave a grid of 1 × 1, and most
# of the weights find no input. Our models enlarge the face first, or get a head for the smaller grid.
#
# </details>
#
# **2.** Why train the head before unfreezing anything?
#
# <details><summary>Answer</summary>
#
# A new head is random, and its errors are large. Sent back into the convolutions, they would change good filters at
# random. A trained head asks for small, sensible changes.
#
# </details>
#
# **3.** You use kept features *and* want to vary every face at random in each epoch. What is wrong?
#
# <details><summary>Answer</summary>
#
# Kept features belong to one fixed picture. A face that is varied anew has new features, so that the frozen part
# must compute them each time. One can keep the features of some fixed variations, as we did, or train without the cache.
#
# </details>
#
# **4.** Training accuracy is 95 %, validation accuracy 60 %. A friend says: "The network is too small." Do you agree?
#
# <details><summary>Answer</summary>
#
# No. A network that is too small would not reach 95 % in training. It fits its training faces well and does
# not carry over: too few faces, too many free parameters, or too many epochs.
#
# </details>
#
# **5.** A head on block 3 beats a head on block 5 in your data. Does block 5 know less?
#
# <details><summary>Answer</summary>
#
# It knows other things: it was shaped for the old task, and a plain head finds there what the old task needed. The grid
# matters too: block 5 has fewer places, and so fewer numbers to work with. Both explanations are possible, and
# these bars do not tell them apart.
#
# </details>
#
# ## Summary
#
# - VGG19 is sixteen 3 × 3 convolutions and a large head; every number of Table II follows from two sums.
# - Early convolutions answer to edges, late ones to whatever was useful for the old task; the best features for a new kind of picture
#   may stand in between.
# - Frozen features are computed once; a head on them trains in seconds. Each unfrozen block costs more than the one before.
# - With few faces and few epochs, a network pretrained on a related task is far ahead. What remains of that with many
#   has to be measured; the start is not the end.
# - A gap between training and validation is overfitting; dropout and augmentation narrow it, more faces help more.
#
# ## References
#
# - Nguyen and Nguyen (2021), *A Visual Attention Based VGG19 Network for Facial Expression Recognition*: Table II.
# - Simonyan and Zisserman (2014), *Very Deep Convolutional Networks for Large-Scale Image Recognition*, arXiv:1409.1556.
# - Russakovsky et al. (2015), *ImageNet Large Scale Visual Recognition Challenge*, arXiv:1409.0575.
# - Yosinski et al. (2014), *How transferable are features in deep neural networks?*, arXiv:1411.1792.
# - Alain and Bengio (2016), *Understanding intermediate layers using linear classifier probes*, arXiv:1610.01644.
# - Srivastava et al. (2014), *Dropout: A Simple Way to Prevent Neural Networks from Overfitting*, JMLR 15.
#
# Next: [lesson 03](03_spatial_attention.ipynb) builds the paper's attention block.
