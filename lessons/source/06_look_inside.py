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
# Run these two cells first.

# %% tags=["depends-on-profile"]
import fercourse as fc
from fercourse.lessons import lesson06

profile, data = fc.begin()

# %% [markdown]
# The faces in this lesson are practice faces, because only for drawn faces do we know
# where the expression is. Only one section at the end takes FER2013 if you have it.
# Several methods need TensorFlow, because they come from the package tf-keras-vis.
#
# ## Did it see the smile?
#
# A network calls a face happy. Did it look at the mouth, or at the hair? If it is right
# for the wrong reason, it may fail on the next face, and no accuracy warns you. So
# papers print coloured maps and say "the network looks at the mouth". When may you
# believe such a map?
#
# The methods that we compare come with the course.

# %%
import numpy as np

from fercourse.explain import (
    activation_maximization,
    baselines,
    class_activation,
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

# %% [markdown]
# We examine a pocket network trained on practice faces. Its attention map, after block
# 3, is multiplied by the features, so the map can influence the answer. How good is it?

# %%
test = fc.read_run("practice/pocket-block3-multiply-practice-seed0").single["private"]
always_happy = test.confusion[HAPPY].sum() / test.confusion.sum()
print(f"test faces named correctly: {fc.evaluate(test).accuracy:.0f} %")
print(f"if it always said happy: {100 * always_happy:.0f} %")

# %% [markdown]
# We take 100 new faces that it names correctly, because a wrong answer need not come
# from the expression. Neutral faces have no evidence, so there are none; and the
# network finds none of the disgusted faces.

# %%
model = table.explained_model()
faces = table.explained_faces(model, 100)
counts = np.bincount(faces.emotions, minlength=7)
print(*(f"{name}: {n}" for name, n in zip(fc.EMOTIONS, counts)), sep=", ")

# %% [markdown]
# Two thirds are sad or fearful, so the scores below are mostly about them, although our
# pictures show smiles.
#
# The first face that we explain is a happy one about which the network is very sure.

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
# is on the nose and one in a corner: they cannot all be right. Which of the five finds
# the expression of its own face most often? Guess now; the scores come later.

# %%
finder_guess = fc.Guess(*map(lesson06.in_words, FIVE))
finder_guess

# %% [markdown]
# First you have to know how each is made.
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
# The check tries squares in several places.

# %%
lesson06.check_cover(cover)

# %% [markdown]
# ### The square slides
#
# The library's `occlusion` moves a square of 8 pixels over the face in steps of 5, to
# 9 × 9 places. Move it yourself: where does the probability of happy fall most? Before
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
# The relu drops what speaks against the emotion.
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
# network those of block 5, before pooling. Once the check accepts your function, it
# computes these maps.

# %%
own_cam = lesson06.yours(lesson06.check_grad_cam, grad_cam)
cams = lesson06.block_maps(model, face, HAPPY, own_cam)
fc.show(*lesson06.map_row(face, cams, columns=2))

# %% [markdown]
# A map can be no finer than its grid: that of block 5 consists of nine numbers,
# enlarged to a smooth blob. Does the answer use all nine? The figure shows how strong
# the features are at each place, and how much the score depends on them: the absolute
# gradient, as a mean over channels and our 100 faces.

# %%
layer = networks.features_layer(model, "block5")
features, slopes = class_activation.features_and_gradients(
    z, faces.images, faces.emotions, layer
)
fc.show(*lesson06.places_read(face, features, slopes))

# %% [markdown]
# **Five of the nine places are lost**: their gradient is exactly 0. The last pooling
# halves the grid, and 3 × 3 cannot be halved, so it reads only the upper left 2 × 2.
# What block 5 computes in the bottom row and the right column never reaches the answer,
# although its features are strongest there. Grad-CAM can still be high in these places,
# because its weights belong to channels, not to places.
#
# How can the network use the mouth, which is in the bottom row? The convolutions carry
# its features to the upper left: each place of block 5 depends on the whole face, as
# lesson 04 has shown. A place of a deep grid is more than the patch of face below it.
#
# The lost places are a flaw of our networks at 48 pixels. In the paper's network at 224
# pixels, 14 × 14 places become 7 × 7, and none is lost.
#
# ### Try it
#
# Do the maps change as they should if you change the face, the emotion or the method?
# The panel offers twelve of our 100 faces and three more methods:
#
# - *Smooth gradient* adds noise to the face many times and averages the gradients.
# - *Grad-CAM++* gives more weight to the places of the grid where the gradient is
#   positive, instead of a plain mean.
# - *Score-CAM* needs no gradient: it covers the face except where a channel is active,
#   and the probability that remains is the channel's weight.
#
# White lines enclose the *evidence*: the pixels where this face clearly differs from
# the same person drawn at rest. What do you see for an emotion that the network did
# *not* name? (The block matters for class activation maps only.)

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
# happy faces on which occlusion hits and attention misses by more than a few pixels.

# %% tags=["title-picture"]
smiling = faces.some(np.flatnonzero(faces.emotions == HAPPY)[[6]])  # by 5 pixels
two = {
    name: fc.saliency(model, smiling.images, "happy", name)
    for name in ("occlusion", "attention")
}
fc.show(*lesson06.hit_or_miss(smiling, two))

# %% [markdown]
# A miss may be the fault of the map or of the network; later, a planted mark will help
# to tell the two apart.
#
# ### ✏️ Exercise 6.4: the gain
#
# The evidence is in similar places on all faces, so the map of one face often hits the
# evidence of another. **A good map** hits that of its own face more often than other
# faces' maps do.
#
# `scores.pointing_hits` returns a square array of hits: the map of face i by row, the
# evidence of face j by column. Write a function that takes such an array and returns
# the mean of the diagonal (own maps) minus the mean of all other numbers.
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
# Here is your function's answer for our 100 faces, in percentage points.

# %%
own_lead = lesson06.yours(lesson06.check_own_gain, own_gain, lesson06.own_gain)
for name in ("gradient", "grad_cam", "attention"):
    maps = fc.saliency(model, faces.images, faces.emotions, name)
    lead = 100 * own_lead(scores.pointing_hits(maps, faces.evidence))
    print(f"{lesson06.in_words(name)}: {lesson06.signed(lead)}")

# %% [markdown]
# The command `python -m fercourse.explain.table` has stored scores for 400 faces, also
# of baselines (grey) that know nothing about the network: the middle of the picture, an
# edge detector, and random numbers. *Mirrored expression* is a harder one: the
# difference between the face and the same person at rest, with left and right
# exchanged. It knows the expression exactly, but puts it on the wrong side. The row
# *evidence* is the truth itself. The *share* is how much of a map's mass is on the
# evidence. Class activation maps are those of block 5 until we say otherwise.

# %%
stored = table.read_table()
fc.show(*lesson06.own_and_others(stored))
finder = max(FIVE, key=lambda name: stored[name]["pointing"][0])
print(finder_guess.reply(lesson06.in_words(finder)))

# %% [markdown]
# (A peak next to the evidence is a miss. On photographs some 500 pixels wide, 15 pixels
# are often allowed, which would be one or two here; allowing none is a little hard on
# coarse maps.)
#
# Is the difference between two maps larger than chance would produce? We take it for
# each face, and the mean with its 95 % interval; what makes a face easy or hard for
# both maps cancels out. If the whole interval of such a *paired* difference is above
# zero (blue), the method is ahead; if it is below zero (orange), it is behind.

# %%
fc.show(*lesson06.leads({name: stored[name] for name in table.METHODS}))
for name in ("grad_cam", "grad_cam++"):
    maps = fc.saliency(model, faces.images, faces.emotions, name)
    lost = lesson06.lost_peaks(maps, slopes)
    print(f"{lesson06.in_words(name)}: {lost} of 100 peaks are in a lost place")

# %% [markdown]
# The gradient, its two relatives (smooth and integrated gradients) and occlusion find
# the evidence of *this* face: a face's own map hits about half of the time, far more
# often than the maps of others and the edge detector. Score-CAM is ahead by less.
#
# The mirrored expression is harder to beat: in hits, only the gradient and its two
# relatives are ahead of it, and in share no method is. So a map can score well without
# showing anything that a network does.
#
# At block 5, Grad-CAM hits less often than random numbers, and Grad-CAM++ no more often.
# Grad-CAM++ is nearly always highest in a lost place, so it shows features that the
# answer cannot use. Grad-CAM is usually highest where the answer is read, but the
# expression is somewhere else. A face's own attention map is no better than another's
# either.
#
# Blocks 3 and 4 lose no place, and on our happy face their Grad-CAM was highest at the
# mouth. Guess first: at which block is a face's own Grad-CAM clearly ahead of others'?

# %%
block_guess = fc.Guess("block 3", "block 4", "block 5", "none of the three")
block_guess

# %% [markdown]
# Own hits minus those of other faces' maps on the 400 faces, in points:

# %%
rows = stored | table.read_part("blocks")["rows"]
fc.show_table(lesson06.block_table(rows, lesson06.pointing_lead))
own = [rows[name]["pointing_lead"]["others"] for name in lesson06.GRAD_CAMS]
clear = any(low > 0 for _, low, _ in own)
print(block_guess.reply("one of them" if clear else "none of the three"))

# %% [markdown]
# The convincing maps of our happy face at blocks 3 and 4 were an exception: one picture
# proves nothing. Grad-CAM++ and Score-CAM are clearly ahead at block 3 but not at block
# 4, so a paper that shows such a map should name its block.
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
# The chosen map is blue, *random* orange, *evidence* black; the list names the curves
# from the highest at the grey line to the lowest. Go through the maps, then change the
# share and the fill. With *put back*: how few pixels are enough for "happy"?

# %%
removal = lesson06.RemovalPanel(model, faces.some([surest]))
removal

# %% [markdown]
# <details><summary>Answer</summary>
#
# *random*, and by far. Scattered grey pixels spoil the whole picture at once; without
# the evidence, an intact face remains. So a low curve need not mean that the map found
# what mattered. With blur, *random* takes much longer. Put back in the order of
# occlusion, a tenth of the pixels is enough.
#
# </details>
#
# Is this one face an exception? The figure shows the stored areas for 40 faces, in
# percent. The two rows from your guess are shaded.

# %%
fc.show(*lesson06.removal_areas(stored))
for rival in ("random", "middle"):
    lead = lesson06.gain(stored["evidence"]["deletion_mean_lead"][rival])
    print(f"deletion with grey, evidence minus {rival}: {lead}")

# %% [markdown]
# On that face *random* won; on 40 faces the evidence is slightly ahead, but within
# chance. Occlusion is among the best in both panels, with either fill. Look at the row
# *random*: the fill alone moves the score.
#
# Perhaps the network uses only a part of the evidence, or the scores measure how it
# reacts to pictures that no camera takes. Where the truth is unknown, you would not
# notice.
#
# ## Is the map about the network at all?
#
# An edge detector draws a convincing picture of a face without using the network. Do
# the methods do more? Adebayo et al. (2018) proposed a test: replace the weights by
# random ones, from the last layer down. **A good map** changes; one that stays the same
# cannot show what the network has learned.
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
# the maps of eight faces each time.

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
# a while. Here is the mean rank correlation with the trained network's map on the eight
# faces; an empty map counts as 0.

# %%
similar = {
    name: [scores.rank_correlation(done[0], after).mean() for after in done]
    for name, done in stages.items()
}
fc.show(*lesson06.randomisation_lines(similar, parts))
print(guess.reply(f"about {similar['gradient'][1]:.1f}"))
print(f"gradient, whole network random: {similar['gradient'][-1]:z.1f}")

# %% [markdown]
# The gradient's map keeps a correlation of 0.6 although the answers now come from a
# random layer, and of 0.2 when nothing of the trained network is left: a gradient
# depends on the picture as well as on the weights. Grad-CAM's map is lost at once, here
# even partly reversed, because the last layer decides which channels speak for the
# emotion; later it is near 0, also because empty maps count as 0. (Eight faces and one
# set of random weights are too few to say more.) Both maps change with the weights, so
# they pass. The edge detector fails.
#
# But weights need not have learned anything about faces. The second test by the same
# authors trains a network on shuffled *labels*: each practice face gets the label of
# another one. A network can memorise them, but the expressions are no help. **A good
# map** should then change, and no longer point at the expression.
#
# The yardstick is a second network with *true* labels. For both, the figure shows the
# rank correlation with the maps of our network (*likeness*) and the gain in the
# pointing game, with 95 % intervals. (The comparison is not perfect: the network with
# true labels appends its map, and was trained on more faces.)

# %%
shuffling = table.read_part("labels")
fc.show(*lesson06.label_effects(shuffling))
for labels, of_maps in shuffling["networks"].items():
    likeness = of_maps["gradient"]["correlation"][0]
    print(f"likeness of the gradient's maps, {labels}: {likeness:.2f}")
remembered, right = (shuffling["about"][name] for name in ("remembered", "right"))
print(f"shuffled labels: {remembered:.0f} % remembered,", end=" ")
print(f"{right:.0f} % of other faces named correctly")

# %% [markdown]
# The gradient's likeness falls only from 0.31 to 0.22, so much of what two gradient maps
# have in common does not come from the labels. Grad-CAM's map becomes an unrelated one.
# The gain says more: with true labels, the two gradient methods have one; with shuffled
# labels, none clearly does.

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
# So for nearly all of these answers we know the cause. **A good map** is highest at the
# mark. We try occlusion, the gradient, and Grad-CAM at blocks 3, 4 and 5. The mark is
# in one of the five places that block 5 loses. Guess first: which maps find it?

# %% tags=["lesson-only"]
mark_guess = fc.Guess("all five", "all but block 5", "all but blocks 4 and 5")
mark_guess

# %% [markdown] tags=["lesson-only"]
# Occlusion's square is 8 pixels wide, so its peak may be half a square away from the
# cause. We therefore count all peaks inside the dashed line, at most four pixels from
# the mark. Above each map is the stored count for 40 faces. The face shown is the first
# on which each of the five maps behaves as it does on most of the 40.

# %% tags=["lesson-only"]
counted = table.read_part("mark")["hits"]
marked_maps = {
    name: table.method_maps(name, misled, with_mark[:8], "happy")
    for name in ("occlusion", "gradient", *lesson06.GRAD_CAMS)
}
fc.show(*lesson06.mark_row(with_mark[:8], marked_maps, counted))
found = [name for name in marked_maps if counted[name] > 50]
print(mark_guess.reply("all but blocks 4 and 5" if len(found) == 3 else "others"))

# %% [markdown] tags=["lesson-only"]
# Here are the counts for the other methods.

# %% tags=["lesson-only"]
fc.show_table(lesson06.block_table(counted, lesson06.found))
for name in ("smooth_gradient", "integrated_gradients", "attention"):
    print(f"{lesson06.in_words(name)}: {lesson06.found(counted[name])}")

# %% [markdown] tags=["lesson-only"]
# Occlusion and the gradients find the mark on most or all faces, the attention map on
# none. Class activation maps find it at block 3, but not at blocks 4 and 5. At block 5
# the mark's own place is lost, so nothing that the answer uses is there. But block 4
# loses no place. The crosses show what happens: from block to block, Grad-CAM's peak
# moves away from the mark and up, where the answer is read. The convolutions carry the
# mark's features there.
#
# So Grad-CAM may well be right about where the *features* are. The mistake is to lay
# their grid over the face as if each place had seen only the pixels below it. At block
# 5, the usual choice, this cheat would have stayed hidden.

# %% [markdown]
# ## Does the network need its map?
#
# The attention map does not point at the expression. But it is the only map here that
# takes part in the computation, so perhaps the answers depend on it. The direct test is
# to replace it by another map and see whether the answers change.
#
# **A good map**, as an explanation, is one that the answers depend on. Guess first:
# each face gets the map of *another* face. How many of the answers stay?

# %%
map_guess = fc.Guess(*(f"about {share} % stay" for share in (20, 50, 70, 90)))
map_guess

# %% [markdown]
# ### ✏️ Exercise 6.5: exchange the maps
#
# Write a function that gives each face the map of the face before it (the first one
# gets the last one's) and returns the share of answers that stay the same. `maps` has
# the shape (faces, height, width). `answer(maps)` asks the network again, with these
# maps in place of its own, and returns the probabilities, (faces, 7).
#
# <details><summary>Hint</summary>
#
# `np.roll(maps, 1, axis=0)`; then compare `argmax(axis=1)` before and after.
#
# </details>


# %%
def stays(maps, answer):
    """The share of answers that stay with another face's map."""
    # BEGIN SOLUTION
    before = answer(maps).argmax(axis=1)
    after = answer(np.roll(maps, 1, axis=0)).argmax(axis=1)
    return (before == after).mean()
    # END SOLUTION


# %% [markdown]
# The check has small networks of its own.

# %%
lesson06.check_stays(stays)

# %% [markdown]
# ### One map for another
#
# Now your function asks our network.

# %%
own_maps = fc.attention_maps(model, faces.images)["block3_attention"]


def answer(maps):
    return intervention.answers_with_map(model, faces.images, maps)


own_stays = lesson06.yours(lesson06.check_stays, stays, lesson06.stays)
share = 100 * own_stays(own_maps, answer)
print(map_guess.reply(f"about {round(share, -1):.0f} % stay"))

# %% [markdown]
# We also try the mean of all maps, a map that is 1 everywhere (as if there were no
# block), and the face's own map with its cells shuffled. (With its own map all answers
# stay, because we took only faces that the network names correctly.) Other faces' maps
# and shuffles are drawn ten times. The figure shows these maps for our happy face, and
# under each how many of the 100 answers stay if every face gets such a map.

# %%
replacements = lesson06.replacements(own_maps)
kept = {}
for name, draws in replacements.items():
    answers = np.argmax([answer(draw) for draw in draws], axis=-1)
    kept[name] = 100 * (answers == faces.emotions).mean(axis=0)
of_face = {name: draws[0][surest] for name, draws in replacements.items()}
stay = [f"{percent.mean():.0f} % stay" for percent in kept.values()]
fc.show(*lesson06.replaced_maps(face, of_face, stay))
harm = kept["another face's map"] - kept["cells shuffled"]
harm = lesson06.gain([harm.mean(), *mean_interval(harm)])
print("another face's minus shuffled:", harm)

# %% [markdown]
# With the map of another face, or with no map at all, about nine answers in ten stay,
# so what is particular to one face's map matters little. Shuffled cells change more
# answers: a wrong pattern does some harm.
#
# Is attention an explanation, then? Jain and Wallace (2019) found in networks for text
# that very different attention could give the same answers, and said no. Wiegreffe and
# Pinter (2019) replied that this depends on what you call an explanation. Our result is
# narrower: in this network, on these faces, a face's own map does not point at its
# expression, and exchanging it rarely changes the answer. That does not support the
# sentence "the network attends to this mouth".

# %% [markdown]
# ## Which method should you use?
#
# The figure puts the tests of single faces together: ✓ passed, ✗ failed, ? open. (Random
# weights and labels were tried for fewer methods.) Except in the last two columns these
# are paired comparisons on the same faces; "open" means that the 95 % interval of the
# difference includes zero.
#
# - **others' maps**, **edges**, **mirrored**: does a face's own map hit more often than
#   these?
# - **deletion**, **insertion**: is it better than the best baseline, with grey?
# - **mark found**: on how many of 40 faces is the map highest at the planted mark? (blue:
#   more than half; block 4, which found it on one face at most, is left out, although
#   Grad-CAM++ and Score-CAM pass insertion there)
# - **any emotion**: can it explain any emotion, even one that the network did not name?

# %%
verdicts = lesson06.verdict_table(rows, table.read_part("mark")["hits"])
fc.show(*lesson06.verdict_grid(verdicts))

# %% [markdown]
# No method wins everywhere. Occlusion and integrated gradients pass most tests and are
# computed in different ways, so begin with these two. If you use a class activation
# map, try an earlier block too. "Open" does not mean equal: only 40 faces lost their
# pixels, and more would decide some of these.
#
# All of this holds for drawn faces and one small network, whose block 5 loses five of
# its nine places. On photographs you have only deletion and insertion, random weights,
# shuffled labels, a planted mark, and exchanging the map.
#
# ## Going further
#
# ### If you have FER2013: the same tests without a truth
#
# On photographs nobody knows the evidence, but deletion is possible, and so is
# exchanging the map. With the profiles `quick` and `full`, the next cell takes faces of
# PublicTest and the network that was trained on FER2013; with `practice`, practice
# faces of the validation split. A negative difference from random pixels is good.

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
share = lesson06.stays(
    own, lambda maps: intervention.answers_with_map(pocket, sample.images, maps)
)
print(f"with another face's map, {100 * share:.0f} % of the answers stay")

# %% [markdown]
# On practice faces, the gradient is ahead of random pixels and Grad-CAM at block 5 is
# behind them, as in the stored areas. On an ordinary photograph nobody can say whether
# a map is right. You can be sure only of a cause that you plant yourself.
#
# ### Can we see what it is looking for?
#
# All maps so far explain an answer to one face. What does a network look for in any
# face? *Activation maximisation* (Erhan et al., 2009) starts from grey noise and
# changes the pixels along the gradient of one neuron, step by step, until the picture
# activates the neuron strongly. We do this for three emotions of a network that was
# trained on FER2013, and for happy once more from other noise.

# %%
network = fc.pocket_model("block3_pool", "multiply")
names = ["angry", "surprise", "happy", "happy"]
units = [fc.EMOTIONS.index(name) for name in names]
liked = activation_maximization.favourite_pictures(network, units)
fc.show(
    lesson06.favourites(liked, [*names[:-1], "happy again"]),
    "What activates the neurons of angry, surprise and happy most, and happy again.",
)
answers = fc.predict(network, liked)
happy_twice = scores.rank_correlation(liked[[2]], liked[[3]])[0]
print(f"happy: {answers[2, HAPPY]:.1f}; happy again: {answers[3, HAPPY]:.1f}")
likeness = "below 0.3" if happy_twice < 0.3 else "0.3 or more"
print("rank correlation of the two:", likeness)

# %% [markdown]
# There are hints: a grin for happy, round eyes for surprise. But another start gives
# another picture with as high a probability, so you may not conclude that this is the
# network's idea of happiness, or what it uses on photographs.
#
# <details><summary>What else is called attention?</summary>
#
# - **Place**: the paper's block has one gate per place, the same for all channels.
# - **Channel**: **SE**, *squeeze and excitation* (Hu et al., 2018). Two small dense
#   layers and a sigmoid turn the means of all channels into one gate per channel.
# - **Pair of places**: **self-attention** (Dosovitskiy et al., 2021, for images). Each
#   place compares its *query* (what it looks for) with the *keys* of all places (what
#   they offer) and receives the weighted mean of their *values* (what they pass on).
#   This moves features from place to place; a gate only scales what is already there.
#
# </details>
#
# ## Quiz
#
# **1.** A paper shows Grad-CAM maps of a VGG19 with 3 × 3 places, all bright around the
# mouth, and concludes that the network looks at the mouth. What would you ask?
#
# <details><summary>Answer</summary>
#
# Whether the pooling reads all nine places; whether the maps of other faces are bright
# there too, and that of an untrained network; what an earlier layer or another method
# shows. Each of the nine places depends on the whole face.
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
# **3.** A method passes the test with random weights. What do you know?
#
# <details><summary>Answer</summary>
#
# That its map depends on the network. You do not know whether it shows what mattered:
# Grad-CAM at our block 5 passes this test and misses evidence and mark.
#
# </details>
#
# ## Summary
#
# - Score a map before you trust it: against the truth where it is known, against other
#   faces' maps, and against baselines that know nothing.
# - Plant a mark and see whether the map finds it: occlusion and the gradients did on 34
#   to 40 of 40 faces.
# - A class activation map shows where features are, not which pixels they came from, so
#   name its block. At 48 pixels, five of block 5's nine places never reach the answer.
# - A map that stays the same when the weights are random says nothing about the network.
# - Most answers stay the same with another face's attention map, so in our network this
#   map explains little about one answer.
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
#   arXiv:1608.00507: the pointing game (15 pixels allowed in `ruthcfong/pointing_game`);
#   Petsiuk, Das and Saenko (2018), *RISE*, arXiv:1806.07421: deletion and insertion.
# - Erhan et al. (2009), *Visualizing Higher-Layer Features of a Deep Network*,
#   technical report 1341, Université de Montréal: activation maximisation.
# - Hu, Shen and Sun (2018), *Squeeze-and-Excitation Networks*, arXiv:1709.01507;
#   Dosovitskiy et al. (2021), *An Image is Worth 16x16 Words*, arXiv:2010.11929.
# - Adebayo et al. (2018), *Sanity Checks for Saliency Maps*, arXiv:1810.03292.
# - Jain and Wallace (2019), *Attention is not Explanation*, arXiv:1902.10186; Wiegreffe
#   and Pinter (2019), *Attention is not not Explanation*, arXiv:1908.04626.
# - tf-keras-vis 0.8.7, `keisen/tf-keras-vis`, MIT licence: gradients and class
#   activation maps.
#
# Next: [lesson 07](07_limits_and_responsibility.ipynb) asks what nobody should ever do
# with these networks.
