# %% [markdown]
# # Look inside
#
# **What does the network look at, and does attention show it?**
#
# You need lesson [03](03_spatial_attention.ipynb): attention maps, the evidence of
# practice faces, and why a face's own map has to be compared with those of other faces;
# and from lesson [04](04_move_the_block.ipynb), the pocket networks and their grids.
#
# Afterwards you can
#
# - explain an answer by occlusion, by gradients and by class activation maps, and say
#   how each is computed;
# - score an explanation against a known truth and against baselines that know nothing;
# - test whether a map depends on what a network has learned;
# - find a shortcut that a network has taken;
# - say what these runs show about attention as an explanation.

# %% [markdown]
# ## Set-up
#
# First, the profile.

# %% tags=["depends-on-profile"]
import fercourse as fc
from fercourse.lessons import lesson06

profile, data = fc.begin()

# %% [markdown]
# The faces in this lesson are practice faces, because only for drawn faces do we know
# where the expression is. Only one section near the end takes FER2013 if you have it.
# Several methods need TensorFlow, because they come from the package tf-keras-vis.
#
# ## Did it see the smile?
#
# A network calls a face happy. Did it look at the mouth, or at the hair? If it is right
# for the wrong reason, it may fail on the next face, and no accuracy warns you. So
# papers print coloured maps and say "the network looks at the mouth". When may you
# believe such a map?
#
# We examine a pocket network trained on practice faces. Its attention map, after block
# 3, is multiplied by the features, so the map can influence the answer. We take 100
# faces that the network names correctly, because a wrong answer need not come from the
# expression. Neutral faces have no evidence, so there are none; and the network finds
# none of the disgusted faces.

# %%
import numpy as np

from fercourse.explain import (
    activation_maximization,
    baselines,
    gradients,
    intervention,
    networks,
    randomised,
    scores,
    shortcut,
    table,
)
from fercourse.results.statistics import mean_interval

HAPPY = fc.EMOTIONS.index("happy")
model = table.explained_model()
faces = table.explained_faces(model, 100)
counts = np.bincount(faces.emotions, minlength=7)
print(*(f"{name}: {n}" for name, n in zip(fc.EMOTIONS, counts)), sep=", ")

# %% [markdown]
# The first face that we explain is a happy one, of which the network is very sure.

# %%
surest = np.argmax(fc.predict(model, faces.images)[:16, HAPPY])
face, evidence = faces.images[surest], faces.evidence[surest]
probability = fc.predict(model, face[None])[0, HAPPY]
print(f"happy: {probability:.2f}")

# %% [markdown]
# A *saliency map* has one number for each pixel, high where the pixel mattered to the
# answer. Here are five ways to compute one, for the same network, face and emotion.

# %%
FIVE = ["occlusion", "gradient", "integrated_gradients", "grad_cam", "attention"]
maps = {name: fc.saliency(model, face[None], "happy", name)[0] for name in FIVE}
named = {lesson06.in_words(name): map_ for name, map_ in maps.items()}
fc.show(*lesson06.map_row(face, named))

# %% [markdown]
# A red cross is on the highest pixel of each map. Three crosses are near the mouth, one
# is on the nose and one in a corner: they cannot all be right. Which map would you
# believe? First you have to know how each is made.
#
# ## What if a part were covered?
#
# Cover a part of the face with a grey square, ask the network again, and see how far
# the probability falls. Where it falls most, the network probably used what is now
# covered.
#
# ### ✏️ Exercise 6.1: the grey square
#
# Write a function that returns a copy of the face in which a square of `side` × `side`
# pixels has the mean grey of the whole face. The square's upper left pixel is at `row`
# and `column`.
#
# <details><summary>Hint</summary>
#
# `face.copy()`, then assign to a slice of rows and columns. A slice ends before its
# second number.
#
# </details>


# %%
def cover(face, row, column, side):
    """A copy of the face with a grey square."""
    # BEGIN SOLUTION
    covered = face.copy()
    covered[row : row + side, column : column + side] = face.mean()
    return covered
    # END SOLUTION


# %% [markdown]
# The check uses faces that are not square.

# %%
lesson06.check_cover(cover)

# %% [markdown]
# ### The square slides
#
# The library's `occlusion` moves a square of 8 pixels over the face in steps of 5, to
# 9 × 9 places. Move it yourself: where does the probability of happy fall most? Before
# you look at the right half of the panel, cover an eye, the mouth, and some hair. Once
# the check accepts your function, the panel covers the face with it.

# %%
own_cover = lesson06.yours(lesson06.check_cover, cover, lesson06.cover)
lesson06.CoverPanel(model, face, HAPPY, own_cover)

# %% [markdown]
# The network is so sure of this face that even the largest fall is small. The occlusion
# map above is made of these falls: each pixel has the mean of all squares that cover
# it. Occlusion is as coarse as its square, and the square itself may confuse the
# network: no face that it was trained on had one.
#
# ## What if a pixel were a little lighter?
#
# The second family of methods puts nothing on the face: if one pixel became a little
# lighter, how much would the score change? The *score* $z$ of an emotion is the number
# that goes into the softmax. (A probability close to 1 hardly has a gradient; its score
# still does.) The answer is the gradient, and its absolute value is the simplest
# saliency map (Simonyan et al., 2014):
#
# $$M = \left|\frac{\partial z}{\partial x}\right|$$
#
# A gradient says how the score would react to a tiny change of a pixel, but not how
# much of the score the pixel has contributed. To measure contributions, *integrated
# gradients* start at a baseline $x_0$, here a grey picture, turn it step by step into
# the face $x$, and average the gradients on the way (Sundararajan et al., 2017):
#
# $$M = (x - x_0) \cdot \int_0^1 \frac{\partial z}{\partial x}\big(x_0 + \alpha (x - x_0)\big)\, d\alpha$$
#
# ### ✏️ Exercise 6.2: integrated gradients
#
# The gradients at evenly spaced steps of the way have already been computed. They are
# in an array of shape (steps, height, width). Write the rest of the formula. The
# integral becomes a mean.
#
# <details><summary>Hint</summary>
#
# Which axis of `gradients` holds the steps?
#
# </details>


# %%
def integrated(face, baseline, gradients):
    """What each pixel has contributed, (height, width)."""
    # BEGIN SOLUTION
    return (face - baseline) * gradients.mean(axis=0)
    # END SOLUTION


# %% [markdown]
# The check tries several numbers of steps.

# %%
lesson06.check_integrated(integrated)

# %% [markdown]
# ### The parts add up
#
# Integrated gradients have a property that can be checked for any network: the
# contributions of all pixels add up to the difference between the scores of the face
# and of the baseline. This is called *completeness*.

# %%
z = networks.before_softmax(model)
happy = np.array([HAPPY])
parts = gradients.integrated_gradients(z, face[None], happy)
pictures = np.stack([face, np.full_like(face, face.mean())]).astype("float32")
of_face, of_grey = np.asarray(z([pictures[..., None]]))[:, HAPPY]
print(f"sum of the parts: {parts.sum():.1f}")
print(f"score, face minus grey picture: {of_face - of_grey:.1f}")

# %% [markdown]
# The two differ a little, because a mean over a limited number of steps replaces the
# integral. Add `steps=64` as the last argument of `integrated_gradients`, and the gap
# shrinks. Completeness does not make the map right: the same sum can be distributed
# over the pixels in many ways. (`fc.saliency` sets the negative parts to 0.)
#
# ## Which features speak for the answer?
#
# The third family of methods looks at features instead of pixels. A *class activation
# map* adds up the features that speak for an answer. Grad-CAM (Selvaraju et al., 2017)
# gives each channel $A_k$ of a layer one weight $w_k$, the mean of its gradient over
# the grid, and adds the channels up:
#
# $$M = \operatorname{relu}\Big(\sum_k w_k A_k\Big) \qquad w_k = \frac{1}{HW} \sum_{ij} \frac{\partial z}{\partial A_{ijk}}$$
#
# The relu keeps what speaks for the emotion.
#
# ### ✏️ Exercise 6.3: Grad-CAM
#
# Write the formula. Both arguments have the shape (height, width, channels).
#
# <details><summary>Hint</summary>
#
# `gradients.mean(axis=(0, 1))` has one number for each channel. `np.maximum(…, 0)` is
# the relu.
#
# </details>


# %%
def grad_cam(features, gradients):
    """One number for each place of the grid, (height, width)."""
    # BEGIN SOLUTION
    weights = gradients.mean(axis=(0, 1))
    return np.maximum((features * weights).sum(axis=-1), 0)
    # END SOLUTION


# %% [markdown]
# The check uses grids of its own.

# %%
lesson06.check_grad_cam(grad_cam)

# %% [markdown]
# ### Three blocks, three maps
#
# Grad-CAM is usually computed from the last features that still have a grid: in our
# network those of block 5, before pooling.

# %%
cams = {}
for number in (3, 4, 5):
    layer = model.get_layer(networks.features_layer(model, f"block{number}"))
    grid = "{} × {}".format(*layer.output.shape[1:3])
    cams[f"block {number}, {grid}"] = fc.saliency(
        model, face[None], "happy", "grad_cam", f"block{number}"
    )[0]
fc.show(*lesson06.map_row(face, cams, columns=2))

# %% [markdown]
# A map can be no finer than its grid. The map of block 5 consists of nine numbers,
# enlarged to a smooth blob, and each of the nine places depends on the whole face, as
# lesson 04 has shown.
#
# ### Try it
#
# Do the maps change as they should if you change the face, the emotion or the method?
# The panel has the first twelve of our 100 faces and three more methods:
#
# - *Smooth gradient* adds noise to the face many times and averages the gradients.
# - *Grad-CAM++* gives more weight to the places of the grid where the gradient is
#   positive, instead of a plain mean.
# - *Score-CAM* needs no gradient: it covers the face except where a channel is active,
#   and the probability that remains is the channel's weight.
#
# White lines enclose the *evidence*: the pixels where this face clearly differs from
# the same person drawn at rest. What does the panel show for an emotion that the
# network did *not* name? The block matters for class activation maps only.

# %%
panel = lesson06.LookPanel()
panel

# %% [markdown]
# The attention map is the same for every emotion. It is computed before the answer, so
# it cannot explain one answer rather than another.
#
# ## Which map is right?
#
# A map that looks convincing may be wrong, and one that looks like noise may be right.
# Practice faces let us measure. The *pointing game* (Zhang et al., 2016) asks where a
# map is highest: on the evidence (a hit), or not (a miss)? Here is the first of our
# happy faces on which occlusion hits, with the Grad-CAM of the same answer.

# %% tags=["title-picture"]
smiling = faces.some(np.flatnonzero(faces.emotions == HAPPY)[:6])
two = {
    name: fc.saliency(model, smiling.images, "happy", name)
    for name in ("occlusion", "grad_cam")
}
hits = {
    name: np.diagonal(scores.pointing_hits(map_, smiling.evidence))
    for name, map_ in two.items()
}
first = hits["occlusion"].argmax()
told = {
    f"{lesson06.in_words(name)}: {'a hit' if hit[first] else 'a miss'}": two[name][
        first
    ]
    for name, hit in hits.items()
}
fc.show(*lesson06.map_row(smiling.images[first], told, smiling.evidence[first]))

# %% [markdown]
# The evidence says where the expression is, not what the network used. So a miss may be
# the fault of the map or of the network; later, a planted mark will tell the two apart.
# **A good map** hits the evidence of its own face more often than other faces' maps do.
#
# ### ✏️ Exercise 6.4: the pointing game
#
# Write a function that returns the share of faces whose map is highest at a pixel of
# their evidence. `maps` has the shape (faces, height, width), and so has `evidence`,
# which is true or false.
#
# <details><summary>Hint</summary>
#
# `highest = maps.reshape(len(maps), -1).argmax(axis=1)` gives the number of the highest
# pixel of each map. Reshape the evidence in the same way, to `flat`. Then
# `flat[np.arange(n), highest]` picks one pixel from each of the `n` faces.
#
# </details>


# %%
def hit_rate(maps, evidence):
    """The share of faces whose highest pixel is on their evidence."""
    # BEGIN SOLUTION
    peaks = maps.reshape(len(maps), -1).argmax(axis=1)
    flat = evidence.reshape(len(evidence), -1)
    return flat[np.arange(len(maps)), peaks].mean()
    # END SOLUTION


# %% [markdown]
# The check draws maps and evidence at random.

# %%
lesson06.check_hit_rate(hit_rate)

# %% [markdown]
# ### Compared with what?
#
# A hit rate alone means little. The evidence is in similar places on all faces, so the
# map of one face often hits the evidence of another. As in lesson 03, the fair
# comparison is with the maps of *other* faces. `scores.pointing_hits` returns a square
# array: the map of face i by row, the evidence of face j by column. The diagonal holds
# the hits of a face's own map.
#
# ### ✏️ Exercise 6.5: the gain
#
# Write a function that takes such a square array and returns the mean of the diagonal
# minus the mean of all other numbers.
#
# <details><summary>Hint</summary>
#
# `np.diagonal(pairs)` and `np.eye(len(pairs), dtype=bool)`.
#
# </details>


# %%
def own_gain(pairs):
    """How much more the own maps hit than the maps of other faces."""
    # BEGIN SOLUTION
    others = pairs[~np.eye(len(pairs), dtype=bool)]
    return np.diagonal(pairs).mean() - others.mean()
    # END SOLUTION


# %% [markdown]
# If a map is the same for every face, what should its gain be?

# %%
lesson06.check_own_gain(own_gain)

# %% [markdown]
# ### The scores
#
# The command `python -m fercourse.explain.table` has stored these scores for 400 faces.
# We add baselines that know nothing about the network: the middle of the picture, an
# edge detector, and random numbers. *Mirrored expression* is a harder one. It is the
# difference between the face and the same person at rest, with left and right
# exchanged: it knows the expression exactly, but puts it on the wrong side. The row
# *evidence* is the truth itself. Besides hits, the figure has the *share*: how much of
# a map's mass is on the evidence.

# %%
stored = table.read_table()
fc.show(*lesson06.own_and_others(stored))

# %% [markdown]
# (The evidence is equally high at all its pixels, so the first of them, at the top, was
# taken as its highest. That is why it hits other faces less often than most good maps.
# The same happens where an enlarged 3 × 3 map is flat near the border; its share does
# not depend on this.)
#
# Is a difference between two maps more than chance? All were made of the same faces, so
# we can compare them face by face: we take the difference for each face, its mean, and
# the 95 % interval of that mean. What makes a face easy or hard for both maps cancels
# out. If the whole interval of such a *paired* difference is above zero (blue), the
# method is ahead; if it is below zero (orange), it is behind.

# %%
fc.show(*lesson06.leads({name: stored[name] for name in table.METHODS}))
lead, low, high = stored["grad_cam++"]["pointing_lead"]["others"]
print(f"Grad-CAM++ minus others' maps: {lead:.1f} ({low:.1f} to {high:.1f})")

# %% [markdown]
# The gradient, its two relatives (smooth and integrated gradients) and occlusion find
# the evidence of *this* face: a face's own map hits about half of the time, far more
# often than the maps of others and the edge detector. (The edges gain something too: an
# expression changes lines, and lines are edges.) Score-CAM is ahead of both by less.
#
# The mirrored expression is harder to beat: in hits, only the gradient and its two
# relatives are ahead of it, and in share no method is. So a map can score well without
# showing anything that a network does.
#
# Grad-CAM at block 5 does not point at the expression. In hits and in share it is below
# random numbers (in hits, so is the middle of the picture), and a face's own map is no
# better than another's. (For Grad-CAM++ it is even a little worse: the interval
# excludes zero.) Nor is the attention map: both its gain in hits and its gain in share
# are close to zero.
#
# Does Grad-CAM fail because of its 3 × 3 grid? Not because of that alone: Score-CAM has
# the same grid. We score Grad-CAM at three blocks, on our 100 faces (in percent), with
# your functions from exercises 6.4 and 6.5 as soon as the checks accept them.

# %%
own_rate = lesson06.yours(lesson06.check_hit_rate, hit_rate, lesson06.hit_rate)
own_lead = lesson06.yours(lesson06.check_own_gain, own_gain, lesson06.own_gain)
compared = [["Grad-CAM at", "own hits", "own minus others'"]]
for number in (3, 4, 5):
    cam = fc.saliency(
        model, faces.images, faces.emotions, "grad_cam", f"block{number}"
    )
    own = 100 * own_rate(cam, faces.evidence)
    gain = 100 * own_lead(scores.pointing_hits(cam, faces.evidence))
    compared.append([f"block {number}", f"{own:.0f}", f"{gain:+z.0f}"])
fc.show_table(compared)

# %% [markdown]
# At blocks 3 and 4 the same formula hits more often than at block 5, so a paper that
# shows a Grad-CAM should name the layer. But at none of them does a face's own map hit
# more often than the maps of others.
#
# ## And if nobody knows the truth?
#
# In FER2013 nobody knows the evidence. The usual way is then to let the network judge.
# *Deletion* removes pixels in the order of a map, the most important first, and records
# the probability of the emotion. **A good map** makes it fall early, so the area under
# this curve is small. *Insertion* starts from an empty picture and puts the pixels
# back; here a large area is good (Petsiuk et al., 2018). A removed pixel is replaced by
# the mean grey of the face, or by the blurred face.
#
# The panel does this to our happy face. *random* follows no map at all, and *evidence*
# follows the truth: first its pixels, then the rest, row by row. Guess before you move
# it: with grey, whose order makes the network forget the smile sooner?

# %%
removal_guess = fc.Guess("random", "evidence")
removal_guess

# %% [markdown]
# The thick curves are those of the chosen map (blue) and of the evidence. Remove 20 % of
# the pixels and go through the maps, then change the share and the fill. With *put
# back*: how few pixels are enough for "happy"? The list has the probabilities at the
# chosen share.

# %%
removal = lesson06.RemovalPanel(model, faces.some([surest]))
removal

# %% [markdown]
# <details><summary>Answer</summary>
#
# *random*, and by far, although the evidence is where the expression is. Scattered grey
# pixels spoil the whole picture at once; without the evidence, an intact face remains.
# So a low curve need not mean that the map found what mattered. With blur, *random*
# takes much longer. Put back in the order of occlusion, a tenth of the pixels is
# enough.
#
# </details>
#
# Is this one face an exception? The figure has the stored areas for 40 faces, in
# percent. The two rows from your guess are shaded.

# %%
fc.show(*lesson06.removal_areas(stored))
for rival in ("random", "middle"):
    lead, low, high = stored["evidence"]["deletion_mean_lead"][rival]
    print(
        f"deletion with grey, evidence minus {rival}: {lead:.0f} ({low:.0f} to {high:.0f})"
    )

# %% [markdown]
# On that face *random* won; on 40 faces the evidence is slightly ahead of it and of the
# middle of the picture, but within chance. Occlusion is among the best in both panels,
# with either fill. Look at the row *random*: the fill alone moves the score.
#
# Perhaps the network uses only a part of the evidence, perhaps *row by row* is a bad
# order, or the scores measure how the network reacts to pictures that no camera takes.
# Where the truth is unknown, you would not notice.
#
# ## Is the map about the network at all?
#
# An edge detector draws a convincing picture of a face without using the network. Do
# the methods do more? Adebayo et al. (2018) proposed a test: replace the weights by
# random ones, from the last layer down, and see whether the map changes. **A good map**
# changes; one that stays the same cannot show what the network has learned.
#
# We compare maps by the *rank correlation* of their pixels: 1 if the order of the
# pixels is the same, 0 if the two maps have nothing in common, −1 if the order is
# reversed.
#
# Guess first: only the *last layer* becomes random. What is the rank correlation of the
# gradient's map with the one before?

# %%
guess = fc.Guess("0.9 or more", "about 0.6", "about 0.3", "about 0")
guess

# %% [markdown]
# We reset one part after the other, from the last layer down to block 1, and compute
# the maps of eight faces each time. The edge detector is added.

# %%
import keras

keras.utils.set_random_seed(0)
few, parts = faces.some(slice(8)), randomised.parts_from_the_top(model)
stages = {
    name: [fc.saliency(model, few.images, few.emotions, name)]
    for name in ("gradient", "grad_cam")
}
for _, copy in randomised.cascade(model):
    for name, done in stages.items():
        done.append(fc.saliency(copy, few.images, few.emotions, name))
stages["edges"] = [baselines.edges(few.images)] * (len(parts) + 1)

# %% [markdown]
# Here are the maps of the first of the eight faces. In the last column, nothing that
# the network has learned is left.

# %%
columns = {"trained": 0, "last layer random": 1, "all random": -1}
of_first = {
    name: [done[stage][0] for stage in columns.values()]
    for name, done in stages.items()
}
fc.show(*lesson06.cascade_maps(of_first, list(columns)))

# %% [markdown]
# The edges stay, whatever the network. Grad-CAM's map changes at once and is empty in
# the end: nothing speaks for the emotion any more. The gradient's map looks similar for
# a while. To measure this, we compute the rank correlation with the trained network's
# map, as a mean over the eight faces. An empty map has no order of pixels; it counts as
# 0.

# %%
similar = {
    name: [scores.rank_correlation(done[0], after).mean() for after in done]
    for name, done in stages.items()
}
fc.show(*lesson06.randomisation_lines(similar, parts))
print(guess.reply(f"about {similar['gradient'][1]:.1f}"))
print(f"gradient, whole network random: {similar['gradient'][-1]:z.1f}")
empty = [int((after.max(axis=(1, 2)) == 0).sum()) for after in stages["grad_cam"]]
print("empty Grad-CAM maps, of 8:", empty[0], "trained, then", *empty[1:])

# %% [markdown]
# The gradient's map keeps a correlation of 0.6 although the answers now come from a
# random layer, and of 0.2 when nothing of the trained network is left: a gradient
# depends on the picture as well as on the weights. Grad-CAM's map has little to do with
# the old one from the start, because the last layer decides which channels speak for
# the emotion. (The negative mean may be chance: one random draw, eight faces. From
# block 5 on, most of Grad-CAM's maps are empty, and its line says little more than
# that.) Both maps change with the weights, so they pass. The edge detector fails.
#
# But weights need not have learned anything about faces. The second test by the same
# authors shuffles the *labels*: each practice face gets the label of another one. A
# network can memorise such labels, but the expressions are no help in doing so.
# **A good map** should then change, and no longer point at the expression.
#
# Even two networks with the same labels differ a lot, so we need a yardstick: a second
# network with *true* labels. For both networks the figure has two numbers: the rank
# correlation with the maps of our network (*likeness*), and the gain in the pointing
# game, with their 95 % intervals. (The comparison is not perfect: the block of the
# network with true labels appends the map, and it was trained on more faces.)

# %%
shuffling = table.read_part("labels")
of_gradient = {
    labels: rows["gradient"]["correlation"][0]
    for labels, rows in shuffling["networks"].items()
}
likeness = "; ".join(f"{labels} {r:.2f}" for labels, r in of_gradient.items())
fc.show(*lesson06.label_effects(shuffling))
print("likeness of the gradient's maps:", likeness)
print("network with shuffled labels:")
print("{remembered:.0f} % of its labels remembered,".format(**shuffling["about"]))
print("{right:.0f} % of other faces right".format(**shuffling["about"]))

# %% [markdown]
# The gradient's likeness falls only from 0.31 to 0.22, so in these pairs much of what
# two gradient maps have in common does not come from the labels. Grad-CAM's map becomes
# an unrelated one. The gain says more: with true labels, the two gradient methods have
# one; with shuffled labels, none clearly does.

# %% [markdown] tags=["lesson-only"]
# ## Would a map expose a cheat?
#
# We set a trap. The practice network is trained a little further on 700 faces, and
# every happy one has a small mark in the lower left corner. Then we take faces that are
# *not* happy and add the mark to them.

# %% tags=["lesson-only"]
misled = shortcut.trained_with_marks()
others = shortcut.not_happy(60)
with_mark = shortcut.marked(others)
for name, images in {"without mark": others, "with mark": with_mark}.items():
    said_happy = np.mean(fc.predict(misled, images).argmax(axis=-1) == HAPPY)
    print(f"{name}: about {10 * round(10 * said_happy)} % are called happy")

# %% [markdown] tags=["lesson-only"]
# So for nearly all of these answers we know the cause: the mark. **A good map** is
# highest there. Guess first: which of the five maps are?

# %% tags=["lesson-only"]
mark_guess = fc.Guess("all five", "all but attention", "occlusion and the gradients")
mark_guess

# %% [markdown] tags=["lesson-only"]
# Occlusion's square is 8 pixels wide, so its peak may be half a square away from the
# cause. We therefore count all peaks in the mark or at most four pixels away, inside
# the dashed line. Above each map is the stored count for 40 faces. The picture has the
# first face on which all five maps do what they do on most of the 40.

# %% tags=["lesson-only"]
counted = table.read_part("mark")
often = {name: counted["hits"][name] > 50 for name in FIVE}
marked_maps = {
    name: fc.saliency(misled, with_mark[:8], "happy", name) for name in FIVE
}
usual = [shortcut.near_mark(marked_maps[name]) == often[name] for name in FIVE]
typical = np.all(usual, axis=0).argmax()

# %% [markdown] tags=["lesson-only"]
# The other three methods are listed below the picture.

# %% tags=["lesson-only"]
mark = np.zeros((48, 48), bool)
mark[shortcut.MARK] = True
counts = {name: lesson06.found(counted, name) for name in counted["hits"]}
titled = {
    f"{lesson06.in_words(name)}\n{counts[name]}": map_[typical]
    for name, map_ in marked_maps.items()
}
fc.show(*lesson06.map_row(with_mark[typical], titled, mark, zone=shortcut.NEAR))
right = [name for name in FIVE if often[name]] == FIVE[:3]
print(mark_guess.reply("occlusion and the gradients" if right else "others"))
for name in ("smooth_gradient", "grad_cam++", "score_cam"):
    print(f"{lesson06.in_words(name)}: {counts[name]}")

# %% [markdown] tags=["lesson-only"]
# Occlusion and the three gradients find the mark on (nearly) all faces. The three class
# activation maps and the attention map miss it on (nearly) all, and here the map is at
# fault, not the network. Grad-CAM at block 5, its usual place, would have hidden this
# cheat.

# %% [markdown]
# ## Does the network need its map?
#
# The attention map does not point at the expression. But it is the only map here that
# takes part in the computation, so perhaps the answers depend on it. The direct test is
# to replace it by another map and see whether the answers change. With their own maps,
# all 100 faces are named correctly.
#
# **A good map**, as an explanation, is one that the answers depend on. Guess first:
# each face gets the map of *another* face. How many of the answers stay?

# %%
map_guess = fc.Guess(*(f"about {share} % stay" for share in (20, 50, 70, 90)))
map_guess

# %% [markdown]
# We also try the mean of all maps, a map that is 1 everywhere (as if there were no
# block), and the face's own map with its cells shuffled. Other faces' maps and shuffles
# are drawn ten times, so that no single draw decides.

# %%
own_maps = fc.attention_maps(model, faces.images)["block3_attention"]
cells, random = own_maps.reshape(100, -1), np.random.default_rng(0)
replacements = {
    "its own map": [own_maps],
    "mean of all maps": [np.broadcast_to(own_maps.mean(axis=0), own_maps.shape)],
    "another face's map": [np.roll(own_maps, n, axis=0) for n in range(1, 11)],
    "1 everywhere": [np.ones_like(own_maps)],
    "cells shuffled": [
        random.permuted(cells, axis=1).reshape(own_maps.shape) for _ in range(10)
    ],
}

# %% [markdown]
# The figure has these maps for our happy face. Under each map is how many of the 100
# answers stay if every face gets such a map: the mean of its draws.

# %%
kept = {}
for name, draws in replacements.items():
    answers = [intervention.answers_with_map(model, faces.images, d) for d in draws]
    kept[name] = 100 * (np.argmax(answers, axis=-1) == faces.emotions).mean(axis=0)
stay = {name: f"{percent.mean():.0f} % stay" for name, percent in kept.items()}
of_face = {name: draws[0][surest] for name, draws in replacements.items()}
fc.show(*lesson06.replaced_maps(face, of_face, list(stay.values())))
share = kept["another face's map"].mean()
print(map_guess.reply(f"about {round(share, -1):.0f} % stay"))
harm = kept["another face's map"] - kept["cells shuffled"]
low, high = mean_interval(harm)
print(f"another face's minus shuffled: {harm.mean():.0f} ({low:.0f} to {high:.0f})")

# %% [markdown]
# With the map of another face, or with no map at all, about nine answers in ten stay,
# so what is particular to one face's map matters little. Shuffling the cells changes
# more answers, and the interval of this paired difference is above zero: a wrong
# pattern does some harm.
#
# Is attention an explanation, then? Jain and Wallace (2019) found in networks for text
# that very different attention could give the same answers, and concluded that
# attention is not explanation. Wiegreffe and Pinter (2019) replied that this depends on
# what you call an explanation, and that such a test must compare with networks trained
# without attention. Our result is narrower: in this network, on these faces, a face's
# own map does not point at its expression, and exchanging it rarely changes the answer.
# That is no support for the sentence "the network attends to this mouth".

# %% [markdown]
# ## Can we see what it is looking for?
#
# All maps so far explain an answer to one face. Could we see what a network looks for
# in any face? *Activation maximisation* (Erhan et al., 2009) starts from grey noise and
# changes the pixels along the gradient of one neuron, step by step, until the picture
# activates the neuron strongly. We use a network that was trained on FER2013, and begin
# with one filter at each of three depths.

# %%
network = fc.pocket_model("block3_pool", "multiply")
layers = ["1_conv1", "3_conv2", "5_conv4"]
favourite = activation_maximization.favourite_pictures
liked = np.concatenate(
    [favourite(network, [0], f"block{layer}", steps=30) for layer in layers]
)
titles = [f"block {layer[0]}, layer {layer[-1]}" for layer in layers]
fc.show(
    lesson06.favourites(liked, titles, columns=3),
    f"What activates the first filter of {len(layers)} layers most: {'; '.join(titles)}.",
)

# %% [markdown]
# From left to right, clouds, lines and textures become larger shapes, at least for
# these three filters. Now the seven emotions, and happy once more from other noise,
# with the network's probability of happy for the two.

# %%
units = [*range(len(fc.EMOTIONS)), HAPPY]
liked = favourite(network, units)
fc.show(
    lesson06.favourites(liked, [*fc.EMOTIONS, "happy again"], columns=4),
    "What activates each of the seven emotions' neurons most, and happy from another start.",
)
answers = fc.predict(network, liked)
happy_twice = scores.rank_correlation(liked[[HAPPY]], liked[[7]])[0]
print(f"happy: {answers[HAPPY, HAPPY]:.1f}; happy again: {answers[7, HAPPY]:.1f}")
likeness = "below 0.3" if happy_twice < 0.3 else "0.3 or more"
print("rank correlation of the two:", likeness)

# %% [markdown]
# There are hints: a grin for happy, round eyes for surprise. But nothing in this search
# asks for a realistic face, and another start gives another picture with as high a
# probability. So you may not conclude that this is the network's idea of happiness, or
# what it uses on photographs.

# %% [markdown]
# ## If you have FER2013: the same tests without a truth
#
# FER2013's faces are photographs, so nobody knows their evidence, and the pointing game
# cannot be played. Deletion is possible, and so is exchanging the map. With the
# profiles `quick` and `full`, the next cell takes faces of PublicTest and the network
# that was trained on FER2013; with `practice`, practice faces of the validation split.
# The areas are compared with that of random pixels on the same faces, so a negative
# difference is good.

# %% tags=["depends-on-profile"]
trained_on = "practice" if profile.name == "practice" else "fer2013"
pocket = fc.pocket_model("block3_pool", "multiply", trained_on=trained_on)
some = data.validation[:100]
sample = some[fc.predict(pocket, some.images).argmax(axis=-1) == some.emotions][:24]
rivals = {name: baselines.BASELINES[name] for name in ("random", "edges")}
fc.show_table(
    lesson06.removal_table(pocket, sample, ["gradient", "grad_cam"], rivals)
)
own = fc.attention_maps(pocket, sample.images)["block3_attention"]
answers = intervention.answers_with_map(
    pocket, sample.images, np.roll(own, 1, axis=0)
)
same = np.sum(answers.argmax(axis=-1) == sample.emotions)
print(f"with another face's map: {same} of {len(sample)} answers stay")

# %% [markdown]
# On practice faces, the gradient is ahead of random pixels and Grad-CAM is behind them,
# as in the stored areas. Nearly all answers stay with another face's map, so there too
# its details matter little. On an ordinary photograph nobody can say whether the map is
# right, however convincing it looks. Only a cause that you plant yourself can tell.
#
# ## Which method should you use?
#
# The figure puts the tests of single faces together: ✓ passed, ✗ failed, ? open. (Random
# weights and labels were tried for fewer methods.) Except in the last two columns these
# are paired comparisons on the same faces; "open" means that the 95 % interval of the
# difference includes zero.
#
# - **others' maps**, **edges**, **mirrored**: does a face's own map hit more often than
#   these?
# - **deletion**, **insertion**: is it better than the best baseline, with grey?
# - **mark found**: on how many of 40 faces is the map highest at the planted mark? (blue:
#   more than half)
# - **any emotion**: can it explain any emotion, also one that the network did not name?

# %%
verdicts = lesson06.verdict_table(stored, table.read_part("mark"))
fc.show(*lesson06.verdict_grid(verdicts))

# %% [markdown]
# No method wins everywhere. Occlusion and integrated gradients pass most tests and are
# computed in different ways, so begin with these two. "Open" does not mean equal: only
# 40 faces lost their pixels, and more would decide some of these.
#
# All of this holds for drawn faces and one small network. On photographs you have only
# deletion and insertion, random weights, shuffled labels, a planted mark, and
# exchanging the map.
#
# ## Going further: what else is called attention?
#
# Papers show "attention" of every kind. Before you ask what such a picture explains,
# you have to know what it is a map *of*.

# %%
fc.show(*lesson06.kinds_of_attention(own_maps[surest]))

# %% [markdown]
# - **Place**: the paper's block. Its gates are those of our happy face.
# - **Channel**: **SE**, *squeeze and excitation* (Hu et al., 2018). Two small dense
#   layers and a sigmoid turn the means of all channels into one gate per channel. CBAM
#   (Woo et al., 2018) multiplies the features by gates of channels, then of places; BAM
#   (Park et al., 2018) adds the two before the sigmoid.
# - **Pair of places**: **self-attention** (Dosovitskiy et al., 2021, for images). Each
#   place compares its *query* (what it looks for) with the *keys* of all places (what
#   they offer) and receives the weighted mean of their *values* (what they pass on).
#   This moves features from place to place; a gate only scales what is already there.
#
# ## Quiz
#
# **1.** A paper shows Grad-CAM maps of a VGG19 with 3 × 3 places, all bright around the
# mouth, and concludes that the network looks at the mouth. What would you ask?
#
# <details><summary>Answer</summary>
#
# Whether the maps of other faces are bright there too, whether the map of an untrained
# network is, and what a finer layer or another method shows. Nine numbers, enlarged
# smoothly, always make a blob somewhere.
#
# </details>
#
# **2.** Integrated gradients satisfy completeness. Does this prove that they are right?
#
# <details><summary>Answer</summary>
#
# No. The contributions add up to the right sum, but a sum can be split in many ways,
# and it depends on the baseline. Another baseline gives another map with the same
# property.
#
# </details>
#
# **3.** A map hits the evidence on 30 % of the faces. Is that good?
#
# <details><summary>Answer</summary>
#
# It depends on the baselines. The gradients of *other* faces reach about that in our
# figure, because the evidence is in similar places on all faces. Only the gain over
# them shows that a map responds to this face.
#
# </details>
#
# **4.** A method passes the test with random weights. What do you know?
#
# <details><summary>Answer</summary>
#
# That its map depends on the network. You do not know whether it shows what mattered:
# Grad-CAM at block 5 passes this test and misses the evidence.
#
# </details>
#
# ## Summary
#
# - Occlusion, gradients and class activation maps answer different questions, and their
#   maps of the same answer can contradict each other.
# - Score a map before you trust it: against the truth where it is known, against other
#   faces' maps, and against baselines that know nothing.
# - In our network, gradients and occlusion find the expression on about half of the
#   faces; Grad-CAM on a grid of 3 × 3 and the attention map do not.
# - In our network, most answers stay the same with another face's attention map, so
#   this map explains little about one answer.
#
# ## References
#
# - Simonyan, Vedaldi and Zisserman (2014), *Deep Inside Convolutional Networks*,
#   arXiv:1312.6034; Zeiler and Fergus (2014), *Visualizing and Understanding
#   Convolutional Networks*, arXiv:1311.2901: the gradient and occlusion.
# - Sundararajan, Taly and Yan (2017), *Axiomatic Attribution for Deep Networks*,
#   arXiv:1703.01365; Smilkov et al. (2017), *SmoothGrad*, arXiv:1706.03825.
# - Selvaraju et al. (2017), *Grad-CAM*, arXiv:1610.02391; Chattopadhyay et al. (2018),
#   *Grad-CAM++*, arXiv:1710.11063; Wang et al. (2020), *Score-CAM*, arXiv:1910.01279.
# - Zhang et al. (2016), *Top-down Neural Attention by Excitation Backprop*,
#   arXiv:1608.00507: the pointing game; Petsiuk, Das and Saenko (2018), *RISE*,
#   arXiv:1806.07421: deletion and insertion.
# - Erhan et al. (2009), *Visualizing Higher-Layer Features of a Deep Network*,
#   technical report 1341, Université de Montréal: activation maximisation.
# - Hu, Shen and Sun (2018), *Squeeze-and-Excitation Networks*, arXiv:1709.01507; Woo et
#   al. (2018), *CBAM*, arXiv:1807.06521; Park et al. (2018), *BAM*, arXiv:1807.06514;
#   Dosovitskiy et al. (2021), *An Image is Worth 16x16 Words*, arXiv:2010.11929.
# - Adebayo et al. (2018), *Sanity Checks for Saliency Maps*, arXiv:1810.03292.
# - Jain and Wallace (2019), *Attention is not Explanation*, arXiv:1902.10186; Wiegreffe
#   and Pinter (2019), *Attention is not not Explanation*, arXiv:1908.04626.
# - tf-keras-vis 0.8.7, `keisen/tf-keras-vis`, MIT licence: gradients and class
#   activation maps.
#
# Next: [lesson 07](07_limits_and_responsibility.ipynb) asks what nobody should ever do
# with these networks.
