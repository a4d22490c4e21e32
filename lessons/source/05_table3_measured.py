# %% [markdown]
# # Table III, measured
#
# **Which system is better, and how sure can we be?** Above is the paper's Table III;
# the numbers in brackets are its references. The last row is the paper's own network,
# and it leads by 0.07 points. Here you find out what such a lead is worth.
#
# You need Wilson's interval (lesson [01](01_explore_fer2013.ipynb)) and McNemar's test
# of two networks on the same faces (lesson [03](03_spatial_attention.ipynb)).
#
# Afterwards you can
#
# - check a printed percentage by arithmetic, and trace it to its source;
# - decide which rows of a results table differ by more than the luck of the test faces,
#   from its numbers alone and from the answers to every face;
# - correct for comparing many pairs, and say how certain a ranking is;
# - measure what leaked faces add to an accuracy;
# - add a row of your own without fooling anybody.
#
# ## What do you expect?
#
# The paper calls its accuracy "slightly higher than the state-of-the-art method",
# without saying which faces were used. FER2013 has two test halves of 3,589 faces each,
# PublicTest and PrivateTest. For now, assume that every row was measured on one of
# them.
#
# Guess: from the seven numbers alone, how many of the last row's six leads are larger
# than the luck of the test faces could explain?

# %%
import fercourse as fc

guess = fc.Guess("0", "1", "2", "3", "4", "5", "6")
guess

# %% [markdown]
# The answer comes under *The last row against the others*.
#
# ## Set-up
#
# Your profile's faces are used only at the end. Everything else comes from the paper or
# from stored runs on FER2013.

# %% tags=["depends-on-profile"]
from fercourse.lessons import lesson05

profile, data = fc.begin()

# %% [markdown]
# ## Which percentages are possible?
#
# An accuracy is a fraction, right answers over faces, so not every percentage can
# occur. Which counts of 3,589 faces give the percentages of this table?

# %% tags=["title-picture"]
fc.show(*lesson05.printed_rows())

# %% [markdown]
# ### ✏️ Exercise 5.1: which counts give this percentage?
#
# Write a function that returns a list of all counts of right answers that are printed
# as a given percentage with a given number of decimals. The list is empty if there is
# none. Round or cut off, as you like, but treat every count the same way.
#
# <details><summary>Hint</summary>
#
# Try every count from 0 to all faces, and keep those whose *printed* percentage is the
# given one. `round(number, decimals)` helps.
#
# </details>


# %%
def counts_for(percent, count, decimals):
    """Every number of right answers of `count` that is printed as this percentage."""
    # BEGIN SOLUTION
    return [
        right
        for right in range(count + 1)
        if round(100 * right / count, decimals) == percent
    ]
    # STUB
    # return ...  # your code here
    # END SOLUTION


# %% [markdown]
# The check uses rows of the paper and small numbers of faces.

# %%
lesson05.check_counts_for(counts_for)

# %% [markdown]
# ### Every row, tested
#
# Each line below is a percentage that some count of right answers gives. The band holds
# all numbers that are printed as the one you chose, rounded or cut off; blue lines are
# in it.
#
# **Try this.** Go through the seven rows. For which is there no blue line? Then pool
# both halves of the test data: does that explain it?

# %%
panel = lesson05.PossiblePanel()
panel

# %% [markdown]
# <details><summary>Answer</summary>
#
# Only for the paper's own, 73.35. One decimal is so coarse that five or six counts fit;
# with two decimals one fits, or none. With 7,178 faces there is a count even for 73.35,
# but that proves little: the lines are then so dense that every band holds one.
#
# </details>
#
# No count of 3,589 gives 73.35 %. That does not mean that anybody cheated: a mean over
# batches of unequal size or over several trainings, both halves pooled, or a typing
# error would give such a number. The paper does not say how it got it.
#
# ## Where the numbers come from
#
# Three facts decide whether two rows can be compared: the faces on which a network was
# tested, the faces on which choices were made, such as that of the best epoch, and the
# number of *views*, slightly changed copies of a face, over which its answers were
# averaged. Only for VGGnet's row have we read how it was measured, because its authors
# published their code and a saved notebook. What we know of the other rows is
# second-hand, so their own papers, listed at the end, may say more.

# %%
fc.show(*lesson05.origins_chart(lesson05.origins()))

# %% [markdown]
# <details><summary>Why "likely"?</summary>
#
# FER2013 was made for a contest: participants saw their accuracy on PublicTest, and
# PrivateTest decided the final ranking. The grey cells assume that [21] and [24] used
# the halves in the same way. The abstract of [24] says only "FER2013 test accuracy",
# and we have read no statement of either that is more precise.
#
# </details>
#
# Whose numbers are they? The repository of [24], `cpra/fer-cnn-sota`, lists three
# networks: `inception` with 71.6 %, `resnet` with 72.4 % and `vgg` with 72.7 %.
#
# How do we know which half VGGnet was tested on? The saved notebook in `usef-kh/fer` has
# a confusion table for the "test" data. Its row sums are the number of faces of each
# emotion. Which half has the same?

# %%
run = fc.read_run("pocket-none-pocket-seed0")
counts = {"saved notebook": [467, 56, 496, 895, 653, 415, 607]}
for half in ("public", "private"):
    counts[half] = run.single[half].confusion.sum(axis=1)
table = [["faces", *counts]]
for number, emotion in enumerate(fc.EMOTIONS):
    table.append([emotion, *(f"{faces[number]}" for faces in counts.values())])
fc.show_table(table)

# %% [markdown]
# It is PublicTest. The code that loads the faces agrees, and the best epoch and the
# learning rate were chosen on PrivateTest. Usually, it is the other way round.
#
# ### What the table leaves out
#
# The paper mentions methods with higher accuracy, and leaves them out because they "are
# trained on the FER-2013 dataset plus extra data". The leaderboard of Papers with Code,
# which listed the same systems, marked two as trained with extra data: ResMaskingNet with
# 74.14 % and LHC-Net with 74.42 %. We infer that these two are meant. According to
# their code, the extra data are ImageNet's pictures, on which the networks were
# pretrained. The paper's section III uses such a network too, as did lesson
# [02](02_transfer_learning.ipynb).
#
# ### ✏️ Exercise 5.2: faults of the table
#
# Which of these eight statements name a fault of the table that the evidence above
# supports?
#
# - **A** The last row was measured on both halves together: only there is 73.35 %
#   possible.
# - **B** ResNet and VGG have the same reference but different numbers, so one of them
#   is credited wrongly.
# - **C** The row "Inception" credits [7], but its number is that of a network of [24].
# - **D** The rows are sorted from low to high, which makes the last one look better
#   than it is.
# - **E** The row "VGGnet" was measured on a different half from the one probably used
#   for the others, and its choices were made on the half usually kept for the test.
# - **F** 72.4 % cannot be an accuracy on 3,589 faces.
# - **G** If the two systems that the leaderboard marked are the ones left out, the
#   reason for leaving them out applies to the proposed system too.
# - **H** The network of the row "CNN Hyperparameter Optimisation" was chosen on its
#   test faces.
#
# <details><summary>Hint</summary>
#
# Every fault can be shown with something in the outputs above and the text around them.
# What cannot be shown is only a suspicion.
#
# </details>

# %%
# BEGIN SOLUTION
faults = {"C", "E", "G"}
# STUB
# faults = ...  # such as {"X", "Y"}
# END SOLUTION

# %% [markdown]
# The check expects a set of letters.

# %%
lesson05.check_faults(faults)

# %% [markdown]
# ## How certain is each accuracy?
#
# Suppose that the numbers are what they seem: one accuracy for each row, measured once,
# on 3,589 faces. Wilson's interval says where the true accuracy is likely to be.

# %%
lines = []
for row in fc.PAPER_ROWS:
    right = round(row.accuracy / 100 * fc.TEST_FACES)
    low, high = fc.wilson_interval(right, fc.TEST_FACES)
    lines.append((row.accuracy, low, high))
fc.show(*lesson05.intervals_in_band(lines))

# %% [markdown]
# The band is the last row's interval. It is nearly three points wide, almost the whole
# distance from the first row to the last. But two accuracies can differ by more than
# chance although their intervals overlap a little.
#
# ### ✏️ Exercise 5.3: a difference in standard errors
#
# An accuracy $a$ on $n$ faces has the variance $a\,(1-a)/n$. If two accuracies were
# measured independently, the variance of their difference is the sum of the two
# variances. Divide the difference by its standard error, the square root of that sum:
#
# $$z = \frac{a_1 - a_2}{\sqrt{\dfrac{a_1(1-a_1)}{n} + \dfrac{a_2(1-a_2)}{n}}}$$
#
# Write $z$ as a function of two percentages and the number of faces.
#
# <details><summary>Hint</summary>
#
# Turn percentages into shares first: `a = first / 100`.
#
# </details>


# %%
def z_of(first, second, count):
    """By how many standard errors the first accuracy (in percent) exceeds the second."""
    # BEGIN SOLUTION
    a, b = first / 100, second / 100
    return (a - b) / ((a * (1 - a) + b * (1 - b)) / count) ** 0.5
    # STUB
    # return ...  # your code here
    # END SOLUTION


# %% [markdown]
# The check also accepts the pooled version: one $a$, the mean of both.

# %%
lesson05.check_z_of(z_of)

# %% [markdown]
# ### The last row against the others
#
# The library's `two_proportions` does the same and adds the p-value: how often chance
# alone would put two equally good systems at least this far apart. Beyond the dashed
# line, it is below 0.05.

# %%
leads = lesson05.lead_of_the_last()
fc.show(*lesson05.leads_chart(leads))
print(guess.reply(f"{sum(float(row[-1]) < 0.05 for row in leads[1:])}"))

# %% [markdown]
# From the printed numbers alone, at the usual level of 0.05, only the lead over
# DeepEmotion counts (its 0.002 is below 0.05/6, too).
#
# But the z test treats the rows as if each had been tested on faces of its own. On the
# *same* faces, a paired test can detect smaller differences: if Inception and the last
# row had the same test faces and disagreed as often as our networks do below, the lead
# over Inception would count too. That test needs the answers to every face, and no
# paper prints them. And neither test knows the seed: on drawn faces, lesson 03 found
# that another seed alone can change an accuracy by points.
#
# ## Our own table, on a small budget
#
# Here we have what no paper prints: the answer of every network to every face. The
# course builds each system of Table III as far as its layers are known and trains all
# by one procedure: train on Training, make every choice on PublicTest only, and store
# the answers to both halves. The runs had one or two processor cores, so slow networks
# were made narrower and trained for fewer epochs.

# %%
runs = lesson05.compared_runs(fc.runs())
measured = {name: fc.measured_row([run]) for name, run in runs.items()}
fc.show_table(lesson05.networks(measured))

# %% [markdown]
# *Pocket* networks are those of lesson 04, with a quarter of VGG19's channels. Six more
# join the seven. Three see 48 pixels: one without attention, and two with the map at
# the place that PublicTest chose, appended (*concat*) or multiplied. Three see 96
# pixels: one without, and two with the map after block 5. (At 48 pixels, block 5 leaves
# a single cell, so the paper's row has its map after block 4.) We compare one run of
# each.
#
# ### What they reached
#
# Lines are PrivateTest's 95 % intervals, and the ticks are PublicTest, the half on
# which one may choose. Pocket networks are blue. The *cost* is the work for one face,
# in millions of multiply-adds: each multiplies two numbers and adds the product to a
# sum.
#
# **Read this as a list of trainings to practise on, not as a ranking of architectures:
# it neither confirms nor refutes the paper's numbers.**

# %%
rows = lesson05.by_private(measured)
chosen = max(rows, key=lambda name: rows[name].public.accuracy)
fc.show(*lesson05.both_halves(rows))

# %% [markdown]
# We sort by PrivateTest only to read the figure. The choice is made on PublicTest: its
# tick furthest to the right belongs to *pocket 96 px, block 5, concat*. An enlarged
# face shows nothing new, but all three networks that look at one, for four times the
# work, are ahead of the other pocket networks. (They were also trained in 16-bit
# arithmetic, to save time.) Among those with 48 pixels, the order may be only noise
# (lesson 04).
#
# PublicTest also chose every network's best epoch, and the place of some maps, so
# accuracies on it are somewhat too high. Most ticks are still left of their dots:
# PrivateTest seems to be easier.
#
# ### The paper's network at full size
#
# Two more networks needed a GPU: VGG19 of full width on faces of 224 × 224 pixels, with
# ImageNet weights. The first has the layers and shapes of the paper's *Table I*; where
# the table is silent, the choices are ours. Guess: what percentage of PrivateTest does
# it get right, with one view?

# %%
full_guess = fc.Guess("below 68", "68 to 72", "above 72")
full_guess

# %% [markdown]
# Each is tested with one view and with 16: slightly turned, moved or scaled copies of a
# face, and their mirror images. The second network (grey) has a smaller *pooled head*,
# whose layers get only the mean and the maximum of each channel. Its training failed. We
# show it, because a table without the runs that disappoint would say more about our
# choice than about networks.

# %%
full = fc.full_size_runs(fc.runs())
large = {name: fc.measured_row([run]) for name, run in full.items()}
first, small = full[next(iter(full))], runs[chosen]
test = fc.mcnemar(first.single["private"].correct, small.single["private"].correct)
averaged = fc.mcnemar(first.multi["private"].correct, small.multi["private"].correct)
fc.show(*lesson05.full_size_chart(large, (chosen, rows[chosen]), test))
print(f"with averaged views: p = {averaged.p_value:.3f}")
print(full_guess.reply("68 to 72"))

# %% [markdown]
# The network of Table I, the closest we have to the paper's, has fifty times the weights
# of the small network that PublicTest would choose, and began with those learned from a
# million photographs. Still, with one view, the luck of the faces alone could explain
# its lead. (Averaged over its 16 views, and the small network's two, it could not.) Its
# interval does not reach 73.35 %, with one view or with 16. But 73.35 has no known test
# set or recipe, and ours is one seed of one recipe. Without a full-size run that lacks
# the block, we cannot say what the block contributes. Lesson
# [08](08_train_the_real_thing.ipynb) asks what held these two back.
#
# ## Two rows, face by face
#
# From here on we compare the small networks, and of those only the ones less than five
# points below PublicTest's best, for which "which is better?" is an open question.
# Choose two. The upper bar holds all faces of the half; the lower one only those that
# exactly one network got right, because no other face can decide between the two. If
# both networks were equally good, the colours would meet near the dotted line.
#
# **Try this.** Keep the first row and go down the list of the second: is p below 0.05 at
# every network? Then switch to PublicTest. Is the answer the same, and why is p not an
# honest test there?

# %%
close = lesson05.near_the_best(rows, points=5)
lesson05.RowChooser({name: runs[name] for name in close})

# %% [markdown]
# <details><summary>Answer</summary>
#
# Yes, but that was eight tests: we correct for their number below. On PublicTest, *pocket
# 96 px, block 5, multiply* is not significantly behind. There, p is not honest, because
# epochs and positions were chosen on these very faces.
#
# </details>
#
# ## How many faces would 0.07 points take?
#
# Now back to the paper's table, and to its two best systems. Suppose that 73.28 and
# 73.35 % are their true accuracies. In lesson 03, a test needed 140,000 faces for an
# even chance of finding 0.2 points. How many, the same for both systems, would it take
# to find 0.07 points, with p below 0.05, in four of five tests? Guess.

# %%
faces_guess = fc.Guess("10,000", "100,000", "1 million", "more than 2 million")
faces_guess

# %% [markdown]
# Only faces that exactly one of the two gets right can decide. How many are there
# usually, if two networks are nearly equally good? We look at our own pairs.

# %%
import numpy as np

from fercourse.results import comparisons

correct = {name: runs[name].single["private"].correct for name in close}
pairs = comparisons.compare_pairs(correct)
alike = lesson05.deciding_shares(pairs, within=2)
disagree = float(np.median(alike))
print(
    f"In {len(alike)} pairs less than 2 points apart, {min(alike):.0f} to "
    f"{max(alike):.0f} % of the faces decide; the median is {disagree:.1f} %."
)

# %% [markdown]
# We give the paper's two systems this median.

# %%
table = [["73.28 against 73.35 %", "faces needed"]]
how = {"each on faces of its own": None, "both on the same faces": disagree}
for name, share in how.items():
    needed = comparisons.faces_needed(73.28, 73.35, discordant=share)
    table.append([name, f"{round(needed, -4):,}"])
fc.show_table(table)
print(faces_guess.reply("more than 2 million"))

# %% [markdown]
# And for other differences? Both scales are logarithmic: each step upwards means ten
# times as many faces.

# %%
gaps = {"73.28 against 73.35": 0.07, "72.4 against 73.35": 0.95}
fc.show(*lesson05.faces_needed_curves(73.3, disagree, gaps))

# %% [markdown]
# All of FER2013, training faces included, has fewer than 36,000. **If the true lead is
# 0.07 points, and the two systems disagree as often as ours, even a test set of that
# size will usually not show it.**
#
# What *can* 3,589 faces show? The blue numbers are the smallest differences that they
# would detect in four of five tests.
#
# ### Change the test set
#
# How often would the *worse* of two systems come out ahead, by the luck of the test
# faces alone? Choose how many faces the test has and how many points the better system
# is really ahead. The two disagree as often as our median pair. The curve shows which
# leads such a test would measure; the orange part is on the wrong side of 0.

# %%
panel = lesson05.SwapPanel(disagree)
panel

# %% [markdown]
# **Try this.** How far apart must two systems be for 3,589 faces to show them in the
# right order in 95 of 100 tests? And how many faces would 0.07 points need?
#
# <details><summary>Answer</summary>
#
# A little more than 0.95 points. For 0.07 points, 100,000 faces are not enough, but a
# million are. Above, even a million were too few, because there the right order was not
# enough: the difference also had to be significant.
#
# </details>
#
# **Take a break.** Next: all our pairs, places and leaked faces.
#
# ## All pairs at once
#
# With $k$ rows there are $m = k(k-1)/2$ pairs and as many p-values: the seven rows of
# Table III make 21. Among twenty pairs of equally good networks, one on average will
# have $p < 0.05$. Lesson 04 divided the limit by the number of tests. *Holm's
# correction* keeps the chance of even one false alarm below 0.05, too, and is never
# stricter. Sort the p-values, compare the smallest with $0.05/m$, the next with
# $0.05/(m-1)$, and so on. Stop at the first that is larger than its bound: it and all
# after it do not count.
#
# ### ✏️ Exercise 5.4: which p-values still count?
#
# Write Holm's correction as a function from a list of p-values to a list of True and
# False, in the same order.
#
# <details><summary>Hint</summary>
#
# `sorted(range(len(p_values)), key=lambda place: p_values[place])` gives the places
# from the smallest p-value to the largest.
#
# </details>


# %%
def survivors(p_values):
    """For each p-value, whether it still counts after Holm's correction at 0.05."""
    # BEGIN SOLUTION
    counts = [False] * len(p_values)
    places = sorted(range(len(p_values)), key=lambda place: p_values[place])
    for step, place in enumerate(places):
        if p_values[place] > 0.05 / (len(p_values) - step):
            break
        counts[place] = True
    return counts
    # STUB
    # return ...  # your code here
    # END SOLUTION


# %% [markdown]
# The check tries lists on which the usual shortcuts fail.

# %%
lesson05.check_survivors(survivors)

# %% [markdown]
# ### All our pairs, corrected
#
# The networks are sorted from the best on PrivateTest; each name is at the end of its
# row and on top of its column. A number says by how many points the row's network
# trails the column's. A blue square means that this is more than the luck of the faces.
#
# **Try this.** Switch the correction off: which squares turn blue? Where in the
# triangle are they?

# %%
accuracies = {name: rows[name].private.accuracy for name in close}
panel = lesson05.PairPanel(accuracies, pairs)
panel

# %% [markdown]
# <details><summary>Answer</summary>
#
# Those along the edge of the blue part, where the differences are small.
#
# </details>
#
# A grey square does not prove that two networks are equally good, only that these faces
# do not separate them. And a blue one is about these trained networks, each with a
# single seed.
#
# ## How certain is the order?
#
# How firm is a place on a leaderboard? Draw 3,589 faces from the 3,589, with
# replacement, so that some come twice and some not at all, and rank the networks on
# those. This is the *bootstrap*. Only the faces change from draw to draw, so only they
# can change the order.
#
# **Try this.** Go down the list of draws; networks that overtake another or are
# overtaken are orange. Which ones come first? Which networks never change places?

# %%
panel = lesson05.RedrawPanel(correct)
panel

# %% [markdown]
# <details><summary>Answer</summary>
#
# *Pocket 96 px, block 5, concat* in every draw. What never changes place in eight draws
# may just have been lucky, as the next figure shows.
#
# </details>
#
# Now for two thousand draws. The number in a cell says in what percentage of them the
# network took that place, and the frame holds at least 95 %. The number after the name
# is its place on the original faces.

# %%
fc.show(*lesson05.rank_plot(comparisons.bootstrap_ranks(correct)))

# %% [markdown]
# The first network leads by 1.5 points and keeps its place in 99 % of the draws. The
# second leads the third by only 0.2 and keeps its place in about half of them. The
# paper's last row leads by only 0.07, so its first place is close to a coin toss.
#
# But the squares above could not tell the first network from the next three. That is no
# contradiction: the correction guards against a single false alarm among 36 pairs, and
# the bootstrap has no such guard.
#
# ## Leaked faces
#
# Lesson 01 found that 288 of the PrivateTest faces, one in twelve, are also in
# Training, pixel for pixel. A network may simply remember them.
#
# ### ✏️ Exercise 5.5: with and without leaked faces
#
# By how many points is the accuracy on all faces above that on unseen faces? Write a
# function of two arrays of True and False: whether each face was answered correctly, and
# whether it was seen in training.
#
# <details><summary>Hint</summary>
#
# The answers to unseen faces are `correct[~seen]`. Return points: 100 times the share.
#
# </details>


# %%
def excess(correct, seen):
    """By how many points the accuracy on all faces is above that on unseen ones."""
    # BEGIN SOLUTION
    return 100 * (correct.mean() - correct[~seen].mean())
    # STUB
    # return ...  # your code here
    # END SOLUTION


# %% [markdown]
# The check makes up its own answers.

# %%
lesson05.check_excess(excess)

# %% [markdown]
# ### The excess of each network
#
# Here are all thirteen, compared with the lead that the paper reports.

# %%
fc.show(*lesson05.excess_dots({n: run.single["private"] for n, run in runs.items()}))

# %% [markdown]
# The excess differs by a point from network to network, many times the lead of the
# paper's last row. But memory need not be all of it: even the tuned CNN, which learned
# least, has some, so the leaked faces may also be easier.
#
# ## What one number hides
#
# The gaps between emotions are larger than those between most networks. The diamonds
# are the network that PublicTest would choose.

# %%
confusions = {name: run.single["private"].confusion for name, run in runs.items()}
fc.show(*lesson05.emotion_dots(confusions, chosen))

# %% [markdown]
# **Think.** Some networks never recognise disgust. PrivateTest has 55 such faces: how
# many points of accuracy does it cost to give up on them?
#
# <details><summary>Answer</summary>
#
# At most 100 · 55/3,589 = 1.5 points. The accuracy hardly shows that a whole emotion is
# missing.
#
# </details>
#
# ## A row of your own
#
# Here is how to add one, and what makes it count.

# %% [markdown] tags=["lesson-only"]
# Your network begins with the weights that lesson 04's network learned from FER2013,
# and trains for two epochs on 500 of your profile's faces. Stored networks of its kind
# began with random weights and trained longer, on all training faces. Compared with
# their mean, will yours be worse, as good within the luck of the test faces, or better?

# %% tags=["lesson-only"]
my_guess = fc.Guess("worse", "as good", "better")
my_guess

# %% [markdown] tags=["lesson-only"]
# Choose after which block the attention goes, `"block1_pool"` to `"block4_pool"`, and
# how its map is used, `"concat"` or `"multiply"`.

# %% tags=["lesson-only", "depends-on-profile"]
after, combine = "block3_pool", "multiply"
my_row = lesson05.train_a_row(data, after, combine)
fc.show(*lesson05.against_others_like_it(my_row))
print(my_guess.reply(lesson05.against_their_mean(my_row)))

# %% [markdown] tags=["lesson-only"]
# Yours had few faces, but it did not begin at zero: this is the transfer of lesson 02.
# So the row must say which weights it began with. It also keeps the network's
# configuration, the recipe, the seed, code and versions, and the answer to each face.

# %% [markdown]
# ### Rows that count, and rows that do not
#
# For a row that counts, one command goes from the recipe to the stored run: for example
# `python -m fercourse train --pocket --after block3_pool --combine multiply --seed 1`.
# On FER2013 and two processor cores this takes half an hour or more. With `--data
# practice` it trains on practice faces; such a run stays out of Table III, because
# drawn faces are a different test.
#
# ## So which system is better?
#
# This is what is known about the table's rows, with our run of the paper's network
# below them.

# %%
table1, *_ = large
own = lesson05.views_of({table1: large[table1]})
fc.show(*lesson05.what_is_known(lines, own))
near = {name: rows[name] for name in close}
lesson05.show_verdict(near, pairs, disagree, test)

# %% [markdown]
# This is how to report a result: with its choices, how certain it is, and what is
# missing. [The queue](../data/results/QUEUE.md) lists the runs that are still wanted.
#
# ## Quiz
#
# **1.** A paper reports 71.45 % on PrivateTest. `counts_for` finds no count. What do
# you write to the authors?
#
# <details><summary>Answer</summary>
#
# A question, not an accusation: is it a mean of several trainings or of batches, was it
# measured on other faces, or is a digit wrong? Each of these is common. Only one claim
# is refuted: that it is a share of 3,589 faces.
#
# </details>
#
# **2.** Twelve systems are compared in pairs, and one pair out of 66 has p = 0.02. Is
# that a finding?
#
# <details><summary>Answer</summary>
#
# No. With 66 comparisons of equally good systems one expects about three with p below
# 0.05. Holm's correction asks the smallest of them to be below 0.05/66, less than a
# thousandth.
#
# </details>
#
# **3.** Two papers report 72.1 and 72.9 % on PrivateTest. A friend says that a paired
# test would surely find the difference significant. What is missing?
#
# <details><summary>Answer</summary>
#
# The answers to each face: without them only the unpaired test is possible. And even
# paired, a difference of less than a point is within what 3,589 faces leave to chance,
# unless the two systems agree on nearly all of them.
#
# </details>
#
# **4.** The interval of a network's place goes from 1 to 5. May one say that it is
# "probably the best"?
#
# <details><summary>Answer</summary>
#
# Not from the interval alone: it says that first place is possible, and not how often.
# Count the draws in which this network came first. Even that leaves out what another
# seed would change.
#
# </details>
#
# ## Summary
#
# - Arithmetic can refute a percentage, and a number should be traced to its source
#   before it is compared.
# - Rows that were measured in different ways do not form a ranking.
# - On 3,589 faces, published accuracies differ significantly only if they are about two
#   points apart. To detect a true difference in four of five tests, it must be about
#   three points, or about two if both systems' answers to every face are stored.
# - Many comparisons need a correction; places need intervals; leaked faces can
#   flatter one row more than another.
# - An honest row says what was chosen where, how certain it is, and which runs are
#   missing.
#
# ## References
#
# - Nguyen and Nguyen (2021), *A Visual Attention Based VGG19 Network for Facial
#   Expression Recognition*: abstract, Table III, section IV.
# - [7] Khaireddin and Chen (2021), *Facial emotion recognition: State of the art
#   performance on FER2013*, arXiv:2105.03588; code, loader and saved notebook:
#   `usef-kh/fer`, files `data/fer2013.py` and `notebooks/Evaluation.ipynb`.
# - [24] Pramerdorfer and Kampel (2016), *Facial expression recognition using
#   convolutional neural networks: state of the art*, arXiv:1612.02903; README of
#   `cpra/fer-cnn-sota`.
# - [21] Minaee and Abdolrashidi (2019), *Deep-Emotion: Facial expression recognition
#   using attentional convolutional network*, arXiv:1902.01019; unofficial code:
#   `omarsayed7/Deep-Emotion`, whose issues 4 and 15 report re-runs of 47 to 52 %.
# - [15] Vulpe-Grigorași and Grigore (2021), *Convolutional neural network
#   hyperparameters optimization for facial emotion recognition*, ATEE,
#   doi:10.1109/ATEE52255.2021.9425073 (paywalled, not read); a re-implementation that
#   cites it: `2022_PythonStudy_face_emotion_recognition` by YianKim, with 67 to 68 %
#   as the mean of 30 passes with dropout on.
# - Papers with Code, leaderboard *Facial Expression Recognition on FER2013*. The site
#   closed in July 2025; we read the copy at `paperswithcode2.com/benchmark/43523`.
# - ResMaskingNet: `phamquiluan/ResidualMaskingNetwork`; LHC-Net: `Bodhis4ttva/LHC_Net`.
#   Both begin with ImageNet weights.
# - Wilson (1927), *Probable inference, the law of succession, and statistical
#   inference*; McNemar (1947), *Note on the sampling error of the difference between
#   correlated proportions or percentages*; Holm (1979), *A simple sequentially
#   rejective multiple test procedure*; Efron (1979), *Bootstrap methods*; Connor
#   (1987), *Sample size for testing differences in proportions for the paired-sample
#   design*.
# - Recht et al. (2019), *Do ImageNet Classifiers Generalize to ImageNet?*,
#   arXiv:1902.10811: what happens to a ranking on fresh test pictures.
#
# Next: [lesson 06](06_look_inside.ipynb) asks what the networks look at, and whether
# attention shows it.
