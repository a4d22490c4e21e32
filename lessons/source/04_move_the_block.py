# %% [markdown]
# # Move the attention block
#
# **The authors suspect that its place in the network was wrong: was it?**
#
# You need lesson [03](03_spatial_attention.ipynb): what the attention block computes, and what appending (`concat`) and multiplying do with its map.
#
# Afterwards you can
#
# - move the block through the network and say what changes at each place: the grid, what one place sees, the cost;
# - compute a receptive field;
# - compare two networks on the same faces, and say whether their difference means anything;
# - choose a position without fooling yourself;
# - say what is known, and what is not, about the authors' suspicion.

# %% [markdown]
# ## Set-up
#
# As always, the profile first.

# %% tags=["depends-on-profile"]
import fercourse as fc
from fercourse.lessons import lesson04

profile, data = fc.begin()

# %% [markdown]
# What this lesson compares are networks that were trained on FER2013 beforehand. So its numbers are the same under every profile: they come from stored runs.
#
# ## Guess first
#
# Where the paper discusses its results, it voices a suspicion. Its block stands after the fifth pooling layer, and the authors write that the "mechanism of the attention module and its location in the network architecture" may not have been suitable. Before you look at anything: where would *you* put it? Whoever guesses first learns more from the answer.

# %%
import ipywidgets

PLACES = ["after block 1", "after block 2", "after block 3", "after block 4", "after block 5", "nowhere"]
guess = ipywidgets.RadioButtons(options=["not decided yet", *PLACES], description="my guess")
guess

# %% [markdown]
# Your choice stays in `guess.value`, and the end of the lesson comes back to it.
#
# ## The panel
#
# Here is the network, and you can move the block. Every slider obeys the arrow keys too, once it has the focus. The panel shows, for the place you choose: the network with its shapes, a face with its map, the answer, and the accuracy on PublicTest beside that of all other places. Upload a picture of your own if you like; it stays in the memory of this kernel.

# %%
panel = fc.attention_panel()
panel

# %% [markdown]
# Move the position from block 4 towards block 1. Two things happen: the map gets finer, and the sentence at the lower right tells whether the accuracies differ by more than chance. The panel is no magic. Its sliders are objects with a `value`, and code can move them as you do.

# %%
panel.position.value = "block2_pool"
panel.combine.value = "multiply"
print(panel.variant)
panel.position.value, panel.combine.value = "block4_pool", "concat"

# %% [markdown]
# Each move goes through one function: it takes the state, asks the stored models, draws everything anew. Where a row says "not yet run", no such network has been trained on FER2013, nor any with another kernel than 7 × 7; the panel then offers to train one on practice faces, which takes less than two minutes and is another task.
#
# ## Two numbers for each place
#
# What does a place change before anything is trained? First the *grid*: how many places the map has. Second the *receptive field*: how much of the picture one place of the grid sees.

# %%
print("after         grid    a place of the features sees (pixels of 48)")
for place in fc.places(size=48):
    print(
        f"{place.after}   {place.grid:2} × {place.grid:<2}   {place.field_on_face:.0f} × {place.field_on_face:.0f}"
    )

# %% [markdown]
# At 48 pixels, the size of our pocket models, the grid shrinks to a single place. From block 3 on, a place in the middle sees the whole face, one at the edge more than half of its side. And a cell of the *map* sees further: the block's own window of 7 × 7 reaches three places to each side, so that from block 3 on every cell can depend on every pixel. Its little square says where its field is *centred*, not what it has seen. That is the first reason to distrust sharp words about coarse maps.
#
# The paper works at 224 pixels. The same numbers there:

# %%
for place in fc.places(size=224):
    share = place.field / 224
    print(f"{place.after}   {place.grid:3} × {place.grid:<3}  one place sees {share:4.0%} of the side")

# %% [markdown]
# The paper's block works on 7 × 7 places. The middle one sees the whole face, a corner one about two thirds of the side; with the block's 7 × 7 window, every cell of the map depends on the whole picture. Enlarging a face from 48 to 224 pixels makes the grid finer. It adds no detail to the picture.
#
# And what does the block cost at each place? We count multiplications, since parameters are always the same few.

# %%
from fercourse.models import pocket

_, plain_cost = fc.configuration_costs(fc.pocket_configuration())
for place in fc.places(size=48):
    _, cost = fc.configuration_costs(fc.pocket_configuration(place.after, "multiply"))
    print(f"{place.after}: {cost / plain_cost - 1:.2%} more multiplications")

# %% [markdown]
# A tenth of a percent at the first block, and less and less. The price is no reason for or against a place.
#
# ## Exercise 4.1: the side of the grid
#
# Write the side of the grid as a function of the size of the picture and the number of the block.
#
# <details><summary>Hint</summary>
#
# Each block ends with a pooling layer, which turns two places into one and drops a last odd one. In Python, `7 // 2` is 3.
#
# </details>


# %%
def grid_side(size, block):
    """How many places the grid has on one side, after that block (1 to 5)."""
    # BEGIN SOLUTION
    return size // 2**block
    # STUB
    # return ...  # your code here
    # END SOLUTION


# %% [markdown]
# The check tries several sizes and blocks.

# %%
lesson04.check_grid_side(grid_side)

# %% [markdown]
# How large would a picture have to be for a 7 × 7 map after block 3? Your function tells.
#
# ## Exercise 4.2: what one place sees
#
# Now the receptive field. Start with one pixel. A 3 × 3 convolution lets a place see one more neighbour on either side; a pooling layer, one more on one side. How far apart two neighbours of the grid lie in the picture is the *step*: 1 in the beginning, and doubled behind every pooling layer.
#
# <details><summary>Hint</summary>
#
# Go through the layers in order with two numbers, `field` and `step`. By how many steps does each kind of layer widen the field, and which kind changes the step, before or after? The blocks have 2, 2, 4, 4 and 4 convolutions.
#
# </details>


# %%
def receptive_field(block):
    """The side of what one place sees after that block, in pixels of the network's input."""
    # BEGIN SOLUTION
    field, step = 1, 1
    for convolutions in (2, 2, 4, 4, 4)[:block]:
        field += 2 * convolutions * step + step
        step *= 2
    return field
    # STUB
    # return ...  # your code here
    # END SOLUTION


# %% [markdown]
# The check knows the usual slips, such as doubling the step too early.

# %%
lesson04.check_receptive_field(receptive_field)

# %% [markdown]
# The result does not depend on the size of the picture: a convolution counts pixels, not parts of a face.
#
# ## What a grid can show
#
# Suppose a map were perfect. What could it point at? We average one practice face over the cells of each grid: this is all the detail that a map of that grid can tell apart.

# %%
import numpy as np

face = fc.practice_faces(count=6, seed=2).faces.images[0]
grids = [24, 12, 6, 3, 1]
averaged = [face.reshape(n, 48 // n, n, 48 // n).mean(axis=(1, 3)) for n in grids]
shown = [np.kron(cells, np.ones((48 // n, 48 // n))) for cells, n in zip(averaged, grids)]
titles = [f"after block {block}: {n} × {n}" for block, n in enumerate(grids, start=1)]
fc.show(
    fc.face_grid(np.stack(shown), titles, columns=5, side=1.5),
    "One drawn face averaged over 24, 12, 6, 3 and 1 squares a side: eyes and mouth vanish from the third on.",
)

# %% [markdown]
# After block 1 the eyes can be told from the brows. From block 3 on, a cell holds an eye, the brow above it and part of the nose. A map there can say "upper left", not "the eye".
#
# ## What was measured
#
# Now the accuracies. Each network has the same width, recipe and seed and differs only in the block. The figure shows PublicTest, on which choices may be made.

# %%
runs = {variant.label: run for variant, run in lesson04.Knowledge.of_the_course().runs.items()}
public = {name: fc.evaluate(run.single["public"]) for name, run in runs.items()}
lines = {name: (found.accuracy, found.low, found.high) for name, found in public.items()}
low, high = (
    min(found.accuracy for found in public.values()),
    max(found.accuracy for found in public.values()),
)
fc.show(
    fc.accuracy_intervals(lines),
    f"PublicTest accuracy of {len(lines)} networks, from {low:.1f} to {high:.1f} percent, with intervals.",
)

# %% [markdown]
# Look at the lines, not at the dots. Each line is where the true accuracy of this one trained network may lie, given that it was tested on 3,589 faces. Where lines overlap for most of their length, the order of the dots says little. And all are a little too high, since for each network the best epoch was chosen on these very faces.
#
# ## Exercise 4.3: the faces that decide
#
# Two networks tested on the *same* faces can be compared more sharply than by two intervals. Most faces both get right or both get wrong; these say nothing about a difference. What counts are the faces that only one of them gets right.
#
# <details><summary>Hint</summary>
#
# Two arrays of True and False can be combined with `&`, and turned round with `~`.
#
# </details>


# %%
def only_one_right(first, second):
    """How many faces only the first, and how many only the second model gets right."""
    # BEGIN SOLUTION
    return (first & ~second).sum(), (second & ~first).sum()
    # STUB
    # return ...  # your code here
    # END SOLUTION


# %% [markdown]
# Two numbers, the first model's first.

# %%
lesson04.check_only_one_right(only_one_right)

# %% [markdown]
# The library has the same in `mcnemar`, as in lesson 03, together with a probability: how often would coins, one for each of these faces, fall at least so unevenly? We compare every network with the one that has no attention at all.

# %%
plain = runs["no block"].single["public"].correct
print("against no block        only plain  only this    p")
for name, run in runs.items():
    paired = fc.mcnemar(plain, run.single["public"].correct)
    if name != "no block":
        print(f"{name:<22}{paired.only_first:12}{paired.only_second:11}{paired.p_value:8.2f}")

# %% [markdown]
# A small p would mean that chance alone hardly explains the difference *between these two trained networks*. Read the column with two warnings. With several rows, one of them falls below 0.05 by chance more often than it seems: for ten rows, Holm's correction asks for 0.005 in the first place. And another seed gives another network; lesson 03 showed how far seeds alone move an accuracy.
#
# ## Exercise 4.4: choose a position
#
# Suppose you must choose one position and report its accuracy. You are given the accuracies of all positions on PublicTest and on PrivateTest. Write the choice as a function that returns the name of a position.
#
# <details><summary>Hint</summary>
#
# Which of the two tables will you report from? The other one is for choosing. `max` takes a `key`.
#
# </details>


# %%
def choose_position(public, private):
    """The name of the position to choose; both arguments are {name: accuracy}."""
    # BEGIN SOLUTION
    return max(public, key=public.get)
    # STUB
    # return ...  # your code here
    # END SOLUTION


# %% [markdown]
# The check looks at what your choice depends on.

# %%
lesson04.check_choose_position(choose_position)

# %% [markdown]
# Now do as the protocol says: choose on PublicTest, then look at PrivateTest for the chosen network once.

# %%
best = max(public, key=lambda name: public[name].accuracy)
private = {name: fc.evaluate(run.single["private"]) for name, run in runs.items()}
found = private[best]
print(f"chosen on PublicTest: {best}")
print(f"PrivateTest: {found.accuracy:.1f} %, interval {found.low:.1f} to {found.high:.1f} %")

# %% [markdown]
# This is the number to report. How tempting would the other way have been? We look at what it would have brought to choose on PrivateTest itself.

# %%
lucky = max(private, key=lambda name: private[name].accuracy)
gain = private[lucky].accuracy - private[best].accuracy
print(f"highest on PrivateTest: {lucky}, {gain:.1f} points above the honest choice")

# %% [markdown]
# Where this is zero, both halves happen to agree. Where it is not, it would have been reported as progress, and is only the reward for looking twice. Several numbers of the literature were chosen so; lesson 05 names them.
#
# ## Does the map know where the expression is?
#
# Accuracy is one thing, the map another. Practice faces come with the truth: the pixels that the expression changes. As in lesson 03 we measure which share of a map's mass lies on this evidence, for the face's own map and for the maps of other faces.

# %%


drawn = fc.practice_faces(count=320, seed=7, proportions="uniform")
some = drawn.evidence.any(axis=(1, 2))  # not the neutral ones
images, evidence = drawn.faces.images[some], drawn.evidence[some]
print(f"the same everywhere: {evidence.mean():.1%}")
print("                    own face   other faces   difference, 95 % interval")
for variant in [variant for variant in pocket.VARIANTS if pocket.is_shipped(variant) and variant.after]:
    maps = fc.attention_maps(fc.pocket_model(variant.after, variant.combine), images)
    own, others = fc.own_and_others(fc.shares_on_evidence(next(iter(maps.values())), evidence))
    low, high = fc.mean_interval(100 * (own - others))
    print(f"{variant.label:<18}{own.mean():8.1%}{others.mean():12.1%}{low:12.2f} to {high:z.2f}")

# %% [markdown]
# The first line is chance by area. If a block looked at *this* face's expression, the interval in the last column would lie clearly above zero, in points: for the evidence itself lesson 03 found about fourteen. A map that favours the middle of every picture beats the area and scores the same in both columns, for faces are centred. These networks were trained on photographs, so little is to be expected here; and a difference below a point is small, whatever its interval says.
#
# ## So, was the suspicion right?
#
# Let the runs answer, as far as they go.

# %%
accuracies = [found.accuracy for found in public.values()]
spread = max(accuracies) - min(accuracies)
half_interval = max(found.high - found.low for found in public.values()) / 2
print(f"{len(runs)} networks were trained; their PublicTest accuracies lie {spread:.1f} points apart.")
print(f"The interval of each is ± {half_interval:.1f} points.")
print("Variants without a run yet:", sum(variant.label not in runs for variant in pocket.VARIANTS))
print("My guess was:", guess.value)

# %% [markdown]
# For pocket networks at 48 pixels, with one seed each, that is what can be said. Where the differences are no larger than the intervals, nobody can claim that a place is better, and Holm's correction for as many rows as the table above has decides whether a p counts. This is not the paper's network: at 224 pixels and full width the answer may be different, and the commands that would tell are listed in [the queue of runs](../data/results/QUEUE.md).
#
# One thing follows from how these networks are built. With `concat`, the map is averaged down to the last grid and appended in front of the head, wherever the block stands. At 48 pixels that is one single number. So the `concat` rows can hardly differ by place, and say little about the authors' suspicion. If the location matters, look at the `multiply` rows first.
#
# ## Quiz
#
# **1.** On the paper's 7 × 7 grid a cell over the mouth is bright. Has the network looked at the mouth?
#
# <details><summary>Answer</summary>
#
# One cannot tell. Convolutions and the block's 7 × 7 window together let that cell see the whole picture, so anything in the face may have made it bright. The cell says where its field is centred.
#
# </details>
#
# **2.** Two networks have 64.3 and 64.5 %, with intervals of ± 1.6. Could they still differ significantly on the same faces?
#
# <details><summary>Answer</summary>
#
# In principle: a paired test looks at the faces on which only one is right, and if one network were right on a few more and never wrong where the other is right, even a small difference would be clear. In practice two networks disagree on many faces, both ways, and then it is not.
#
# </details>
#
# **3.** Why is the position chosen on PublicTest although PrivateTest is what is reported?
#
# <details><summary>Answer</summary>
#
# Because the largest of several accuracies is partly luck. Choosing and reporting on the same faces reports that luck too. On other faces it does not come back.
#
# </details>
#
# **4.** Somebody repeats one comparison of this lesson with another seed, and the order turns round. Which of the two results is wrong?
#
# <details><summary>Answer</summary>
#
# Neither. Both are single draws. It shows that the seed moves accuracy as much as the position does, so that several seeds are needed for a claim about positions.
#
# </details>
#
# ## Summary
#
# - Moving the block changes the grid, the receptive field and the cost; the cost is negligible everywhere.
# - A cell of a late map is centred on a place, and depends on the whole face.
# - Compare networks on the same faces, correct for the number of comparisons, choose on PublicTest.
# - With small networks and one seed each, what is known about the location is what the table above says, and no more.
#
# ## References
#
# - Nguyen and Nguyen (2021), *A Visual Attention Based VGG19 Network for Facial Expression Recognition*, sections III and IV.
# - Woo et al. (2018), *CBAM: Convolutional Block Attention Module*, arXiv:1807.06521: the block, multiplied, in every stage.
# - Araujo, Norris and Sim (2019), *Computing Receptive Fields of Convolutional Neural Networks*, Distill.
# - McNemar (1947), *Note on the sampling error of the difference between correlated proportions or percentages*, Psychometrika 12.
#
# Next: [lesson 05](05_table3_measured.ipynb) puts all systems of the paper's Table III under one protocol, and asks how sure one can be.
