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
# - compute frozen features once, and find the block from which a head learns most;
# - unfreeze a network from the top, and say what that costs and what it gains;
# - read a gap between training and validation, and do something about it.

# %% [markdown]
# ## What do dogs and teapots teach about faces?
#
# FER2013 has 28,709 faces to learn from, and for a question of your own you may have a
# few hundred. ImageNet has more than a million photographs of dogs, teapots and ships,
# and networks trained on it can be downloaded. They were never asked what a face
# expresses. Do they know anything about it?
#
# To find out, we took one of them, VGG19, and fed it the faces of FER2013 at
# 48 × 48 pixels, without enlarging them. We changed none of the twenty million weights
# of its convolutions, and gave it a new last layer with seven outputs. Only this layer
# learned, from 1,200 faces. A quarter of the faces are happy, so always answering
# "happy" is right roughly one time in four. How often is the new layer right on 900
# other faces, none of them a copy? Guess before you run the next cell.

# %%
import fercourse as fc
from fercourse.lessons import lesson02

fc.load_backend()  # starts Keras without its messages
guess = fc.Guess("25 % or less", "25 to 40 %", "40 to 50 %", "more than 50 %")
guess

# %% [markdown]
# Next to the answer are two controls: the same network with random weights, and a new
# layer that gets the pixels themselves.

# %%
imagenet = lesson02.measured()["imagenet"]
always, _, _ = imagenet.accuracy(imagenet.commonest)
answers = {
    "ImageNet's network": imagenet.probes["block5_pool"],
    "the same network with random weights": imagenet.random["block5_pool"],
    "no network: the raw pixels": imagenet.pixels,
}
rows = {name: imagenet.accuracy(right) for name, right in answers.items()}
fc.show(*lesson02.above_baseline(rows, always, exact=True))
print(guess.reply("25 to 40 %"))

# %% [markdown]
# ImageNet's network beats the most frequent answer, but hardly the layer that learned
# from the raw pixels. Does it know nothing about faces, or have we looked in the wrong
# place? To find out, we take a network apart.
#
# *Every comparison in this lesson is one run with one seed. The lines are 95 % intervals
# (lesson 01), and they cover only the chance in which faces were tested.*
#
# ## Set-up
#
# You will take the same steps with a network that your machine can train. The profile
# decides: `practice` has drawn faces and a small network, the pocket model; `quick` and
# `full` have FER2013 and ImageNet's network. To save time, we use only some of the
# faces, and no validation face that is a copy of a training face.

# %% tags=["depends-on-profile"]
import numpy as np

profile, data = fc.begin()
count = {"practice": 1_200, "quick": 800, "full": 6_000}[profile.name]
train, validation = data.train[:count], data.validation[: count // 2]
validation = validation[~data.in_training(validation)]
print(f"{len(train):,} training faces, {len(validation):,} validation faces\n")
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
# distinguishes a thousand kinds of things, and faces are not among them. What we want
# to keep is the smaller part, the convolutions. We now build this network, with random
# weights, and compare all its layers with Table II. Four of them:

# %%
network = fc.vgg19(units=(4096, 4096), classes=1000, dropout=0, weights=None)
table = [["layer", "output", "parameters"]]
for name, shape, parameters in lesson02.TABLE_II[1:]:  # without the input
    layer = network.get_layer(name)
    assert layer.output.shape[1:] == shape and layer.count_params() == parameters
    if name in ("block1_conv1", "block1_conv2", "block1_pool", "fc1"):
        table.append([name, " × ".join(map(str, shape)), f"{parameters:,}"])
fc.show_table(table)
del network

# %% [markdown]
# ### ✏️ Exercise 2.1: count the parameters
#
# A filter of a 3 × 3 convolution has a weight for each place of its 3 × 3 window *in
# every incoming channel*, and one more number, its *bias*. A neuron of a dense layer
# has one weight for every input, and a bias. Write the two functions that compute
# the table's last column.
#
# <details><summary>Hint</summary>
#
# In `block1_conv1`, three channels come in, 64 go out, and the table has 1,792. One
# filter has 3 · 3 · 3 weights and one bias, and there are as many filters as outgoing
# channels.
#
# </details>


# %%
def convolution_parameters(channels, filters):
    """Weights and biases of a 3 × 3 convolution."""
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
# The convolutions fit pictures of any size, so we can feed them faces of 48 pixels. The
# first dense layer fits only one size, because its inputs are the cells of the last
# grid. The head has to be replaced anyway: it answers another question.

# %% [markdown] tags=["lesson-only"]
# ## What does a convolution respond to?
#
# A filter of a convolution multiplies the nine pixels around each place by nine numbers,
# and adds the results up. As after every convolution of VGG19, `relu` then keeps only
# what is above zero. Before we look inside a trained network, try five filters made by
# hand. The lighter a pixel of the response, the larger its value.

# %% tags=["lesson-only", "depends-on-profile"]
lesson02.FilterPanel(data.validation.images[2:6])

# %% [markdown] tags=["lesson-only"]
# **Try this.** Guess what each filter will find before you choose it. Which one still
# responds on an even patch? Which finds the outline of the face best?
#
# <details><summary>Answer</summary>
#
# Only *sum of nine* responds to an even patch, because its numbers do not add up to
# zero: it blurs the face. *Below minus above* responds where the picture changes from
# dark to light on the way down. *Right minus left* finds vertical edges, and so one side
# of the outline. *Middle minus around* finds edges of every direction, and the noise
# too.
#
# </details>
#
# ### Early and late channels
#
# In a trained network, nobody designs the filters; training finds them. Here is what
# three blocks make of the panel's first face, with the six channels of each that vary
# most over it, before the block's pool.

# %% tags=["lesson-only", "title-picture"]
import keras

face, model = data.validation.images[2], backbone.model
blocks = {f"block {b}": model.get_layer(f"block{b}_pool").input for b in (1, 3, 4)}
activations = keras.Model(model.input, blocks).predict(
    face[None, ..., None].astype("float32"), verbose=0
)
activations = {name: maps[0] for name, maps in activations.items()}
fc.show(
    lesson02.activation_grid(face, activations),
    "A face, and three rows of six maps of it. Block 1: fine lines; the face can be "
    "recognised. Block 3: coarse patches, some at the eyes and the mouth. Block 4: a "
    "few large cells.",
)

# %% [markdown] tags=["lesson-only"]
# The later the block, the coarser its maps. Which block is most useful for a new task?
#
# ## Frozen features
#
# A part of a network is *frozen* if training does not change its weights. It then gives
# the same output for the same face every time, so we compute these outputs, the
# *features*, once and store them. `feature_reader` returns the output of each block.

# %% tags=["lesson-only", "depends-on-profile"]
reader = lesson02.feature_reader(backbone.model)
train_features = lesson02.cached_features(reader, train.images)
validation_features = lesson02.cached_features(reader, validation.images)
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
# ## Which block knows most?
#
# We train the library's head on block 5; if yours is right, it is trained too. Ours
# begins with *batch normalisation*, because one network's features can be a thousand
# times larger than another's. It shifts and scales each feature by its mean and its
# spread over the faces of a training step, and keeps averages of both for later.
#
# The *loss* is the number that training makes smaller; this one is large where the
# label gets a small probability. An *epoch* is one pass through all training faces.
# (`lesson02.fit??` shows the few lines that compile and train.)


# %% tags=["lesson-only", "depends-on-profile"]
def train_head(new_head, pool):
    """A new head on a block's features, and its loss and accuracy by epoch."""
    keras.utils.set_random_seed(0)  # its first weights, and the order of the faces
    head = new_head(train_features[pool].shape[1:])
    held_out = validation_features[pool], validation.emotions
    faces = train_features[pool], train.emotions
    return head, lesson02.fit(head, *faces, held_out, epochs=12)


head, history = train_head(lesson02.new_head, "block5_pool")
print(f"the new head: {head.count_params():,} parameters")
print(f"the old network: {backbone.model.count_params():,}")
most_frequent = np.bincount(train.emotions).argmax()
baseline = 100 * (validation.emotions == most_frequent).mean()
print(f"always the most frequent emotion: {baseline:.0f} %")

# %% [markdown] tags=["lesson-only"]
# How do its accuracies develop?

# %% tags=["lesson-only", "depends-on-profile"]
curves = {"training": history["accuracy"], "validation": history["val_accuracy"]}
if own := lesson02.yours(lesson02.check_head, build_head):
    _, yours = train_head(
        lambda shape: keras.Sequential([keras.Input(shape), own(shape)]),
        "block5_pool",
    )
    curves["validation, your head"] = yours["val_accuracy"]
percent = {name: 100 * np.array(values) for name, values in curves.items()}
text = f"In twelve epochs, {' and '.join(curves)} accuracy rise, and flatten out."
fc.show(fc.learning_curves(percent), text)

# %% [markdown] tags=["lesson-only"]
# Validation accuracy may well be *above* training accuracy here: Keras measures the
# latter during the epoch and with dropout, the former at its end and without.
#
# A head this small can only use what can easily be read from the features. Such a head
# is also called a *probe*. We train one on each of the five blocks. Which block will be
# best? Guess before you look.

# %% tags=["lesson-only"]
choices = ["block 1 or 2", "block 3 or 4", "block 5"]
block_guess = fc.Guess(*choices)
block_guess

# %% [markdown] tags=["lesson-only"]
# Every block gets a head of its own, trained like the first one.

# %% tags=["lesson-only", "depends-on-profile"]
probes = {}
for pool in train_features:
    _, progress = train_head(lesson02.new_head, pool)
    probes[pool] = lesson02.last_accuracy(progress, len(validation))
grids = [features.shape[1] for features in train_features.values()]
lines = {backbone.name: [*probes.values()]}
fc.show(*lesson02.knowledge_of_blocks(lines, baseline, grids=grids, step=10))
best = np.argmax([row[0] for row in probes.values()])
print(block_guess.reply(choices[best // 2]))

# %% [markdown] tags=["lesson-only"]
# With the pocket model, even a head on the edges of block 1 is right about twice as
# often as the baseline, and blocks 3 and 4 are a little ahead of the last one. (Block 3
# also gives the head 2,304 inputs, block 5 only 128.)
#
# ### What ImageNet knows
#
# Here are the same five heads on ImageNet's network. As in the first guess, it is fed
# the photographs of FER2013; next to it are the two controls.

# %%
pixels = imagenet.accuracy(imagenet.pixels)
few_small = [pixels, *map(imagenet.accuracy, imagenet.probes.values())]
untrained = [*map(imagenet.accuracy, imagenet.random.values())]
lines = {"ImageNet's weights": few_small, "random weights": untrained}
look = {"grids": imagenet.grids, "guessed": True}
fc.show(*lesson02.knowledge_of_blocks(lines, always, **look))

# %% [markdown]
# We had looked in the wrong place. A head on block 3 is right roughly four times out of
# ten, and its interval is clear of those of both controls: this shows that ImageNet
# helps. Perhaps late layers have specialised in the old task. But random weights, which
# had none, also lose from block 2 to block 5, so part of the drop is probably due to the
# grid: from 48 pixels, a single cell is left after block 5. (The paper attaches its head
# to block 5, but at 224 pixels, where 7 × 7 cells are left.)
#
# With more and larger faces, the frozen network has more to offer from block 3 on. For
# the squares, a linear classifier for each block learned from all of Training at 96
# pixels (raw pixels: 48), from the mean and the maximum of each channel. The strength of
# its penalty was chosen on PublicTest; the accuracies are those on PrivateTest, copies
# included.

# %%
stored = fc.stored_probes("knowledge")["rows"]
stored = sorted(stored, key=lambda row: row["block"] != "pixels")  # raw pixels first
more = [lesson02.accuracy(row["private right"], fc.TEST_FACES) for row in stored]
lines = {"1,200 faces, 48 px": few_small, "28,709 faces, 96 px": more}
fc.show(*lesson02.knowledge_of_blocks(lines))

# %% [markdown]
# After block 4, a single layer gets more than half of the faces right, with features
# learned from dogs, ships and teapots.
#
# <details><summary>Which weights?</summary>
#
# A copy of ImageNet's weights, rounded to 8 bits. Keras downloads the exact ones, so
# your numbers may differ a little.
#
# </details>
#
# ## What does unfreezing add?
#
# So far, only the head has learned. Now block 5 may learn too, and then blocks 4 and 5:
# this is *fine-tuning*. `copy_after` copies the convolutions after a pool. The copy gets
# stored features, so the layers before it never have to run again. After it comes a copy
# of the head that we have already trained: a random head would send large, meaningless
# corrections into the convolutions, and spoil what we want to keep.

# %% tags=["lesson-only", "depends-on-profile"]
accuracy = lesson02.last_accuracy(history, len(validation))
levels = {"head only": ("block5_pool", head, accuracy)}
for name, pool in (("block 5", "block4_pool"), ("blocks 4 and 5", "block3_pool")):
    keras.utils.set_random_seed(0)
    after_pool = lesson02.copy_after(backbone.model, pool)
    tail = keras.Sequential([after_pool, lesson02.copied(head)])
    faces = train_features[pool], train.emotions
    held_out = validation_features[pool], validation.emotions
    rate = backbone.learning_rate / 2
    progress = lesson02.fit(tail, *faces, held_out, epochs=4, rate=rate)
    accuracy = lesson02.last_accuracy(progress, len(validation))
    levels[name] = pool, tail, accuracy

# %% [markdown] tags=["lesson-only"]
# What did this gain, and what did it cost? We count multiplications, which, unlike
# seconds, are the same on every machine, and the forward pass three times, because the
# backward pass, which computes the corrections, costs about twice as much.

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
# accuracy rises by a few points after four more epochs than the head had, and the
# intervals overlap. A head on block 3 comes close for a fraction of the price.

# %% [markdown]
# ### All six levels
#
# And if more blocks learn? The course stores the same measurement on 900 faces: all six
# levels for the pocket model on drawings, and the first three for ImageNet's network on
# FER2013. What happens to ImageNet's network when blocks 4 and 5 learn? Guess.

# %%
unfreezing_guess = fc.Guess("it gains", "it stays the same", "it loses")
unfreezing_guess

# %% [markdown]
# From left to right, more blocks learn, each time from the same weights.

# %%
fc.show(*lesson02.levels_and_networks(lesson02.measured()))
print(unfreezing_guess.reply("it loses"))

# %% [markdown]
# The pocket model, for which the new task is close to the old one, gains thirteen points
# if everything learns. ImageNet's network loses: after four epochs with blocks 4 and 5
# it is right hardly more often than the most frequent answer. Probably its training has
# broken down, so this run does not show that ImageNet cannot help. The learning rate was
# 5e-5; we have not tried a smaller one here, which is the first thing to do. (In a
# similar experiment in lesson 08, smaller steps helped.) Unfreezing more is a risk as
# well as a cost.
#
# In the panel, choose how much learns. Blue blocks learn, and grey ones stay frozen;
# everything above the dashed line is computed once and stored. (Not counted: the old
# head, and batch normalisation's averages, which training does not learn.)

# %%
lesson02.UnfreezePanel()

# %% [markdown]
# **Try this.** How many times more does a face cost in an epoch with all five blocks
# than with block 5 alone? In which block are most of the parameters, and in which does
# most of the cost arise?
#
# <details><summary>Answer</summary>
#
# About ten times: 170 million multiplications instead of 16 million with the pocket
# model, 2.7 billion instead of 255 million with ImageNet's network. Block 5 has the most
# parameters, nearly half. It is blocks 3 and 4 that cost most, because each of their
# parameters is used at more places.
#
# </details>
#
# Stored features only work as long as the pictures stay the same. As soon as they change
# from epoch to epoch (*When faces are few*), you train the whole model and mark what is
# frozen: `trainable = False`.

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
# ## What does pretraining save?
#
# We train three networks with a new head on a few hundred faces: two from the pretrained
# weights, one of them through your `prepare` (or the course's), and one from random
# weights. Three epochs are only about thirty steps: this shows who learns fast, not who
# gets furthest. By how many points will the better pretrained network be ahead of the
# one from scratch? Guess.

# %% tags=["lesson-only"]
lead_guess = fc.Guess("none", "up to 20", "20 to 40", "more than 40")
lead_guess

# %% [markdown] tags=["lesson-only"]
# `fit` compiles each network again: its layers stay frozen, but your learning rate is
# replaced. This is the slowest cell of the lesson.

# %% tags=["lesson-only", "depends-on-profile"]
freeze = lesson02.yours(lesson02.check_unfreezing, prepare, lesson02.freeze_early)
few, starts = train[: count // 4], {}
faces = few.images[..., None], few.emotions
held_out = validation.images[..., None], validation.emotions
for name, rate in (
    ("pretrained, all blocks learn", backbone.learning_rate),
    ("pretrained, only block 5 learns", backbone.learning_rate),
    ("from scratch", 1e-3),
):
    keras.utils.set_random_seed(0)
    network = lesson02.whole_network(backbone.model, name.startswith("pretrained"))
    if "only" in name:
        network = freeze(network)
    keras.utils.set_random_seed(0)
    progress = lesson02.fit(network, *faces, held_out, epochs=3, rate=rate)
    starts[name] = lesson02.last_accuracy(progress, len(validation))

# %% [markdown] tags=["lesson-only"]
# Which of the three learns fastest?

# %% tags=["lesson-only", "depends-on-profile"]
fc.show(*lesson02.above_baseline(starts, baseline))
lead = max(starts.values())[0] - starts["from scratch"][0]
choices = ["none", "up to 20", "20 to 40", "more than 40"]
print(lead_guess.reply(choices[np.digitize(lead, [0, 20, 40])]))

# %% [markdown] tags=["lesson-only"]
# After thirty steps, the network from scratch is right no more often than the most
# frequent answer, and the pretrained ones about twice as often. With practice faces,
# the network that learns in block 5 only is ahead, while above, more blocks were better.
# The intervals overlap a little, but this head is new: its first corrections may spoil
# the convolutions that are free to learn, and thirty steps are few to recover.
#
# ## When faces are few
#
# A network with enough parameters can learn its training faces by heart. A *gap*
# between training and validation is a sign of it. We provoke one with 300 faces and a
# head that has a hidden layer.

# %% tags=["lesson-only", "depends-on-profile"]
handful, features = train[:300], train_features["block3_pool"][:300]
held_out = validation_features["block3_pool"], validation.emotions
shape = features.shape[1:]
keras.utils.set_random_seed(0)
plain = lesson02.new_head(shape, dropout=0, hidden=128)
by_heart = lesson02.fit(plain, features, handful.emotions, held_out, epochs=15)
losses = {"training": by_heart["loss"], "validation": by_heart["val_loss"]}
fc.show(
    fc.learning_curves(losses, "loss"),
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
# 250 + 10 can give 4: use `astype(int)` first and `np.clip` last.
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
# the pocket model's recipe: mirrored, turned, shifted, zoomed a little. To save time, we
# vary each of the 300 faces four times, once and for all, and compute the features of
# these copies.

# %% tags=["lesson-only", "depends-on-profile"]
own = lesson02.yours(lesson02.check_variation, vary)
copies = [lesson02.varied(handful.images, seed, own) for seed in range(4)]
first = np.stack([handful.images[0], *(images[0] for images in copies)])
titles = ["original"] + 4 * ["varied"]
text = "One face, and four varied pictures of it."
fc.show(fc.face_grid(first, titles, columns=5), text)
more = [lesson02.cached_features(reader, images)["block3_pool"] for images in copies]
more, more_emotions = np.concatenate([features, *more]), np.tile(handful.emotions, 5)
print(f"{len(more):,} pictures of {len(handful)} faces")

# %% [markdown] tags=["lesson-only"]
# A third remedy is the dropout of exercise 2.2, so that the head cannot rely on any
# single number. With more pictures there are fewer epochs, so that all heads but the
# one that stops early take about the same number of steps.

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
    lesson02.fit(remedy, more[:size], more_emotions[:size], held_out, epochs=epochs)
    _, trained = remedy.evaluate(more[:300], handful.emotions, verbose=0)
    loss, new = remedy.evaluate(*held_out, verbose=0)
    remedies[name] = 100 * trained, 100 * new, loss
fc.show(*lesson02.gaps(remedies))

# %% [markdown] tags=["lesson-only"]
# In our run with practice faces, stopping early has the lowest loss *and* the lowest
# accuracy. The heads that went on are right a little more often, but surer of their
# mistakes; the loss punishes that, and accuracy does not see it. Dropout alone changed
# almost nothing. Augmentation lowers the loss without costing accuracy, and with dropout
# it lowers it further. (The epoch at which to stop was chosen on the same faces, so its
# loss is a little too good.)
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
probabilities = part.predict(features, verbose=0)
right = int((probabilities.argmax(axis=-1) == test.emotions).sum())
value, low, high = lesson02.accuracy(right, len(test))
print(f"{best}: {value:.1f} % of {len(test)} test faces are right")
print(f"95 % interval: {low:.1f} to {high:.1f} %")

# %% [markdown] tags=["lesson-only"]
# Here the test accuracy is even higher than the validation accuracy: choosing among
# three cost too little to show against ± 4 points of chance. With the pocket model, the
# number shows what FER2013's photographs and 1,200 drawings teach together; under
# `quick` and `full`, what ImageNet and 800 or 6,000 photographs teach.
#
# Which of its six surest mistakes would you call a mistake?

# %% tags=["lesson-only", "depends-on-profile"]
fc.show(*lesson02.surest_errors(test, probabilities))

# %% [markdown] tags=["lesson-only"]
# With practice faces it is often the label that is wrong, because we made some of them
# wrong on purpose, as some of FER2013's are by accident. Accuracy blames the network for
# both.

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
# - ImageNet's network knows something about faces, but not where one looks first: a
#   head gets 41 % right on block 3, 31 % on block 5 and 30 % on raw pixels; always
#   giving the most frequent answer gets 23 %. With all 28,709 faces at 96 pixels, one
#   layer on block 4 gets more than half right.
# - VGG19 is sixteen 3 × 3 convolutions and a large head; two formulas give every
#   parameter count of Table II.
# - Early convolutions respond to edges, late ones to whatever was useful for the old
#   task. The best features for a new kind of picture may be somewhere in between.
# - Frozen features are computed once, and a head on them trains in seconds. Each block
#   you unfreeze adds to the cost: the pocket model gained thirteen points; in our one
#   run, ImageNet's network lost what it had.
# - With few faces and few steps, a network pretrained on a similar task is far ahead of
#   one from scratch.
# - A gap between training and validation is a sign of overfitting. In our run, stopping
#   early lowered the validation loss most but had the lowest accuracy; augmentation
#   lowered it and cost no accuracy; dropout alone did almost nothing.
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
