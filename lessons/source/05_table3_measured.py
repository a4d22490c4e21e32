# %% [markdown]
# # Table III, measured
#
# **Which system is better, and how sure can we be?** This lesson takes 60 minutes, and some more if you do all its exercises.
#
# You need lesson [04](04_move_the_block.ipynb): intervals, and McNemar's test of two networks on the same faces.
#
# Afterwards you can
#
# - test a printed percentage by arithmetic, and trace it to its source;
# - say which rows of a results table can be told apart, with only its numbers and with the answers to every face;
# - correct for having compared many pairs, and say how sure a ranking is;
# - see what an accuracy owes to leaked faces, and what it costs;
# - add a row of your own without fooling anybody.

# %% [markdown]
# ## Set-up
#
# The profile first, as always.

# %% tags=["depends-on-profile"]
import fercourse as fc
from fercourse.lessons import lesson05

profile, data = fc.begin()

# %% [markdown]
# Nearly everything below comes from the paper, or from stored runs on FER2013, and is the same under every profile. The faces of your profile are needed at the end, for a row of your own.
#
# ## The table
#
# This is the table on which the paper rests, as it is printed. The number in brackets is the paper's reference.

# %%
for row in fc.PAPER_ROWS:
    print(f"{row.method:<40}{row.printed:>6} %")

# %% [markdown]
# The paper calls its accuracy "slightly higher than the state-of-the-art method", and says in its abstract that it "outperforms the state-of-the-art methods slightly". It does not say on which faces this was measured; FER2013 has two test halves, PublicTest and PrivateTest, of 3,589 faces each. Suppose for now that it was one of these, for all rows.
#
# Predict before you compute: from how many of the six other rows can the last one be told apart, so that its lead is more than the luck of the test faces?

# %%
import ipywidgets

guess = ipywidgets.RadioButtons(options=["not decided yet", *range(7)], description="my guess")
guess

# %% [markdown]
# Your choice stays in `guess.value` until we know.
#
# ## What a percentage can be
#
# An accuracy is a fraction: right answers over faces. So not every percentage is possible. With 3,589 faces, which counts lie around the paper's own number?

# %%
for right in (2631, 2632, 2633, 2634):
    print(f"{right:,} of 3,589: {100 * right / 3589:.4f} %")

# %% [markdown]
# Look for 73.35. Neither rounding nor cutting off gives it. One example is an accident; let us ask the same about every row.
#
# ## Exercise 5.1: what can stand behind a percentage?
#
# Write a function that returns a list of all counts of right answers which are printed as a given percentage with so many decimals. An empty list means that there is none. Round or cut off, as you like; but do the same each time.
#
# <details><summary>Hint</summary>
#
# Try every count from 0 to all faces, and keep those that would be printed so. `round(number, decimals)` helps. Compare the *printed* numbers.
#
# </details>


# %%
def counts_for(percent, count, decimals):
    """All numbers of right answers, of so many faces, that are printed as this percentage."""
    # BEGIN SOLUTION
    return [right for right in range(count + 1) if round(100 * right / count, decimals) == percent]
    # STUB
    # return ...  # your code here
    # END SOLUTION


# %% [markdown]
# The check asks about rows of the paper and about small numbers of faces.

# %%
lesson05.check_counts_for(counts_for)

# %% [markdown]
# The library's `counts_that_give` takes a number for possible if rounding *or* cutting off leads to it. With that generous rule, here are all rows.

# %%
table = [["method", "printed", "right answers of 3,589 that are printed so"]]
for row in fc.PAPER_ROWS:
    table.append([row.method, row.printed, ", ".join(f"{count:,}" for count in row.counts()) or "none"])
print(fc.aligned(table, widest=48))

# %% [markdown]
# Six rows pass and one does not. A percentage with one decimal is so coarse that several counts fit; two decimals name a single face.
#
# What does it mean? Not that somebody cheated. A mean over batches of unequal size, a mean over several trainings, both halves pooled, or a slip of the pen all give such a number. It means that 73.35 is *not* the share of right answers on one half of the test data, and that a reader is not told what it is instead. One popular copy of FER2013 comes with both halves in one test folder. Would that explain it?

# %%
import numpy as np

from fercourse.results import comparisons, statistics

print("of both halves:", statistics.counts_that_give(73.35, 2 * fc.TEST_FACES))
for faces in (fc.TEST_FACES, 2 * fc.TEST_FACES):
    counts = np.arange(faces + 1)
    rounded, cut = (20_000 * counts + faces) // (2 * faces), 10_000 * counts // faces
    possible = len(np.union1d(rounded, cut)) / 10_001
    print(f"{faces:,} faces: {possible:.0%} of all percentages with two decimals are possible")

# %% [markdown]
# It would fit. But look at the last line before you believe it: with so many faces every percentage is possible, so that to be possible proves nothing. The other way round the test is stronger, since a good part of all percentages is *impossible* for one half. Arithmetic can refute. It cannot confirm.
#
# ## Where the numbers come from
#
# Now the sources. These are the four references of the table:
#
# - [7] Khaireddin and Chen (2021), *Facial emotion recognition: State of the art performance on FER2013*;
# - [15] Vulpe-Grigorași and Grigore (2021), *Convolutional neural network hyperparameters optimization for facial emotion recognition*;
# - [21] Minaee and Abdolrashidi (2019), *Deep-Emotion: Facial expression recognition using attentional convolutional network*;
# - [24] Pramerdorfer and Kampel (2016), *Facial expression recognition using convolutional neural networks: state of the art*. The README of their repository `cpra/fer-cnn-sota` lists three networks: `inception` with 71.6 %, `resnet` with 72.4 %, `vgg` with 72.7 %.
#
# And this is what can be found out about how each number was measured.

# %%
table = [["method", "measured on", "choices made", "views of a face"]]
table += [[row.method, row.split, row.selected, row.views] for row in fc.PAPER_ROWS]
print(fc.aligned(table, widest=27))

# %% [markdown]
# Read down the columns. Apart from the three of [24], hardly two rows seem to have been measured in the same way, and for most nobody outside knows for certain. Averaging ten crops of a face alone can be worth as much as the step from one row to the next.
#
# How does one find out on which half a number was measured, if no text says so? One line is known for certain, because its authors left a saved notebook in their repository `usef-kh/fer`. It prints a confusion table for the "test" data whose rows sum to 467, 56, 496, 895, 653, 415 and 607. No half has a name there. But our runs know how many faces of each emotion the two halves hold.

# %%

run = fc.read_run("pocket-none-pocket-seed0")
print("saved notebook", [467, 56, 496, 895, 653, 415, 607])
for half in ("public", "private"):
    print(f"{half:<14}", run.single[half].confusion.sum(axis=1).tolist())

# %% [markdown]
# Row sums are a fingerprint. In that repository, the data that are called "test" are PublicTest, and the code that loads the faces says the same; the best epoch and the learning rate were chosen on PrivateTest. The rule of the field is the other way round.
#
# The last thing to look at is what the table leaves out. "There is some method tested on the FER-2013 dataset obtaining higher accuracy. However, these methods are trained on the FER-2013 dataset plus extra data", says the paper. "Therefore, we only compare the proposed method with models using only FER-2013." Which ones are left out, it does not say. A leaderboard with the same names of systems marks two as trained with extra data, ResMaskingNet with 74.14 % and LHC-Net with 74.42 %; that these two are meant is inferred. According to their code, their extra data is a network that had been trained on ImageNet. Lesson [02](02_transfer_learning.ipynb) was about exactly that, and so is section III of the paper.
#
# ## Exercise 5.2: four faults
#
# Eight statements. Which of them name a fault of the table that the evidence above supports?
#
# - **A** The last row cannot be an accuracy on 3,589 faces.
# - **B** ResNet and VGG have the same reference, but different numbers, so one of the two is credited wrongly.
# - **C** The row "Inception" credits the wrong paper.
# - **D** The rows are sorted from low to high, so that the last seems better than it is.
# - **E** The row "VGGnet" is an accuracy on another half than the others are likely to be, and its choices were made on the half that is otherwise kept for the test.
# - **F** 72.4 % cannot be an accuracy on 3,589 faces.
# - **G** If the two systems that the leaderboard marks are the ones left out, they are left out for a reason that holds for the proposed one too.
# - **H** The network of the row "CNN Hyperparameter Optimisation" was chosen on its test faces.
#
# <details><summary>Hint</summary>
#
# Every fault can be shown with something in the last five outputs and the text around them. What cannot be shown is a suspicion.
#
# </details>

# %%
# BEGIN SOLUTION
faults = {"A", "C", "E", "G"}
# STUB
# faults = ...  # such as {"X", "Y"}
# END SOLUTION

# %% [markdown]
# A set of letters is expected.

# %%
lesson05.check_faults(faults)

# %% [markdown]
# None of this says that the proposed network is bad. It says that the table cannot show that it is good. Whether its numbers could, if they were all what they seem, is the next question.
#
# ## The intervals
#
# Give every row the benefit of the doubt: one accuracy, measured once, on 3,589 faces. Wilson's interval then says where the true accuracy may lie.

# %%
lines = {
    row.method: (row.accuracy, *fc.wilson_interval(round(row.accuracy * fc.TEST_FACES / 100), fc.TEST_FACES))
    for row in fc.PAPER_ROWS
}
_, low, high = lines["The proposed method (VGG19+Attention)"]
inside = sum(low < accuracy for accuracy, *_ in lines.values()) - 1
fc.show(
    fc.accuracy_intervals(lines),
    f"Seven accuracies with intervals. The last one's goes from {low:.1f} to {high:.1f} percent; "
    f"{inside} of the six others lie inside of it.",
)

# %% [markdown]
# Each line is nearly three points long, which is nearly the whole distance from the first row to the last. Written with one decimal, the last two rows are the same number. But overlapping intervals are not yet a test: two accuracies may differ although their intervals overlap a little.
#
# ## Exercise 5.3: a difference in standard errors
#
# An accuracy $p$ on $n$ faces has the variance $p\,(1-p)/n$. If the two were measured independently, the variance of their difference is the sum of the two variances. Divide the difference by its standard error, the root of that sum:
#
# $$z = \frac{p_1 - p_2}{\sqrt{\dfrac{p_1(1-p_1)}{n} + \dfrac{p_2(1-p_2)}{n}}}$$
#
# Write $z$ as a function of two percentages and the number of faces.
#
# <details><summary>Hint</summary>
#
# Turn percent into shares first: `p = first / 100`.
#
# </details>


# %%
def z_of(first, second, count):
    """By how many standard errors the first accuracy (in percent) lies above the second."""
    # BEGIN SOLUTION
    p, q = first / 100, second / 100
    return (p - q) / ((p * (1 - p) + q * (1 - q)) / count) ** 0.5
    # STUB
    # return ...  # your code here
    # END SOLUTION


# %% [markdown]
# Some books put the mean of the two accuracies into both variances. The check accepts either.

# %%
lesson05.check_z_of(z_of)

# %% [markdown]
# The library's `two_proportions` does the same, and adds p: how often chance alone would part two equally good systems so far. The last row against each of the others:

# %%

last = fc.PAPER_ROWS[-1].accuracy
print("73.35 against     points   faces       z       p")
for row in fc.PAPER_ROWS[:-1]:
    test = comparisons.two_proportions(last, row.accuracy)
    faces = test.difference * fc.TEST_FACES / 100
    print(f"{row.printed:>13}{test.difference:11.2f}{faces:8.0f}{test.z:8.2f}{test.p_value:8.3f}")
print("my guess was:", guess.value)

# %% [markdown]
# One row can be told apart at the usual 0.05, the first. The lead over the system in second place is two or three faces. With the numbers of the table alone, its last row cannot be said to be better than any of the five before it.
#
# Two reservations, to be fair. The z test treats the rows as if each had been tested on faces of its own. If two systems answered the *same* faces, a paired test can see smaller differences, but it needs to know the answers to every face, and no paper prints them. And the luck of the seed, which lesson 03 found to be worth points, is not in this calculation at all.
#
# ## The same systems, one protocol
#
# What would a better table look like? Every system is trained by the same recipe on Training, its best epoch is chosen on PublicTest, PrivateTest is looked at once, and the answers to all faces are stored. For each system of Table III, the course builds the network as far as it is known; `compared_runs` takes one run of each that exists so far, and if there is a choice, one on the hardware that most of them had. Beside them stand pocket networks of lesson 04: the one without attention, and for each way to use the map the place that PublicTest would choose.

# %%
runs = lesson05.compared_runs(fc.runs())
rows = {name: fc.measured_row([run]) for name, run in runs.items()}
table = [["network", "recipe", "epochs", "minutes", "hardware", "parameters", "multiply-adds"]]
for name, row in rows.items():
    cost = [f"{row.minutes:.0f}", row.hardware, f"{row.parameters:,}"]
    table.append([name, row.recipe, str(row.epochs), *cost, f"{row.multiply_adds / 1e6:,.0f} million"])
print(fc.aligned(table))
print(
    "not yet run by the common recipe:", ", ".join(lesson05.not_yet_run(runs)) or "none, all seven are there"
)

# %% [markdown]
# These runs were made with what was at hand, two processor cores. Each network of Table III got as many epochs as take 17 to 27 minutes if it has both cores to itself. Slow ones were also made narrower than published: "width 0.5" means half of the channels. The recipe called `pocket` is the common one, `common`, with twenty epochs. So **their accuracies neither confirm nor refute the paper's**, and the two never share a column.
#
# What this table can do is to compare its own rows, and a row is a network *with its width and its epochs*. A ResNet of half width that lies behind after seven epochs is no evidence against ResNet. Nor is the row VGG19+Attention the paper's network: it has a quarter of the channels, 48 pixels, no ImageNet weights, and the map is appended after block 4, for after block 5 a 48-pixel face leaves a single place.
#
# Minutes depend on how busy the machine was, and one core takes more of them than two. Only the multiply-adds, the multiplications that are added up for one face, depend on no machine. `python -m fercourse table3` prints every detail of these rows, and all others that there are. Now the results, in percent. "Several views" is the answer averaged over a face and its mirror image, where the recipe has that.

# %%
table = [["network", "PublicTest", "PrivateTest", "95 % interval", "several views"]]
for name, row in sorted(rows.items(), key=lambda item: -item[1].public.accuracy):
    interval = f"{row.private.low:.1f} to {row.private.high:.1f}"
    several = "–" if row.multi_private is None else f"{row.multi_private.accuracy:.1f}"
    table.append([name, f"{row.public.accuracy:.1f}", f"{row.private.accuracy:.1f}", interval, several])
print(fc.aligned(table))
gains = [
    row.multi_private.accuracy - row.private.accuracy
    for row in rows.values()
    if row.multi_private is not None
]
print(f"several views change PrivateTest by {min(gains):+.1f} to {max(gains):+.1f} points")

# %% [markdown]
# The rows are sorted by PublicTest, for that is the half on which one may choose. But PublicTest flatters: for every network the best epoch was chosen on it, and for two of the pocket networks also the best of several places. Does PrivateTest keep the order? And note the last line: a table in which one row has several views and another one view compares two ways of looking as well as two networks.

# %%
by_public = sorted(rows, key=lambda name: -rows[name].public.accuracy)
lines = {
    name: (rows[name].private.accuracy, rows[name].private.low, rows[name].private.high) for name in by_public
}
top = max(lines, key=lambda name: lines[name][0])
fc.show(
    fc.accuracy_intervals(lines),
    f"PrivateTest accuracies of {len(lines)} networks with intervals, sorted by PublicTest. "
    f"Highest: {top} with {lines[top][0]:.1f} percent.",
)

# %% [markdown]
# Where a wide gap parts two lines, the matter is clear without a test. Where they overlap, touch or nearly touch, it takes the answers to every face, and later a correction for the number of pairs.
#
# ## Two rows, face by face
#
# Choose two rows. The upper bar holds all faces of the half; the lower one only those that exactly one network got right, because nothing else can decide. If both networks were equally good, the dotted line would be where the colours meet, up to chance.

# %%
panel = lesson05.two_rows(runs)
panel

# %% [markdown]
# Go through the neighbours of the table above on PrivateTest, and then switch to PublicTest. Why is p no honest test there? (Epochs and places were chosen on these faces.) Code can move the panel, too. Here are the two rows that stand highest on PublicTest, tested on PrivateTest, and below them the z test of the same two.

# %%
first, second, tested_on, line, picture = panel.children
first.value, second.value, tested_on.value = by_public[0], by_public[1], "PrivateTest"
print(picture.alt)
ours = comparisons.two_proportions(rows[by_public[0]].private.accuracy, rows[by_public[1]].private.accuracy)
print(f"unpaired: {ours.difference:+.1f} points, z = {ours.z:.2f}, p = {ours.p_value:.2f}")

# %% [markdown]
# The last line is how the z test would have judged the same two: it sees percentages and no faces. Where networks agree on most faces, the paired p is usually the smaller one, because the luck that a face is easy or hard is the same for both and drops out. Still, small differences stay small.
#
# ## How many faces would it take?
#
# Now the question can be turned round. If two networks have nearly the same accuracy, on what share of the faces is exactly one of them right? Nobody has the answers of the paper's two best systems; suppose that they differ as ours do in the median. How many faces would it take to tell 73.28 from 73.35 % four times out of five?

# %%
private = {name: run.single["private"].correct for name, run in runs.items()}
pairs = comparisons.compare_pairs(private)
decide = {pair: 100 * (pair.test.only_first + pair.test.only_second) / fc.TEST_FACES for pair in pairs}
alike = [
    decide[pair]
    for pair in pairs
    if abs(rows[pair.first].private.accuracy - rows[pair.second].private.accuracy) < 2
]
disagree = float(np.median(alike))
print(f"{len(alike)} pairs lie within 2 points; exactly one is right")
print(f"on {min(alike):.0f} to {max(alike):.0f} % of the faces, in the median {disagree:.1f} %")
print(f"each on faces of its own: {round(comparisons.faces_needed(73.28, 73.35), -4):,} faces")
print(
    f"both on the same faces:   {round(comparisons.faces_needed(73.28, 73.35, discordant=disagree), -4):,} faces"
)

# %% [markdown]
# All of FER2013, training faces included, holds fewer than 36,000. **The paper's question cannot be decided with this test set, by anybody, with any network.** Even if its two systems disagreed on three faces only, and all three went the same way: three coins show the same side one time out of four. That is not a reproach to the network. A table whose rows lie closer together than its test set can see is a list, and no ranking. What *can* 3,589 faces see?

# %%
apart = comparisons.detectable_difference(73.3, fc.TEST_FACES)
paired = comparisons.detectable_difference(73.3, fc.TEST_FACES, discordant=disagree)
fc.show(
    lesson05.faces_needed_curves(73.3, disagree, {"73.28 or 73.35": 0.07, "72.4 or 73.35": 0.95}),
    "Test faces needed against the difference in points, on logarithmic scales: two falling lines that "
    f"reach FER2013's 3,589 faces at {apart:.1f} points, or at {paired:.1f} if both answer the same faces "
    "and exactly one is right as often as here.",
)

# %% [markdown]
# Each halving of the difference takes four times as many faces. Where the lines meet the blue one, a difference is found four times out of five: by so much a single pair of networks must differ, before FER2013 is likely to notice.
#
# ## All pairs at once
#
# With $k$ rows there are $m = k(k-1)/2$ pairs, and as many p-values; ten rows make 45. Look at twenty pairs of equally good networks, and on average one of them will have $p < 0.05$. Holm's correction keeps the chance of even one such false alarm below 0.05: take the p-values from the smallest to the largest, hold the smallest against $0.05/m$, the next against $0.05/(m-1)$, and so on. At the first one that fails, stop: it and all larger ones do not count.
#
# ## Exercise 5.4: which ones still count?
#
# Write Holm's correction as a function from a list of p-values to a list of True and False, in the same order.
#
# <details><summary>Hint</summary>
#
# `sorted(range(len(p_values)), key=lambda place: p_values[place])` gives the places from the smallest p-value to the largest.
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
# The check tries lists in which the usual short cuts go wrong.

# %%
lesson05.check_survivors(survivors)

# %% [markdown]
# `compare_pairs` has done it for all our pairs. In the figure, rows and columns are the networks, the best first; each number says by how many points the network of the row lies behind that of the column, and a dark square means that this is more than chance, after correction.

# %%
alone = sum(pair.test.p_value < 0.05 for pair in pairs)
together = sum(pair.adjusted < 0.05 for pair in pairs)
accuracies = {name: row.private.accuracy for name, row in rows.items()}
print(f"{len(pairs)} pairs: {alone} with p below 0.05 alone, {together} after Holm's correction")
fc.show(
    lesson05.pair_matrix(accuracies, pairs, alpha=0.05),
    f"A triangle of {len(pairs)} squares, one for each pair of networks; {together} are dark.",
)

# %% [markdown]
# A pale square is no proof that two networks are equally good; it says that these faces cannot tell. A small number may be dark and a larger one pale, for it also matters on how many faces the two disagree. And what is dark holds for these trained networks, each of them one draw of its seed.
#
# ## How sure is the order?
#
# Leaderboards show places. How firm is a place? Draw 3,589 faces from the 3,589, with replacement, so that some come twice and some not at all, and rank the networks on those. Then do it again. This is the *bootstrap*.

# %%
chance = np.random.default_rng(0)
for _ in range(4):
    faces = chance.integers(fc.TEST_FACES, size=fc.TEST_FACES)
    order = sorted(private, key=lambda name: -private[name][faces].sum())
    print("  >  ".join(order[:3]))

# %% [markdown]
# These are the first three places in four draws. Wherever the order changes, it did so because other faces were in the test, and for no other reason. Two thousand draws give a distribution of places.

# %%
ranks = comparisons.bootstrap_ranks(private)
candidates = [name for name, low in zip(ranks.names, ranks.low) if low == 1]
print("the interval holds first place for:", *candidates, sep="\n  ")
widest = int((ranks.high - ranks.low).max())
fc.show(
    lesson05.rank_plot(ranks),
    f"One row for each of {len(ranks.names)} networks with the interval of its place; "
    f"{len(candidates)} intervals hold the first place, and the longest spans {widest + 1} places.",
)

# %% [markdown]
# The dot is the place on the faces as they are (between two places, if two networks share them), the line holds at least 95 % of the draws, and the darker a cell, the more often the network took this place. Where no line is to be seen, the place hardly ever changed. A leaderboard would print the dots.
#
# ## Leaked faces and their price
#
# Lesson 01 found that 288 of the PrivateTest faces, one in twelve, also stand in Training, pixel for pixel. A network may simply remember them. Each stored run knows which faces these are.
#
# ## Exercise 5.5: the price of leakage
#
# By how many points do they raise the printed accuracy? Write a function of two arrays of True and False: whether each face was answered correctly, and whether it was seen in training.
#
# <details><summary>Hint</summary>
#
# What is printed is the accuracy on all faces. What it should have been is the accuracy on those that were not seen, `correct[~seen]`. In points, please: 100 times the share.
#
# </details>


# %%
def price_of_leakage(correct, seen):
    """By how many points known faces raise the accuracy on all faces."""
    # BEGIN SOLUTION
    return 100 * (correct.mean() - correct[~seen].mean())
    # STUB
    # return ...  # your code here
    # END SOLUTION


# %% [markdown]
# The check makes answers of its own, also some where the known faces are the harder ones.

# %%
lesson05.check_price_of_leakage(price_of_leakage)

# %% [markdown]
# For each network: the accuracy on the faces that it never saw, and on those that are also in Training.

# %%
kinds = {}
for name, run in runs.items():
    answers = run.single["private"]
    kinds[name] = tuple(100 * answers.correct[which].mean() for which in (~answers.seen, answers.seen))
prices = {name: rows[name].private.accuracy - rows[name].private.unseen for name in runs}
dearest = max(prices, key=prices.get)
print(f"the price lies between {min(prices.values()):.1f} and {max(prices.values()):.1f} points ({dearest})")
fc.show(
    lesson05.two_kinds(kinds, ("unseen", "also in Training")),
    f"Two dots for each of {len(kinds)} networks: accuracy on unseen faces and on faces from Training. "
    f"For {sum(seen > unseen for unseen, seen in kinds.values())} of them the latter is higher.",
)

# %% [markdown]
# A dozen points more on one face in twelve would make one point on all of them. That is many times the lead of the paper's last row, and each number of that table may owe something to it. It need not fall on all systems alike: a network that remembers better, by more weights or a longer training, can gain more. With 288 such faces, each price is itself uncertain by about half a point; do not read a smaller difference between two prices as memory. (Not all of the distance must be memory either. Pictures that were collected twice may be easier ones.)
#
# ## Accuracy and its cost
#
# The best of all would be useless on a telephone if it needed a hundred times the work. A network is on the *front* if no other is at least as cheap and at least as good. In the figure these are the filled dots; the pocket networks share one name.

# %%
points = [
    lesson05.Priced(
        "pocket" if name.startswith("pocket") else name,
        row.multiply_adds,
        row.private.accuracy,
        row.private.low,
        row.private.high,
    )
    for name, row in rows.items()
]
front = [name for name, best in zip(rows, lesson05.on_front(points)) if best]
print("on the front:", *front, sep="\n  ")
fc.show(
    lesson05.cost_plot(points),
    f"Accuracy against multiply-adds of {len(points)} networks; on the front: {'; '.join(front)}.",
)

# %% [markdown]
# The horizontal axis is logarithmic. Look at the intervals before you drop a network from the front: an open dot just below a filled one may belong there as well. The costs of the pocket networks differ by less than a percent, which nobody would notice. And cost has more than one meaning. What training took stands in the table above, under minutes and epochs; it may be why a large network looks bad here that would be good after a week.
#
# ## The emotions one by one
#
# One number for seven emotions hides a lot. Here is the share of right answers for each, of all networks; the coloured one is the network that PublicTest would choose.

# %%
tables = {name: run.single["private"].confusion for name, run in runs.items()}
recalls = {name: 100 * table.diagonal() / table.sum(axis=1) for name, table in tables.items()}
own, faces = recalls[by_public[0]], tables[by_public[0]].sum(axis=1)
easiest, hardest = fc.EMOTIONS[own.argmax()], fc.EMOTIONS[own.argmin()]
fc.show(
    lesson05.emotion_dots(recalls, by_public[0]),
    f"Right answers for each emotion. {by_public[0]}: most for {easiest}, {own.max():.0f} percent, "
    f"fewest for {hardest}, {own.min():.0f} percent.",
)
rare = faces.argmin()
low, high = fc.wilson_interval(round(own[rare] * faces[rare] / 100), int(faces[rare]))
print(f"{fc.EMOTIONS[rare]} has {faces[rare]} faces: {own[rare]:.0f} %, interval {low:.0f} to {high:.0f} %")

# %% [markdown]
# The distance between emotions is larger than that between most networks. Two networks of equal accuracy may be good at different ones. And mind the printed line before you praise a network for the rarest emotion.
#
# `macro_f1` gives each emotion the same weight, rare or not. Does it name the same winner?

# %%
for what in ("accuracy", "macro_f1", "unseen"):
    best = max(rows, key=lambda name: getattr(rows[name].private, what))
    print(f"{what:<8} highest: {best}, {getattr(rows[best].private, what):.1f}")

# %% [markdown]
# Accuracy, macro-F1, accuracy on unseen faces: three sensible measures. A claim to be best has to say by which, and one that was picked afterwards is worth as little as a row that was picked afterwards.
#
# ## How sure are they themselves?
#
# A network that says "90 %" should be right nine times out of ten. The calibration error is by how many points the faces that we have miss that on average; lesson 07 will come back to it. In one look, the best and the worst of our networks:

# %%
curves = {
    name: statistics.calibration_curve(run.single["private"].probabilities, run.single["private"].correct)
    for name, run in runs.items()
}
by_error = sorted(curves, key=lambda name: curves[name].error)
ends = {name: curves[name] for name in (by_error[0], by_error[-1])}
what = " and ".join(f"{name} {curve.error:.1f} points" for name, curve in ends.items())
for name, curve in ends.items():
    print(f"{name}: error {curve.error:.1f}; chance alone would show {curve.error_by_chance:.1f}")
fc.show(
    lesson05.calibration_plots(ends), f"Right answers against confidence, with the calibration error: {what}."
)

# %% [markdown]
# On the dotted line, a network knows how much it knows. Below it, it is surer than it should be; above, less sure. The error is never zero, for a few hundred faces in a bin scatter even if the network is perfectly honest: only what lies clearly above the printed chance is an error. Calibration and accuracy are two properties, and a table with one column shows one of them.
#
# ## A row of your own
#
# Now your network enters the table.

# %% [markdown] tags=["lesson-only"]
# In lesson 03 the block's map was multiplied into the features after block 3. Here is the same network, trained for a moment on the faces of your profile, and then tested by the very function that made every row above.

# %% tags=["lesson-only", "depends-on-profile"]


recipe = fc.RECIPES["practice"].changed(epochs=2, views=1)
configuration = fc.pocket_configuration("block3_pool", "multiply")
fc.prepare(recipe)
model = fc.build_model(configuration)
few = data.first(train=500, validation=256)
history = fc.train(model, few, recipe)
run = fc.make_run("my-first-row", model, data, configuration, recipe, history)
print("what does not follow from the labels:", fc.verify_run(run, data) or "nothing")

# %% [markdown] tags=["lesson-only"]
# A run holds all that a row needs: how the network was configured, the recipe, the seed, code and versions, and the answer to each face. `verify_run` has held the answers against the labels. From the run to the row it is one call.

# %% tags=["lesson-only", "depends-on-profile"]
mine = fc.measured_row([run])
print(mine.form)
print(f"{mine.seeds} seed, {len(run.single['private'].correct):,} test faces; {run.provenance['data']}")
print(f"about {10 * round(mine.private.accuracy / 10)} % right; selected: {mine.selected}")

# %% [markdown] tags=["lesson-only"]
# Five hundred faces and two epochs make a weak row, but a complete one.

# %% [markdown]
# For a row that counts, the command line goes from the recipe to the stored run by itself, for example with `python -m fercourse train --pocket --after block3_pool --combine multiply --seed 1`. On FER2013 and two processor cores this takes half an hour or more; with `--data practice` it trains on practice faces.
#
# May a practice run stand in Table III? The course keeps nine of them, those of lesson 03, with three seeds each. They make rows like any other; then we try to compare one of them with a row from above.

# %%
drawn = fc.runs("practice")
table = [["block after", "map", "seeds", "test faces", "accuracy", "spread over seeds", "95 % interval"]]
for row in fc.measured_rows(drawn):
    interval = f"{row.private.low:.1f} to {row.private.high:.1f}"
    faces = str(len(drawn[0].single["private"].correct))
    numbers = [str(row.seeds), faces, f"{row.private.accuracy:.1f}", f"{row.private.spread:.1f}", interval]
    table.append([(row.after or "nowhere").removesuffix("_pool"), row.combine, *numbers])
print(fc.aligned(table))
try:
    comparisons.compare_pairs(
        {"drawn faces": drawn[0].single["private"].correct, "FER2013": private[by_public[0]]}
    )
except ValueError as error:
    print(f"\n{error}")

# %% [markdown]
# Compare with the pocket networks above: networks of the same kind, and far other numbers. What follows? Nothing at all. Drawn faces are another exam, with other questions. Put into one column, the numbers would be read as if it were one.
#
# The library refuses the comparison, as its last sentence says; but only because the numbers of faces differ. Had they been the same, nothing would have stopped us: a test of shapes is no test of sense. That is why runs on practice faces lie in a folder of their own, `data/results/practice`, and Table III never looks there.
#
# One thing the practice rows have, though, that a table should have. See the column of the spread: several seeds for each row. How many have the compared runs?
#
# ## So which system is better?
#
# Let the runs answer, as far as they go. They can say which of these networks is better after so little training, and not which system is.

# %%
chosen = by_public[0]
against = [pair for pair in pairs if chosen in (pair.first, pair.second)]
others = {pair.second if pair.first == chosen else pair.first: pair.adjusted for pair in against}
same = [name for name, adjusted in others.items() if adjusted >= 0.05]
row = rows[chosen]
print(f"chosen on PublicTest: {chosen}")
print(
    f"PrivateTest: {row.private.accuracy:.1f} %, interval {row.private.low:.1f} to {row.private.high:.1f} %"
)
ahead = sum(
    adjusted < 0.05 and rows[name].private.accuracy > row.private.accuracy
    for name, adjusted in others.items()
)
print(
    f"of {len(others)} others, {len(others) - len(same) - ahead} are worse and {ahead} better by more than chance"
)
print("not to be told from it:", *(same or ["none"]), sep="\n  ")
several = sum(row.seeds > 1 for row in fc.measured_rows(fc.runs()))
print(f"seeds behind each of these rows: 1; rows of FER2013 with several seeds so far: {several}")
print("not yet run by the common recipe:", ", ".join(lesson05.not_yet_run(runs)) or "none")

# %% [markdown]
# This is how a result can be said: what was chosen and on which faces, how good it is and how surely, what it cannot be told from, how many seeds, and what is missing. It is longer than "outperforms the state of the art". When runs are added to `data/results`, whoever builds this lesson again gets another answer from the same lines. [The queue](../data/results/QUEUE.md) lists those that are still wanted.
#
# ## Quiz
#
# **1.** A paper reports 71.45 % on PrivateTest. `counts_that_give` finds no count. What do you write to the authors?
#
# <details><summary>Answer</summary>
#
# A question, not an accusation: is it a mean of several trainings or of batches, was it measured on other faces, or is a digit wrong? Each of these is common. Only the claim "so many of 3,589" is refuted.
#
# </details>
#
# **2.** Twelve systems are compared in pairs, and one pair out of 66 has p = 0.02. Is that a finding?
#
# <details><summary>Answer</summary>
#
# No. With 66 comparisons of equally good systems one expects about three with p below 0.05. Holm's correction asks the smallest of them to be below 0.05/66, less than a thousandth.
#
# </details>
#
# **3.** Two papers report 72.1 and 72.9 % on PrivateTest. A friend says that a paired test would surely find the difference significant. What is missing?
#
# <details><summary>Answer</summary>
#
# The answers to each face: without them one can only use the unpaired test. And even paired, a difference of less than a point is within what 3,589 faces leave to chance, unless the two systems agree on nearly all of them.
#
# </details>
#
# **4.** The interval of a network's place goes from 1 to 5. May one say that it is "probably the best"?
#
# <details><summary>Answer</summary>
#
# No. The interval says that first place is possible. How often it was first in the resamples is the shade of the first cell; with an interval as long as this, it is usually far less than half of them. And both leave out what another seed would bring.
#
# </details>
#
# **5.** A system was selected on PrivateTest and reported on PublicTest. Each half was used for one thing only. What is wrong?
#
# <details><summary>Answer</summary>
#
# In itself little: it is an honest measurement on the other half. It goes wrong in a table, beside systems that were measured the other way round. The same network can differ by more than a point between the halves, which is more than most neighbours in the table differ.
#
# </details>
#
# ## Summary
#
# - A percentage can be refuted by arithmetic, and a number should be traced to its source before it is compared.
# - Rows that were measured in different ways do not form a ranking, however many decimals they have.
# - On 3,589 faces, two published numbers must lie about two points apart for p below 0.05, and two systems about three for a test to notice it four times out of five. With stored answers less is enough, the less the more the two agree.
# - Many comparisons need a correction; places need intervals; leaked faces can raise a row by more than its lead.
# - An honest row says what was chosen where, how sure it is, and which runs are missing.
#
# ## References
#
# - Nguyen and Nguyen (2021), *A Visual Attention Based VGG19 Network for Facial Expression Recognition*: abstract, Table III, section IV.
# - Khaireddin and Chen (2021), arXiv:2105.03588; code, loader and saved notebook: `usef-kh/fer`, files `data/fer2013.py` and `notebooks/Evaluation.ipynb`.
# - Pramerdorfer and Kampel (2016), arXiv:1612.02903; README of `cpra/fer-cnn-sota`.
# - Minaee and Abdolrashidi (2019), arXiv:1902.01019; unofficial code: `omarsayed7/Deep-Emotion`.
# - Vulpe-Grigorași and Grigore (2021), ATEE, doi:10.1109/ATEE52255.2021.9425073 (behind a paywall, not read); a re-implementation that cites it: `YianKim/2022_PythonStudy_face_emotion_recognition`.
# - ResMaskingNet: `phamquiluan/ResidualMaskingNetwork`; LHC-Net: `Bodhis4ttva/LHC_Net`. Both begin with ImageNet weights.
# - Wilson (1927), *Probable inference, the law of succession, and statistical inference*; McNemar (1947), *Note on the sampling error of the difference between correlated proportions or percentages*; Holm (1979), *A simple sequentially rejective multiple test procedure*; Efron (1979), *Bootstrap methods*; Connor (1987), *Sample size for testing differences in proportions for the paired-sample design*.
# - Recht et al. (2019), *Do ImageNet Classifiers Generalize to ImageNet?*, arXiv:1902.10811: what happens to a ranking on fresh test pictures.
#
# Next: lessons 06 and 07, which look inside the networks and at the limits of all this, are in preparation. [Lesson 08](08_train_the_real_thing.ipynb) trains at full size.
