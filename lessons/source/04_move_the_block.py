# %% [markdown]
# # Move the attention block
#
# **The paper's authors suspect that their attention block may be at the wrong position.
# Is it?**
#
# You need lesson [03](03_spatial_attention.ipynb): what the attention block computes,
# and what `concat` (appending its map) and `multiply` do.
#
# Afterwards you can
#
# - move the block through the network and say what changes at each position: the grid,
#   the receptive field, the cost;
# - compute a receptive field;
# - compare two networks on the same faces and decide whether their difference means
#   anything;
# - choose a position without fooling yourself;
# - say what is known about the authors' suspicion, and what is not.

# %% [markdown]
# ## Why would anyone move it?
#
# Nguyen and Nguyen (2021), the paper of this course, added an attention block to VGG19,
# a network of five blocks of convolutions. They doubt their own design: the "mechanism
# of the attention module and its location in the network architecture", they write, may
# not have been suitable. The picture at the top shows the maps of one face, with the
# attention block after block 1, 2, … 5, and why a better position could exist. Early in
# the network, the map is fine, but the pixels that can influence the features of a cell
# are few: enough for an edge, not for a smile. Late in the network, they cover the
# whole face, but the map is coarse: one cell at our 48 pixels, 7 × 7 at the paper's
# 224. The paper chose the latest position, after block 5. Perhaps there is a better
# compromise.
#
# **What would convince you?** Not just a higher accuracy: of several networks, one is
# always the highest, even if they are equally good. Differences that could reverse with
# other faces or another seed are called *noise*, and a better position must win by
# more.
#
# **What can we compare?** With faces of 48 pixels, blocks 1 to 4 with each other and
# with a network without the attention block. After block 5, the map would be a single
# cell, so for that position we enlarge the faces to 96 pixels, and compare it only with
# no block at 96 pixels. We have no comparison of block 5 with block 4.
#
# Make a guess first: where would *you* put the block?

# %%
import fercourse as fc
from fercourse.lessons import lesson04

guess = fc.Guess(*(f"after block {number}" for number in range(1, 6)), "nowhere")
guess

# %% [markdown]
# At the end, we compare it with what was measured.
#
# ## Set-up
#
# This lesson compares *pocket networks*: VGG19 with a quarter of the channels, for
# faces of 48 pixels. They were trained on FER2013 beforehand and their answers are
# stored, so your numbers will be the same.

# %% tags=["depends-on-profile"]
profile, data = fc.begin()

# %% [markdown]
# ## Move it
#
# This panel moves the block. Click on a position in the list, then use the arrow keys.
# The accuracies stay hidden until a later section needs them. You may upload a picture
# of your own; it stays in this kernel's memory.
#
# One caution: with `concat`, these networks average the map down to the last grid. At
# 48 pixels, that is a single number, wherever the block is, so the position can hardly
# matter. These networks have another use: they are our *controls*, which show how large
# a difference noise alone can make. With `multiply`, the position changes which
# features are scaled, and how finely.

# %%
panel = fc.attention_panel(accuracies=False)
panel

# %% [markdown]
# **Try this.** Move the position from block 4 towards block 1, and watch the map get
# finer. Then do the same with `multiply`: how do its maps differ? Below the network is
# its cost: even after block 1, the block adds only 0.1 % to the multiplications, so
# the cost decides nothing.
#
# These networks were trained on photographs but get drawings; many answers are wrong.
# Two networks with the block after block 3 were trained on drawn faces; choose them
# under *trained on*. In a drawing we know which pixels the expression changes. A white
# line encloses them, and the panel says how much of the map's total is inside the line,
# and how much of the area.
#
# **A question.** Take these two networks and go through the six surprised faces. With
# which of the two, `concat` or `multiply`, does the map favour the pixels that the
# expression changes?
#
# <details><summary>Answer</summary>
#
# With `multiply`, though only just: the line encloses the same share of the map's total
# as of the area, or slightly more. With `concat`, the share of the map is smaller on
# every one of the six faces.
#
# </details>
#
# Where there is no network for drawn faces yet, the panel offers to train one in a few
# minutes; its accuracy cannot be compared with that on photographs.
#
# ### One face, ten networks
#
# Here are the maps of all networks with a block for one drawn face. Below each is the
# network's answer, green if it is right.

# %% tags=["title-picture"]
maps = lesson04.MapsPanel(panel.known)
maps

# %% [markdown]
# With `multiply`, the maps are near 1 almost everywhere after the first three blocks:
# these networks let nearly everything pass.
#
# **Try this.** Choose other faces. Which maps change with the face, and which hardly?
#
# <details><summary>Answer</summary>
#
# After block 1, the `concat` map follows the face. From block 2 on, each network's map
# is high at much the same places for every face. (At 96 pixels, the `concat` map as a
# whole gets brighter or darker with the face.)
#
# </details>
#
# So the maps do change with the position. Do the answers get better?
#
# ## What does a position change?
#
# Before any training, the position determines two things. The first is the *grid*: how
# many cells the map has. The second is the size of the *receptive field*, or *field*:
# the square of pixels that can influence the features of one cell. Compute both; then
# we draw them.
#
# ### ✏️ Exercise 4.1: the side of the grid
#
# Write a function that computes the side of the grid from the size of the image and the
# number of the block.
#
# <details><summary>Hint</summary>
#
# Each block ends with a pooling layer, which turns two cells into one and drops an odd
# one at the end. In Python, `7 // 2` is 3.
#
# </details>


# %%
def grid_side(size, block):
    """How many cells the grid has on one side, after that block (1 to 5)."""
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
# ### ✏️ Exercise 4.2: the receptive field
#
# Now compute the field. It starts at one pixel. A 3 × 3 convolution adds one neighbour
# on either side, and a pooling layer adds one neighbour on one side. The *step* is the
# distance in pixels between neighbours of the current grid: 1 at the start, and doubled
# by every pooling layer. (VGG19's blocks have 2, 2, 4, 4 and 4 convolutions, each block
# then one pooling layer. After block 1, the field is 6.)
#
# <details><summary>Hint</summary>
#
# Go through the layers in order and keep two numbers, `field` and `step`. By how many
# steps does each kind of layer widen the field? Does pooling double the step before or
# after it widens the field?
#
# </details>


# %%
def receptive_field(block):
    """Side of a cell's receptive field after that block, in pixels of the input."""
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
# The check recognises common mistakes.

# %%
lesson04.check_receptive_field(receptive_field)

# %% [markdown]
# ### Fine maps, small fields
#
# What can a map show, and what can the features of a cell see?

# %%
face = fc.practice_faces(count=6, seed=2).faces.images[0]
fc.show(*lesson04.trade_off(face))

# %% [markdown]
# In the upper row, the face is averaged over the cells of each grid at 48 pixels. That
# is all the detail that even a perfect map could show. After block 1, eyes and brows
# are still apart; after block 3, a cell is as large as an eye; after block 4, a map can
# say "upper middle" but not "the eye".
#
# In the lower row, the field of one cell is blue. After block 2 it holds an eye and the
# nose; after block 3 it is larger than the face (and off centre, because a grid of
# 6 × 6 has no middle cell). A cell of the *map* depends on more (orange), because the
# block's own 7 × 7 window adds three cells on each side. After block 2, that is nearly
# the whole face. So an early map can be fine and yet depend on most of the expression;
# it is the features that it scales that see little.
#
# ### Watch it grow
#
# The panel walks through VGG19's convolutions and pooling layers, one by one. On the
# left, the small black square is one cell of the current grid, the blue one its field;
# on the right, the title shows what the last layer added.
#
# **Try this.** Click into `layers` and press the arrow up key. The curve becomes
# steeper after each grey line. Why?
#
# **A question.** After how many layers is the field as large as the face for the first
# time? And if the face is enlarged to 224 pixels?

# %%
lesson04.FieldPanel(face)

# %% [markdown]
# <details><summary>Answers</summary>
#
# Each pooling layer doubles the step, so each convolution after it adds twice as many
# pixels. At 48 pixels, the field is as large as the face after 10 of the 21 layers, at
# the end of block 3's convolutions. At 224 pixels, that takes 20 layers. Of the five
# positions, only the paper's comes later.
#
# </details>
#
# ### At the paper's size
#
# The paper works at 224 pixels, and there the numbers are these:

# %%
table = [["after", "grid", "field (% of side)"]]
for number, place in enumerate(fc.places(size=224), 1):
    share = f"{100 * place.field / 224:.0f}"
    table.append([f"block {number}", f"{place.grid} × {place.grid}", share])
fc.show_table(table)

# %% [markdown]
# The paper's block works on 7 × 7 cells. The field of the middle cell covers the
# whole image, and with the block's 7 × 7 window, every cell of the map depends on all
# of it. Enlarging a face from 48 to 224 pixels makes the grid finer, but it adds no
# detail.
#
# ## Which position is most accurate?
#
# Nine networks saw faces of 48 pixels: one without a block, and for each of the four
# positions one that multiplies by its map and one control. All have the same width,
# recipe and seed. We begin with PublicTest, one half of the test data.
#
# ### How large is the noise?
#
# Here is a test for your eyes. One of the six panels shows the nine accuracies that we
# measured, in random order. In each of the other five, we shuffled the nine answers
# to every face among the networks, so that every "network" is a random mixture of all
# nine. In these, neither block nor position can matter. Which panel is the real one?

# %%
import numpy as np

from fercourse.models import pocket

stored = lesson04.Knowledge.of_the_course().runs
nine = {variant.label: stored[variant] for variant in pocket.VARIANTS}
correct = np.array([run.single["public"].correct for run in nine.values()])
fc.show(*lesson04.lineup(correct))
suspect = fc.Guess(*"ABCDEF")
suspect

# %% [markdown]
# To put a number on it, we take the distance between the best and the worst accuracy,
# and shuffle 500 times.

# %%
print(suspect.reply(lesson04.REAL))
measured, spans = lesson04.spans(correct)
fc.show(*lesson04.span_histogram(spans, measured))

# %% [markdown]
# The distance is an ordinary one: the accuracies look just as they would if neither the
# block nor its position mattered. But only a distance above the dashed line would have
# been unusual: a position that is truly one point better could hide below it.
#
# ### Controls and candidates
#
# Now with their names. The controls are grey, and the five *candidates*, the networks
# that can answer our question, are above them.

# %%
public = {name: fc.evaluate(run.single["public"]) for name, run in nine.items()}
lines = {name: (one.accuracy, one.low, one.high) for name, one in public.items()}
controls = [name for name in nine if "concat" in name]
candidates = [name for name in nine if name not in controls]
fc.show(*lesson04.intervals_around(lines, "no block", controls))
p_apart = {}
table = [["networks", "best − worst", "shuffles at least as far apart"]]
for title, names in {"controls": controls, "candidates": candidates}.items():
    own, spans = lesson04.spans(correct[[name in names for name in nine]])
    p_apart[title] = np.mean(spans >= own)
    table.append([title, f"{own:.1f} points", f"{100 * p_apart[title]:.0f} %"])
fc.show_table(table)

# %% [markdown]
# Each line is a 95 % interval for the accuracy of one trained network, tested on 3,589
# faces. The grey band continues the interval of the network without a block. (All
# accuracies are slightly too high, because each network's best epoch was chosen on
# these faces.)
#
# **The controls differ more than the candidates do**, although their position can
# hardly matter. So the differences between the candidates need no other explanation
# than noise.
#
# ### ✏️ Exercise 4.3: the faces that decide
#
# Lesson 03's sharper tool, McNemar's test, compared two networks face by face. Most
# faces are answered correctly by both or wrongly by both; the informative ones are
# those that exactly one of the two gets right. Now count them yourself. `first` and
# `second` are arrays of True and False: whether each network got each face right.
# Return two counts: the faces that only the first gets right, and those that only the
# second does.
#
# <details><summary>Hint</summary>
#
# Arrays of True and False can be combined with `&` and negated with `~`.
#
# </details>


# %%
def only_one_right(first, second):
    """How many faces only the first, and how many only the second gets right."""
    # BEGIN SOLUTION
    return (first & ~second).sum(), (second & ~first).sum()
    # STUB
    # return ...  # your code here
    # END SOLUTION


# %% [markdown]
# The check knows common mistakes here, too.

# %%
lesson04.check_only_one_right(only_one_right)

# %% [markdown]
# ### Every network against the one without attention
#
# `fc.mcnemar` returns the same two counts with a p-value: the probability that fair
# coins, one for each of these faces, would split at least this unevenly. Each row
# compares one network with the one that has no block.

# %%
pairs = {
    name: fc.mcnemar(nine["no block"].single["public"].correct, answers)
    for name, answers in zip(nine, correct)
    if name != "no block"
}
fc.show(*fc.duels({name: pairs[name] for name in candidates[1:] + controls}))

# %% [markdown]
# A small p-value would mean that chance alone is an unlikely explanation for the
# difference *between these two trained networks*. There is none in this figure. If
# there were, three warnings would apply. First, the more comparisons you make, the
# likelier it is that one falls below 0.05 by chance. The *Bonferroni correction*
# divides the limit by their number: 0.05/8, or about 0.006. Second, each network's best
# epoch was chosen on these very faces. Third, another seed gives another network, and
# lesson 03 showed how much seeds alone change an accuracy.
#
# **Try this.** Go back to the panel in the section *Move it* and click on *show the
# accuracies*. The box "What this means" then compares each network with the one you
# looked at before. On photographs at 48 pixels, do you find a difference that is more
# than chance?
#
# <details><summary>Answer</summary>
#
# There is none.
#
# </details>
#
# ## How do you choose without fooling yourself?
#
# Suppose that the five candidates are equally good, and you choose the one with the
# highest accuracy. If you report it on the faces you used to choose, how much too high
# is it on average?

# %%
peek = fc.Guess("0.1 points", "0.5 points", "1.0 points", "2.0 points")
peek

# %% [markdown]
# And if you report it on the other half of the test data? You will compute both.
#
# ### ✏️ Exercise 4.4: the reward for peeking
#
# Each row of `choose` holds the accuracies of all networks on one half of the test
# data, and the same row of `report` those on the other half. In each row, choose the
# network that is highest in `choose`, and look up its accuracy in `report`. By how many
# points is this accuracy, averaged over the rows, above the average of all of `report`?
#
# <details><summary>Hint</summary>
#
# `choose.argmax(axis=1)` has one column number for each row. To pick one number from
# each row, index with two arrays: `report[np.arange(len(report)), columns]`.
#
# </details>


# %%
def reward(choose, report):
    """Points above the average; both arguments are (rows, networks)."""
    # BEGIN SOLUTION
    chosen = choose.argmax(axis=1)
    return report[np.arange(len(report)), chosen].mean() - report.mean()
    # STUB
    # return ...  # your code here
    # END SOLUTION


# %% [markdown]
# The check uses made-up accuracies.

# %%
lesson04.check_reward(reward)

# %% [markdown]
# We try both with the candidates' own answers, shuffled among them as before, which
# makes all five equally good. (Each row is one of 500 shuffles.)

# %%
halves = [
    lesson04.equally_good(
        np.array([nine[name].single[half].correct for name in candidates])
    )
    for half in ("public", "private")
]
own_reward = lesson04.yours(lesson04.check_reward, reward, lesson04.reward)
for name, choose in zip(("PublicTest", "PrivateTest itself"), halves):
    points = own_reward(choose, halves[1])
    print(f"reported on PrivateTest, chosen on {name}: {points:+.1f} points")
print(peek.reply(f"{points:.1f} points"))

# %% [markdown]
# ### Choose once, then report
#
# So the protocol is: choose on PublicTest, then look at PrivateTest for the chosen
# network alone.

# %%
best = max(candidates, key=lambda name: public[name].accuracy)
result = fc.evaluate(nine[best].single["private"])
print(f"chosen on PublicTest: {best}")
print(f"PrivateTest: {result.accuracy:.1f} %")
print(f"interval: {result.low:.1f} to {result.high:.1f} %")

# %% [markdown]
# The protocol chooses none of the four positions, and this is the number to report.
# Each line of the next figure joins the two accuracies of one candidate. What would we
# have reported if we had peeked?

# %%
private = {name: fc.evaluate(nine[name].single["private"]) for name in candidates}
accuracies = [
    {name: half[name].accuracy for name in candidates} for half in (public, private)
]
fc.show(*lesson04.two_halves(*accuracies))
lucky = max(candidates, key=accuracies[1].get)
answers = (nine[name].single["private"].correct for name in (best, lucky))
peeked = fc.mcnemar(*answers)
gain = accuracies[1][lucky] - accuracies[1][best]
print(f"{lucky}: {gain:.1f} points above {best}, p = {peeked.p_value:.2f}")
on_private = np.array([nine[name].single["private"].correct for name in candidates])
apart, spans = lesson04.spans(on_private)
share = 100 * np.mean(spans >= apart)
print(f"shuffles with best − worst of {apart:.1f} or more: {share:.0f} %")

# %% [markdown]
# The network that is last on PublicTest is first on PrivateTest, and the other way
# round. By peeking, we could have reported that block 4 is the right position, by more
# than a point and with p below 0.05. But that p belongs to a pair that we picked after
# looking. Five equally good networks are as far apart in about one shuffle in five, and
# PublicTest says the opposite. (All lines rise, although PublicTest flatters:
# PrivateTest seems to be easier. So compare networks within one half only.)
#
# ## The paper's own position
#
# And the position that the authors doubt? For block 5, we enlarged the faces to 96
# pixels, which makes the grid 3 × 3. At this size `concat` appends nine numbers, so it
# is no longer a control. Compare these three networks only with each other.

# %%
right = {
    variant.label.removesuffix(", 96 px"): stored[variant].single["public"].correct
    for variant in pocket.LARGER_VARIANTS
}
for name, answers in right.items():
    print(f"{name}: {answers.mean():.1%} right")
plain = right.pop("no block")
pairs_at_96 = {name: fc.mcnemar(plain, answers) for name, answers in right.items()}
fc.show(*fc.duels(pairs_at_96, places=3))

# %% [markdown]
# The epochs were chosen on these faces, too. So we test the better of the two networks
# with a block on PrivateTest.

# %%
chosen = max(right, key=lambda name: right[name].mean())
private_right = {
    variant.label.removesuffix(", 96 px"): stored[variant].single["private"].correct
    for variant in pocket.LARGER_VARIANTS
}
at_block5 = fc.mcnemar(private_right["no block"], private_right[chosen])
lead = 100 * (private_right[chosen].mean() - private_right["no block"].mean())
print(f"{chosen}, on PrivateTest: {lead:.1f} points ahead")
print(f"only without {at_block5.only_first}, only with it {at_block5.only_second}")
print(f"p = {at_block5.p_value:.3f}")

# %% [markdown]
# This comparison is fair as far as the faces are concerned: PublicTest chose the
# network, and PrivateTest judged it. A lucky seed could still explain the difference:
# each of these two networks is a single draw.
#
# ## So, was the suspicion right?
#
# Two tests bear on the question. The first, on PublicTest, is about the position: p is
# the share of shuffles in which the five candidates are at least as far apart as
# measured. The second, on PrivateTest, asks whether the block helps, not where.

# %%
tests = {
    "48 pixels: do the five candidates differ?": p_apart["candidates"],
    f"96 pixels: is {chosen} ahead of no block?": at_block5.p_value,
}
table = [["question", "p"], *([name, f"{p:.2g}"] for name, p in tests.items())]
fc.show_table(table)
print("Your guess:", guess.value)
name = guess.value.removeprefix("after ") + ", multiply"
if paired := (pairs | pairs_at_96).get(name):
    points = 100 * (paired.only_second - paired.only_first) / correct.shape[1]
    against = f"{points:+.1f} points against no block, p = {paired.p_value:.2f}"
    print(f"{name}, on PublicTest: {against}")
elif guess.value == "nowhere":
    print(f"PublicTest chose, at 48 pixels: {best}")

# %% [markdown]
# **At 48 pixels, no position stands out from the noise.** On PublicTest, the controls
# differ more than the candidates, and the protocol chose no block at all. A difference
# of a point could still be hidden.
#
# **At 96 pixels, there is a hint that the block helps where its authors put it**, with
# its map appended, as in the paper. Multiplied, the map made no difference that
# PublicTest could show. Bonferroni's limit for two tests is 0.025, and p is below it.
# But both answers were known when we decided which tests to count. If we counted every
# test of this lesson, more than ten, the limit would be below 0.005. One seed each
# cannot tell whether the block or the seed made the difference.
#
# **Whether block 5 is the wrong position remains open**, because we have no pair of
# networks that differ only in this.
#
# What would settle it? All five positions at 96 pixels, with several seeds each, their
# number fixed in advance. Then see whether the interval of the mean difference excludes
# zero. The [queue of runs](../data/results/QUEUE.md) lists the commands. The paper's own
# network, at full width and 224 pixels, may still give another answer.
#
# ## Quiz
#
# **1.** On the paper's 7 × 7 grid, a cell over the mouth is bright. Did the network use
# the mouth?
#
# <details><summary>Answer</summary>
#
# We cannot know. Through the convolutions and the block's 7 × 7 window, this cell
# depends on the whole image, so anything in the face may have made it bright. Its
# position shows only where its field is centred.
#
# </details>
#
# **2.** Two networks have accuracies of 64.3 and 64.5 %, with intervals of ± 1.6. Could
# they still differ significantly on the same faces?
#
# <details><summary>Answer</summary>
#
# In principle, yes: if the faces that exactly one of the two gets right were few, and
# nearly all in favour of one network. In practice two networks disagree on many faces
# in both directions.
#
# </details>
#
# **3.** Why is the position chosen on PublicTest, although the accuracy on PrivateTest
# is reported?
#
# <details><summary>Answer</summary>
#
# The largest of several accuracies is partly luck. If you choose and report on the same
# faces, you report this luck as well. It does not carry over to other faces.
#
# </details>
#
# **4.** Somebody repeats one comparison of this lesson with another seed, and the order
# of the two networks is reversed. Which of the two results is wrong?
#
# <details><summary>Answer</summary>
#
# Neither: each is one draw. The reversal shows that a different seed can outweigh this
# difference, not that it is zero. To find out, train both networks with several seeds
# and compare their means.
#
# </details>
#
# ## Summary
#
# - Moving the block changes the grid and the receptive field. The cost is negligible
#   everywhere.
# - A cell of a late map is centred on one spot but depends on the whole face.
# - Compare networks on the same faces, take the number of comparisons into account, and
#   never report on the faces you used to choose.
# - Controls, networks that can hardly differ for the reason you study, show how large
#   noise is. On PublicTest, they differ more than the candidates do.
# - With pocket networks and one seed each, no position after blocks 1 to 4 is
#   measurably better than another or than no block. At 96 pixels, the network with the
#   block as in the paper, after block 5 and appended, was ahead of the one without: a
#   hint, from one seed each. Whether an earlier position is better than the paper's is
#   open.
#
# ## References
#
# - Nguyen and Nguyen (2021), *A Visual Attention Based VGG19 Network for Facial
#   Expression Recognition*, sections III and IV.
# - Woo et al. (2018), *CBAM: Convolutional Block Attention Module*, arXiv:1807.06521:
#   the block, multiplied, in every stage.
# - Araujo, Norris and Sim (2019), *Computing Receptive Fields of Convolutional Neural
#   Networks*, Distill.
# - McNemar (1947), *Note on the sampling error of the difference between correlated
#   proportions or percentages*, Psychometrika 12.
#
# Next: [lesson 05](05_table3_measured.ipynb) puts all systems of the paper's Table III
# under one protocol and asks how sure we can be.
