# %% [markdown]
# # Spatial attention from scratch
#
# **How does the paper's attention block work, and does it help?** The picture shows one
# place of a face (orange), its value in one channel, and three ways to use a map.
#
# You need lessons [00](00_start_here.ipynb) to [02](02_transfer_learning.ipynb): arrays
# and their axes, convolution and pooling, confidence intervals. The paper is Nguyen and
# Nguyen (2021).
#
# Afterwards you can
#
# - compute a spatial attention map by hand, write it as a Keras layer, and take one
#   value of a map apart;
# - check the paper's Table I line by line, and count its parameters;
# - explain what a map can do to the features when it is appended, multiplied or used as
#   a residual, and what it cannot do;
# - measure whether a map is brightest where the expression is, against a fair baseline;
# - decide whether a difference between two trained networks is more than chance.

# %% [markdown]
# ## What if the map were gone?
#
# Below are four drawn faces, and the same faces in the colours of the attention map
# that a trained *pocket network* (VGG19 with a quarter of the channels) computes for
# them: one number between 0 and 1 for each of 6 × 6 places.
#
# This network computes the map from its features after block 3. The map then **skips
# blocks 4 and 5** and is appended to what comes out of them. There the grid is a single
# place, so the 36 numbers are averaged to one. (The paper's network appends 49.) A
# second pocket network multiplies its features after block 3 by its map.
#
# With their own maps, the first gets 46 % of 256 such faces right, and the second 51 %.
# Now we replace every number of every map by 0 and change nothing else. How many faces
# does each network still get right? First guess for the one that appends.

# %%
import fercourse as fc
from fercourse.lessons import lesson03

fc.load_backend()
appended = fc.pocket_model("block3_pool", "concat", trained_on="practice")
four = fc.practice_faces(4, seed=2).faces
names = [fc.EMOTIONS[emotion] for emotion in four.emotions]
four_maps = fc.attention_maps(appended, four.images)["block3_attention"]
fc.show(*lesson03.faces_and_maps(four.images, four_maps, names))
choices = "hardly any", "clearly fewer than before", "as many as before"
if_appended = fc.Guess(*choices)
if_appended

# %% [markdown]
# And the one that multiplies?

# %%
if_multiplied = fc.Guess(*choices)
if_multiplied

# %% [markdown]
# You will do this experiment once you have built the block yourself.
#
# ## Set-up
#
# We choose the profile and load its faces.

# %% tags=["depends-on-profile"]
profile, data = fc.begin()

# %% [markdown]
# Some parts need to know where in a face the expression is. Only drawn faces offer
# that, so these parts use them under every profile.
#
# ## One number for each place
#
# You see sharply only at the centre of your gaze, so your eyes keep jumping: to the
# eyes of a face, to its mouth. This is what inspired the paper. A network has no such
# centre. It receives all pixels at once, and *spatial attention* is something far more
# modest: **one number between 0 and 1 for each place of a grid**, computed from the
# features at and around that place. How this number is then used is a separate
# decision, and it decides what the map can do.
#
# The block was introduced in 2018 by Woo et al. as one half of CBAM, the *convolutional
# block attention module*. Nguyen and Nguyen adopt it and change how the map is used.
# Here it is with the numbers of the network that multiplies.

# %%
gated = fc.pocket_model("block3_pool", "multiply", trained_on="practice")
fc.show(*lesson03.attention_block(gated, four.images[3]))

# %% [markdown]
# Each grid has height $H$ and width $W$, and bright cells hold large numbers. The
# *features* are what a convolutional network has made of an image: a grid of places,
# and at each place a list of $C$ numbers, the channels. The picture shows four of them.
# After VGG19's last block, an image of 224 × 224 pixels has become 7 × 7 places with
# 512 channels each.
#
# ### Mean and maximum over the channels
#
# How much is going on at a place? The block computes two answers. At row $i$ and column
# $j$, with $C$ channels, they are
#
# $$\text{mean}_{ij} = \frac{1}{C}\sum_{c=1}^{C} x_{ijc}$$
#
# $$\text{maximum}_{ij} = \max_{c} x_{ijc}$$
#
# We start small, with one image of 2 × 2 places and 3 channels. The axes are batch,
# height, width and channels throughout the course.

# %%
import numpy as np
from keras import ops

features = np.array(
    [[[[1, 5, 0], [0, 0, 0]], [[2, 2, 2], [9, 0, 0]]]], dtype="float32"
)
for place in features.reshape(4, 3):
    print(place, "mean", place.mean(), "maximum", place.max())

# %% [markdown]
# Compare `[1, 5, 0]` with `[2, 2, 2]`, the place below it. They have the same mean.
# Only the maximum reveals that one channel of the first is strong, which is why the
# block uses both. Neither number says *which* channel it was.
#
# ### ✏️ Exercise 3.1: mean and maximum
#
# Write a function that takes features of shape (batch, height, width, channels) and
# returns two arrays, the mean and the maximum over the channels. Each has the shape
# (batch, height, width, 1), because the next step needs the last axis.
#
# <details><summary>Hint</summary>
#
# `keras.ops.mean` and `keras.ops.max` take `axis` and `keepdims`, like their NumPy
# counterparts.
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
# The check calls your function with features on a grid that is not square.

# %%
lesson03.check_mean_and_maximum(mean_and_maximum)

# %% [markdown]
# ### The same two numbers in a real network
#
# Both pocket networks compute their map after block 3 and were trained on practice
# faces. For one such face, block 3 computes a grid of 6 × 6 places, each with 64
# channels.

# %%
import keras

to_features = keras.Model(gated.input, gated.get_layer("block3_pool").output)
face = fc.practice_faces(1, seed=11).faces.images
of_face = ops.convert_to_numpy(to_features(face[..., None].astype("float32")))
print(of_face.shape)

# %% [markdown]
# Now the two summaries, each with a colour scale of its own, because neither has an
# upper limit.

# %%
mean, maximum = of_face.mean(axis=-1)[0], of_face.max(axis=-1)[0]
stacks = {"mean of 64 channels": mean, "maximum": maximum}
fc.show(*lesson03.face_and_stacks(face[0], stacks))

# %% [markdown]
# Neither grid is attention yet, because nothing has decided which of these places
# matter.
#
# ## From two numbers to one
#
# That decision is learned. Mean and maximum are stacked into two channels, and a
# convolution with a window of 7 × 7 places turns them into one number $z$ per place.
# The sigmoid then maps $z$ to a number between 0 and 1:
#
# $$m_{ij} = \sigma(z_{ij}) = \frac{1}{1 + e^{-z_{ij}}}$$
#
# We do this by hand first, with a window in which only the centre counts: −1 for the
# mean and +1 for the maximum. Which of the four places in our small example gets the
# largest number?

# %%
place = fc.Guess("[1, 5, 0]", "[0, 0, 0]", "[2, 2, 2]", "[9, 0, 0]")
place

# %% [markdown]
# With this window, $z$ is simply the maximum minus the mean.

# %%
z = features[0].max(axis=-1) - features[0].mean(axis=-1)
print(z, (1 / (1 + np.exp(-z))).round(2), sep="\n")
print(place.reply("[9, 0, 0]"))

# %% [markdown]
# The filter responds to places where one channel exceeds the others: a 9 among zeros
# gives almost 1. Where all channels are equal, $z$ is 0, and the sigmoid of 0 is 0.5.
# To push such places towards 0, the filter needs a negative *bias*, a number that is
# added to every $z$.
#
# Two properties are easy to miss. First, the sigmoid treats each place separately, so
# the whole map can be near 1 or near 0; a softmax would make the places compete.
# Second, `padding="same"` surrounds the grid with zeros, so the map is as large as the
# grid. On a grid of 7 × 7 places, a 7 × 7 window extends beyond the edge everywhere
# except at the centre.
#
# ### ✏️ Exercise 3.2: the map
#
# Write a function that computes the attention map from features, a kernel of shape (7,
# 7, 2, 1) and a bias of shape (1,). Stack mean and maximum along the channels,
# convolve, add the bias and apply the sigmoid. The result has the shape (batch, height,
# width, 1).
#
# <details><summary>Hint</summary>
#
# `ops.concatenate([...], axis=-1)`, `ops.conv(..., padding="same")`, `ops.sigmoid`. If
# you have solved exercise 3.1, you can call your `mean_and_maximum`.
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
# You may stack mean and maximum in either order.

# %%
lesson03.check_attention_map(attention_map)

# %% [markdown]
# ### A layer that owns its weights
#
# So far, kernel and bias were arguments. In a network they are weights that training
# adjusts, and weights belong to a layer. The paper's layer appends its map to the
# features.
#
# ### ✏️ Exercise 3.3: the layer
#
# Complete the layer below. `__init__` creates the convolution, a `keras.layers.Conv2D`
# with arguments such that it returns a single map, as large as the grid, with values
# between 0 and 1. `call` receives features with $C$ channels and returns $C + 1$
# channels: the features first, then the map.
#
# <details><summary>Hint</summary>
#
# `Conv2D` takes `filters`, `kernel_size`, `padding` and `activation`.
# `self.convolution(...)` expects the two stacked summaries. Then concatenate once more
# along the last axis.
#
# </details>


# %%
class AppendAttention(keras.layers.Layer):
    """From (batch, height, width, C) to (batch, height, width, C + 1)."""

    def __init__(self):
        super().__init__()
        # BEGIN SOLUTION
        self.convolution = keras.layers.Conv2D(
            filters=1, kernel_size=7, padding="same", activation="sigmoid"
        )
        # STUB
        # self.convolution = ...  # your code here
        # END SOLUTION

    def call(self, features):
        # BEGIN SOLUTION
        mean = ops.mean(features, axis=-1, keepdims=True)
        maximum = ops.max(features, axis=-1, keepdims=True)
        attention_map = self.convolution(ops.concatenate([mean, maximum], axis=-1))
        return ops.concatenate([features, attention_map], axis=-1)
        # END SOLUTION


# %% [markdown]
# The check creates your layer, sets its weights and calls it.

# %%
lesson03.check_append_map(AppendAttention)

# %% [markdown]
# ### The library's layer
#
# From here on we use the library's `SpatialAttention`. It returns the map alone,
# because we will use the map in several ways. Does it compute what the formulas say? We
# repeat its work with plain operations.

# %%
layer = fc.SpatialAttention(kernel_size=7)
from_layer = ops.convert_to_numpy(layer(of_face))
kernel, bias = layer.convolution.get_weights()
pooled = np.stack([of_face.mean(axis=-1), of_face.max(axis=-1)], axis=-1)
z = ops.convert_to_numpy(ops.conv(pooled, kernel, padding="same")) + bias
print("shape:", from_layer.shape)
print("equal:", np.allclose(from_layer, 1 / (1 + np.exp(-z)), atol=1e-5))

# %% [markdown]
# ### The map, taken apart
#
# Six pictures follow one value of the map from the channels to the next layer, for the
# face from above. In the third, the grey cells of the window are outside the grid,
# where there is nothing to weigh. This network multiplies. (Leave `use` alone for now;
# the section *Three ways to use a map* comes back to it.) If your layer from exercise
# 3.3 is right, it computes the map.
#
# **Try this first.** Click on a place, in the first picture or in the fifth, and walk
# over the face with the arrow keys. (Without a mouse, use the fields `row` and
# `column`.) Then change the `bias`, and watch the whole map change.

# %%
own_layer = lesson03.yours(lesson03.check_append_map, AppendAttention)
apart = lesson03.map_taken_apart(gated, face[0], own_layer)
apart

# %% [markdown]
# **Predict, then move.**
#
# 1. Both summaries are largest in row 4, column 3. Will the map be brightest there? Go
#    there and find out what decides it.
# 2. Choose the weight "mean, left", which belongs to the place to the left of the
#    window's centre, and set `its value` to 1. Most of the map becomes brighter. Which
#    column does not change at all?
# 3. Choose the kernel "centre only: maximum − mean", the one from our small example. Is
#    the map now brightest in row 4, column 3? Is any place dark? If not, which change
#    would darken the weak places and leave the strong ones bright?
#
# <details><summary>Answer</summary>
#
# 1. No. The place's own mean and maximum are only two of the 98 numbers in its window.
#    In the third picture, more products of the maxima are violet (negative) than
#    orange, and their sum pulls $z$ down.
# 2. The first column. Its places have no neighbour to the left, so this weight
#    multiplies only zeros there.
# 3. It is brightest there, but the whole map is bright: a maximum is never smaller than
#    the mean, so only a negative bias can make $z$ negative. Between −2 and −3 it
#    separates the places. The weak ones fall below 0.5, and the strongest stays above.
#
# </details>

# %% [markdown]
# ## Table I, line by line
#
# Table I of the paper lists the network from the output of VGG19 to the seven output
# neurons. We build it at full size, with random weights.

# %%
paper = fc.vgg19_attention(after="block5_pool", combine="concat", weights=None)
fc.show_table(lesson03.shapes(paper))

# %% [markdown]
# The paper's table has the same shapes. Its three remaining rows are inside our
# attention layer: two layers called "Lamda" [sic] (average and maximum over the
# channels, 7 × 7 × 1 each) and their concatenation (7 × 7 × 2).
#
# The paper gives no numbers of parameters. How many does the first dense layer have? It
# joins all 25,137 numbers to each of its 4,096 neurons.

# %%
dense = fc.Guess("as many as VGG19's convolutions", "five times as many", "fewer")
dense

# %% [markdown]
# We count by hand, with a bias for every neuron and filter. (Whether the block's filter
# has one, the paper does not say.)

# %%
convolutions = [layer for layer in paper.layers if "_conv" in layer.name]
parts = {
    "VGG19": sum(layer.count_params() for layer in convolutions),
    "the block": 7 * 7 * 2 + 1,
    "first dense layer": 7 * 7 * 513 * 4096 + 4096,
    "last layer": 4096 * 7 + 7,
}
assert sum(parts.values()) == paper.count_params() == 123_018_410
dropout = paper.get_layer("dropout").rate
del paper  # half a gigabyte
fc.show(*lesson03.parameter_bars(parts))
print(dense.reply("five times as many"))

# %% [markdown]
# The block's 99 are less than a millionth of the whole. What matters is what the block
# can control.
#
# ## Three ways to use a map
#
# Table I *appends* the map to the features as one more channel. CBAM *multiplies* the
# features by it, as a gate does: open at 1, shut at 0. The third way is called
# *residual*: it multiplies, and then adds the features themselves, which gives
# $x(1 + m)$. (In code, *append* is called `concat`.) We try all three on our small
# grid, with a map that is 1 at the upper left and 0 at the lower right.

# %%
small_map = np.array([[[[1.0], [0.5]], [[0.5], [0.0]]]], dtype="float32")
ways = {
    "as they were": features,
    "append": np.concatenate([features, small_map], axis=-1),
    "multiply": features * small_map,
    "residual": features * (1 + small_map),
}
table = [["features", "where the map is 1", "where it is 0"]]
for name, result in ways.items():
    places = result[0, 0, 0], result[0, 1, 1]
    table.append([name, *(str(place.astype(int).tolist()) for place in places)])
fc.show_table(table)

# %% [markdown]
# Start with the right-hand column, where the map is 0. *Multiply* silences the place:
# later layers receive none of its features. *Residual* leaves the place as it was, and
# where the map is 1 it doubles the features. *Append* does *nothing to the features*,
# whatever the map says; there is only one more channel.
#
# The same in the network that multiplies. Outlined is the place where the map is
# smallest; the lower row is what each way would pass on.

# %% tags=["title-picture"]
fc.show(*lesson03.uses_of_map(gated, four.images[3]))

# %% [markdown]
# You can go further in the panel above. Set its `bias` to −10, so that the map is
# almost 0 everywhere, and try all three entries of `use`. When could the next layer
# still recognise what was at this place?
#
# <details><summary>Answer</summary>
#
# With "append" and with "residual": the sixth picture shows the channels as they were.
# With "multiply" almost nothing is left of them.
#
# </details>
#
# *Where* the map goes matters as much. Our networks differ in this from the paper's:

# %%
fc.show(*lesson03.routes_of_map())

# %% [markdown]
# ## Does the network use its map?
#
# To find out, we take the map away from a trained network. With its kernel set to zero,
# the block computes the same number at every place of every face, and its bias decides
# which.


# %%
def with_constant_map(model, images, value):
    """Probabilities when the map is the same everywhere; the weights are restored."""
    convolution = model.get_layer("block3_attention").convolution
    learned = convolution.get_weights()
    bias = np.log(value / (1 - value))  # whose sigmoid is the value
    convolution.set_weights([0 * learned[0], np.array([bias])])
    probabilities = fc.predict(model, images)
    convolution.set_weights(learned)
    return probabilities


# %% [markdown]
# We test on practice faces that neither network was trained on, all emotions in equal
# proportion. Later we also need their *evidence*: the pixels in which a face differs
# from the same person drawn at rest. We keep 256 faces that have some, which excludes
# the neutral ones.

# %%
drawn = fc.practice_faces(320, seed=7, proportions="uniform")
expressive = np.flatnonzero(drawn.evidence.any(axis=(1, 2)))[:256]
faces, evidence = drawn.faces[expressive], drawn.evidence[expressive]
print(faces.images.shape, evidence.shape)

# %% [markdown]
# We set the map of both networks to 0, 0.1, 0.2 and so on up to 1, and count the faces
# that each still gets right.

# %%
values = np.linspace(0, 1, 11).clip(1e-9, 1 - 1e-9)
curves, with_learned, right_answers, lines = {}, {}, {}, []
for name, model in {"append": appended, "multiply": gated}.items():
    learned = fc.predict(model, faces.images)
    answers = [with_constant_map(model, faces.images, value) for value in values]
    right = [
        answer.argmax(axis=-1) == faces.emotions for answer in [learned, *answers]
    ]
    with_learned[name], *curves[name] = 100 * np.mean(right, axis=1)
    right_answers[name] = right
    change = max(np.abs(answer - learned).max() for answer in answers)
    lines.append(f"{name}: {with_learned[name]:.0f} % right with its own map;")
    lines.append(f"    probabilities change by up to {change:.2f}")
fc.show(*lesson03.constant_map_curves(curves, with_learned))
print(*lines, sep="\n")
print("Append.", if_appended.reply(choices[2]))
print("Multiply.", if_multiplied.reply(choices[0]))

# %% [markdown]
# The curve of the network that appends is flat. The dense layer receives one averaged
# number, which cannot say *where* anything is, and this network gives it little weight.
# The paper's network receives the map place by place, so it could use it. But appending
# by itself gates nothing: in a dense layer, the appended $m$ only adds $vm$ to the sum,
# with a weight $v$. It cannot scale $x$. Later layers could learn to gate, but nothing
# makes them.
#
# The network that multiplies needs its map. If it is 0, everything after the block
# receives zeros and every face gets the same answer. The accuracy is 0 %, not about one
# in six, because that answer, neutral, is never right here. If the map is 1 everywhere,
# so that no place is preferred, the curve ends only four points below the dotted line.
#
# ### Are four points luck?
#
# Only the faces that are right with exactly one of the two maps can answer this. If
# both maps were equally good, each of these faces would be a fair coin toss. The
# probability that fair coins split at least as unevenly, whichever way, is called a
# *p-value*; this is *McNemar's test*. By convention, a result with a p-value below 0.05
# is called *significant*.

# %%
right = right_answers["multiply"]
paired = fc.mcnemar(right[0], right[-1])
print(f"right with the learned map: {right[0].mean():.0%}")
print(f"with a map of 1: {right[-1].mean():.0%}")
fc.show(*lesson03.coin_tosses({"256 faces": paired}))

# %% [markdown]
# Of the 256 faces, 29 are right with only one of the maps: 20 with the learned one
# (dotted line), 9 with the constant one. The orange bars add up to p. The result is not
# significant, but it is close. Drawn faces cost nothing, so we test on ten times as
# many new ones. What will become of the four points?

# %%
of_more = fc.Guess("a significant loss of about four points", "a far smaller loss")
of_more

# %% [markdown]
# We continue the same set and again leave out the neutral faces. Drawing and answering
# take about ten seconds.

# %%
new = fc.practice_faces(
    3000, seed=7, first=320, proportions="uniform", evidence=False
).faces
new = new[np.flatnonzero(new.emotions != fc.EMOTIONS.index("neutral"))]
answers = (
    fc.predict(gated, new.images),
    with_constant_map(gated, new.images, values[-1]),
)
learned, one = (answer.argmax(axis=-1) == new.emotions for answer in answers)
paired = fc.mcnemar(learned, one)
fc.show(*lesson03.coin_tosses({f"{len(new):,} new faces": paired}))
loss = 100 * (learned.astype(int) - one)
low, high = fc.mean_interval(loss)
print(f"loss: {loss.mean():.1f} points ({low:.1f} to {high:.1f})")
print(of_more.reply("a far smaller loss"))

# %% [markdown]
# The numbers in brackets are a 95 % interval, and four points are far outside it. This
# settles the question: most of the first loss was the luck of 256 faces. **The network
# needs a map that is not near 0, but it hardly needs one that prefers some places**:
# with 1 everywhere, it loses less than two points, if anything. (A map that prefers the
# wrong places is another matter; lesson [06](06_look_inside.ipynb) tries one.)
#
# ## Where are the maps bright?
#
# The paper says that its module captures "interesting features of facial expression".
# On practice faces we can measure this. But first we look at one face of each emotion.


# %%
def maps_of(model, layer, images):
    """Attention maps (N, height, width) from the network, cut after its attention."""
    to_maps = keras.Model(model.input, model.get_layer(layer).output)
    return ops.convert_to_numpy(to_maps(images[..., None].astype("float32")))[..., 0]


shown = [
    np.flatnonzero(faces.emotions == emotion)[0]
    for emotion in np.unique(faces.emotions)
]
maps = maps_of(gated, "block3_attention", faces.images)
labels = [fc.EMOTIONS[emotion] for emotion in faces.emotions[shown]]
picture = lesson03.faces_and_maps(
    faces.images[shown], maps[shown], labels, evidence[shown], columns=3
)
fc.show(*picture)

# %% [markdown]
# The evidence is orange, and outlined on the maps: brows, eyelids, jaw, mouth and the
# folds around it. Most maps are brighter in the lower half than in the upper, whatever
# the expression, and often on hair and background too. It is tempting to conclude that
# the network looks at the mouth. But a cell is computed from far more pixels than it
# covers, so we measure where a map is bright, not which pixels it used.
#
# ### ✏️ Exercise 3.4: the share on the evidence
#
# Write the measure: the share of a map's mass, the sum of its cells, that falls on the
# evidence. Both arguments have the same grid, and `evidence` gives the fraction of each
# cell that is evidence.
#
# <details><summary>Hint</summary>
#
# How much should a cell contribute if half of it is evidence?
#
# </details>


# %%
def share_on_evidence(attention_map, evidence):
    """The share of the map's mass on the evidence, a number between 0 and 1."""
    # BEGIN SOLUTION
    return (attention_map * evidence).sum() / attention_map.sum()
    # END SOLUTION


# %% [markdown]
# What share does a uniform map have? The check will answer that too.

# %%
lesson03.check_share_on_evidence(share_on_evidence)

# %% [markdown]
# ### A face's own map and the maps of other faces
#
# Faces are centred, so a map that is always bright around the mouth covers some
# evidence on any face, whatever the face expresses. The fair question is whether the
# map of *this* face covers its evidence better than the maps of *other* faces do.
#
# The panel answers it for one face at a time, with your function once it is right. The
# evidence stays the same, and each pale dot is the share of another face's map on it.

# %%
own_share = lesson03.yours(lesson03.check_share_on_evidence, share_on_evidence)
lesson03.SharePanel(faces, maps, evidence, own_share)

# %% [markdown]
# **Try this.**
#
# 1. Keep only the nine brightest cells of every map. For the surprised face, by how
#    much does the share grow? Is this a success of the network?
# 2. Keep all cells again. For which of the panel's six faces does its own map do worse
#    than almost all others?
# 3. Choose "the evidence" under `maps`. Now each face's evidence serves as its map. How
#    far is its own ahead?
#
# <details><summary>Answer</summary>
#
# 1. From 8 to 21 %, three times the share of a uniform map. But the maps of other
#    people with other expressions, cut down in the same way, reach 18 % on average:
#    most maps are brightest in the lower half.
# 2. For the angry one: its map is darkest at the brows.
# 3. Above the average of the others for all six, and about twice as high for most. So
#    the measure can succeed.
#
# </details>
#
# ### All faces, and other maps
#
# Six faces are not enough. We average over all 256, and compare the maps with others:
# the evidence itself as a map, which has to succeed; the maps of the same network
# before its training, which cannot have learned anything; those of the network that
# appends its map; and those of a pocket network trained on FER2013, with 3 × 3 cells.

# %%
from fercourse.results.evidence import evidence_on_grid

keras.utils.set_random_seed(0)
untrained = fc.build_model(fc.pocket_configuration("block3_pool", "multiply"))
candidates = {
    "evidence": evidence_on_grid(evidence, 6, 6),
    "multiply": maps,
    "append": maps_of(appended, "block3_attention", faces.images),
    "untrained": maps_of(untrained, "block3_attention", faces.images),
    "FER2013 (3 × 3)": maps_of(
        fc.pocket_model("block4_pool"), "block4_attention", faces.images
    ),
}

# %% [markdown]
# Which of these maps will be clearly better than those of other faces?

# %%
ahead = fc.Guess(
    "the evidence only", "the evidence and multiply", "all but untrained"
)
ahead

# %% [markdown]
# The figure shows the mean difference between the share of a face's own map and that of
# other faces' maps, and on the right the two shares themselves.

# %%
means, differences = {}, {}
for name, found in candidates.items():
    own, others = fc.own_and_others(fc.shares_on_evidence(found, evidence))
    points = 100 * (own - others)
    means[name] = own.mean(), others.mean()
    differences[name] = points.mean(), *fc.mean_interval(points)
fc.show(*lesson03.own_against_others(means, differences))
print(f"share of a uniform map: {evidence.mean():.1%}")
print(ahead.reply("the evidence only"))

# %% [markdown]
# Even on a grid as coarse as this, the evidence is far outside the scale. The maps of
# the network that multiplies have a slightly larger share than a uniform map, but other
# faces' maps score almost as high: the difference is as close to zero as that of the
# untrained network.
#
# The map of the network that appends is *darker* on its own face's expression than
# other faces' maps are. An untrained network shows a tenth of that, so training seems
# to have done it; we tested one seed. And this network hardly uses its map.
#
# The share of the FER2013 network's maps is more than one and a half times that of a
# uniform map. Yet the maps of other faces score almost the same: what they have found
# is the lower middle of the image.

# %% [markdown] tags=["lesson-only"]
# FER2013 comes without evidence, so for photographs we cannot measure this. If you have
# FER2013, you see five of its test faces under these maps, and the average of 500.

# %% tags=["lesson-only", "depends-on-profile"]
if data.integrity == "verified FER2013":
    some = data.test[:500]
    coarse = maps_of(fc.pocket_model("block4_pool"), "block4_attention", some.images)
    images = np.concatenate([some.images[:5], some.images.mean(axis=0)[None]])
    coarse = np.concatenate([coarse[:5], coarse.mean(axis=0)[None]])
    labels = [*(fc.EMOTIONS[emotion] for emotion in some.emotions[:5]), "average"]
    fc.show(*lesson03.faces_and_maps(images, coarse, labels, columns=3))

# %% [markdown]
# ## With and without the block
#
# Does attention help? We need pairs of networks that differ only in the block and share
# faces, recipe, number of epochs and seed. One pair is not enough, because two training
# runs of the *same* network with different seeds also end at different accuracies. A
# difference is only interesting if it is larger than that.
#
# The course comes with nine such runs on practice faces: three seeds without attention,
# three that append the map of block 3 at the end, averaged as above, and three that
# multiply by it. A *run*, the
# record of a training, stores which test faces were answered correctly. We leave out
# test faces that also occur in Training.


# %%
def correct_answers(kind, seed):
    """Which of the test faces that were not trained on were answered correctly."""
    run = fc.read_run(f"practice/pocket-{kind}-practice-seed{seed}")
    answers = run.single["private"]
    return answers.correct[~answers.seen]


kinds = {"without": "none", "append": "block3-concat", "multiply": "block3-multiply"}
correct = {
    name: [correct_answers(kind, seed) for seed in range(3)]
    for name, kind in kinds.items()
}
print(len(correct["without"][0]), "faces")

# %% [markdown]
# In the figure, each line connects the three networks that share a seed. These faces
# include neutral ones and have FER2013's proportions, so the accuracies are not
# comparable with those above.

# %%
accuracies = {
    name: [100 * right.mean() for right in runs] for name, runs in correct.items()
}
fc.show(*lesson03.seed_lines(accuracies))

# %% [markdown]
# The networks without attention, on the left, are almost three points apart, although
# only their seeds differ. Between one network with attention and one without, a
# difference of this size would be no evidence for attention.
#
# The appended map wins with one seed and loses with two. The multiplied map wins with
# all three, by about one to three points. Is that real? Two kinds of chance are
# involved, and each needs its own test.
#
# ### Chance 1: other test faces
#
# Could the choice of test faces alone explain the difference? As with the constant map,
# the only informative faces are those that exactly one of the two networks got right.
# Guess first: for how many of the three multiplied maps is the p-value of McNemar's
# test below 0.05?

# %%
significant = fc.Guess("none", "one or two", "all three")
significant

# %% [markdown]
# The bars count the faces that only one network of a pair got right.

# %%
pairs = {
    f"{name}, seed {seed}": fc.mcnemar(correct["without"][seed], correct[name][seed])
    for name in ("append", "multiply")
    for seed in range(3)
}
fc.show(*fc.duels(pairs))
print(significant.reply("none"))

# %% [markdown]
# No p-value is below 0.05: for every pair, the choice of test faces alone could explain
# the difference. And had one of the six been just below 0.05, that would not have
# settled the matter: the more tests you make, the more likely it is that one of them
# looks significant by chance. (Do not add up the rows: they are the same faces each
# time.)
#
# ### Chance 2: other seeds
#
# Would another seed produce the same winner? Each seed contributes one number, its gain
# (a small dot). The width of the 95 % interval of their mean shows how little three
# numbers can establish.

# %%
gains = {
    name: np.subtract(accuracies[name], accuracies["without"])
    for name in ("append", "multiply")
}
fc.show(*lesson03.seed_gains(gains))

# %% [markdown]
# Both intervals include zero. For the appended map this fits what we saw: the one such
# network that we tested hardly uses its map. For the multiplied map the answer is
# *perhaps*: it is ahead with every seed, but by amounts that three seeds cannot
# distinguish from luck. More seeds could. Even a real gain need not come from the
# places that a map prefers: the network that we tested did almost as well with no
# preference.
#
# ## One pair of networks on FER2013
#
# Two pocket networks were trained on the real FER2013 for 20 epochs each, one without
# attention and one whose map is computed after block 4, averaged and appended at the
# end. Their answers to PrivateTest are stored.

# %%
plain = fc.read_run("pocket-none-pocket-seed0").single["private"].correct
block4 = fc.read_run("pocket-block4-concat-pocket-seed0").single["private"].correct
paired = fc.mcnemar(plain, block4)
print(f"without: {plain.sum():,} of {len(plain):,} right, with: {block4.sum():,}")
print(
    f"only without {paired.only_first}, only with {paired.only_second}, p = "
    f"{paired.p_value:.2f}"
)

# %% [markdown]
# The network with attention gets seven more faces right, out of hundreds on which the
# two differ. Fair coins would often do that. And there is only one seed of each, in a
# pocket network that averages its map to a single number.
#
# ### How many faces would it take?
#
# How large would the test set have to be to detect a difference this small?

# %%
size = fc.Guess("about 10,000 faces", "about 30,000 faces", "more than 100,000 faces")
size

# %% [markdown]
# If the two networks differ on a share $d$ of $n$ faces, the difference between their
# accuracies has a standard error of about $\sqrt{d/n}$. We ask for a difference of 1.96
# standard errors. It would then be detected in one test of two; to detect it in four of
# five, as lessons 05 and 07 ask, takes twice as many faces.

# %%
difference = (block4.sum() - plain.sum()) / len(plain)
disagreement = (paired.only_first + paired.only_second) / len(plain)
needed = disagreement * (1.96 / difference) ** 2
print(f"difference: {100 * difference:.1f} points")
print(f"disagreement: {disagreement:.0%} of the faces")
print(f"needed: about {round(needed, -4):,.0f} test faces")
print(f"there are: {len(plain):,}")
print(size.reply("more than 100,000 faces"))

# %% [markdown]
# One pair of networks cannot answer this on 3,589 faces. The paper's own margin is even
# smaller: 73.35 % against 73.28 %, which Khaireddin and Chen (2021) reported for their
# VGGNet. Lesson 05 returns to it.
#
# ## What the paper does not say
#
# If you try to repeat the paper, you find gaps. Its text announces "three flatten,
# dropout, and dense layers". Its Table I has one flatten, one dropout and two dense
# layers, the last of which is the classifier. Two more hidden layers would add
# $2\,(4096^2 + 4096)$ parameters, more than a quarter of the network. We follow the
# table, because it gives shapes. The paper does not state other decisions, nor how many
# networks were trained. A reproduction has to write its choices down. Here are the
# plainest of ours, the recipe `paper`:

# %%
fc.show_table(lesson03.decisions(fc.RECIPES["paper"], dropout))

# %% [markdown]
# Nobody has trained it at full size yet; the full-size network of lesson 05 had another
# recipe, stored with its run. If our number differs from the paper's, we cannot know
# whether the paper is wrong or our guess at its recipe.
#
# ## Quiz
#
# **1.** A map is appended, and at some place it is 0. What happens to the features of
# that place?
#
# <details><summary>Answer</summary>
#
# Nothing. They are passed on unchanged, with a 0 as one more channel. A later layer may
# learn to ignore them, but the block does not make it do so.
#
# </details>
#
# **2.** How many parameters does the block have with a window of 3 × 3, which CBAM's
# authors tried as well? Does the number of channels matter?
#
# <details><summary>Answer</summary>
#
# 19: two summaries of 3 · 3 weights each, and one bias. The channels do not matter,
# because only their mean and maximum reach the convolution.
#
# </details>
#
# **3.** On 256 faces, a map of 1 lost four points. On ten times as many new faces, it
# lost 0.6. Which number do you report, and why was the first one larger?
#
# <details><summary>Answer</summary>
#
# Both, with their intervals or p-values, and the second as your estimate. A small test
# set often gives differences that are large by luck, and only those that look large
# are asked about again.
#
# </details>
#
# **4.** Two places have the features `[4, 0, 0]` and `[0, 0, 4]`. Can the block with a
# window of 1 × 1 distinguish them?
#
# <details><summary>Answer</summary>
#
# No. Both have the same mean and the same maximum, and the block does not know which
# channel was the strong one. A larger window adds the neighbours, but again only two
# numbers for each.
#
# </details>
#
# **5.** A paper reports one training run with attention and one without: 0.4 points
# more on 3,589 faces. What would you ask for?
#
# <details><summary>Answer</summary>
#
# More seeds for both networks. The faces that only one of the two networks got right,
# counted for each, for a paired test. And the faces on which the best epoch was chosen.
#
# </details>
#
# ## Summary
#
# - Spatial attention is one number between 0 and 1 for each place, computed from the
#   mean and the maximum over the channels. In the paper's network of 123 million
#   parameters the block has 99.
# - How the map is used decides what it can do. If the features are multiplied by it, it
#   can silence a place; if it is appended, as in the paper, it leaves that to later
#   layers.
# - Our network that multiplies gets almost as many faces right with a map of 1
#   everywhere. Four points on 256 faces became less than one on ten times as many.
# - Where the truth is known, you can measure whether maps are bright on the expression.
#   The fair baseline is the maps of other faces: against it, none of our maps is clearly
#   brighter on its own face's expression, and the appended one is darker there.
# - Does it help? Not that we could show. Appended: −0.5 points on average over three
#   seeds. Multiplied: ahead with every seed, by one to three points, but both kinds of
#   chance, other faces and other seeds, can explain that. On FER2013, one pair: seven
#   faces of 3,589 (p = 0.79). The paper's network at full size follows in
#   [lesson 05](05_table3_measured.ipynb).
# - What a paper leaves open, a reproduction has to choose and to report.
#
# ## References
#
# - Nguyen and Nguyen (2021), *A Visual Attention Based VGG19 Network for Facial
#   Expression Recognition*: Tables I and III, sections I, III and IV.
# - Woo, Park, Lee and Kweon (2018), *CBAM: Convolutional Block Attention Module*,
#   arXiv:1807.06521: section 3, equation 3.
# - Wang et al. (2017), *Residual Attention Network for Image Classification*,
#   arXiv:1704.06904: features times 1 + map.
# - Simonyan and Zisserman (2014), *Very Deep Convolutional Networks for Large-Scale
#   Image Recognition*, arXiv:1409.1556: VGG19.
# - Adebayo et al. (2018), *Sanity Checks for Saliency Maps*, arXiv:1810.03292: compare
#   maps with those of an untrained network.
# - Khaireddin and Chen (2021), *Facial Emotion Recognition: State of the Art
#   Performance on FER2013*, arXiv:2105.03588: 73.28 %.
# - McNemar (1947), *Note on the sampling error of the difference between correlated
#   proportions or percentages*, Psychometrika 12.
#
# Next: [lesson 04](04_move_the_block.ipynb) asks whether the block was in the wrong
# place.
