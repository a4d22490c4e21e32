# %% [markdown]
# # Explore FER2013
#
# **What is in the data, and how good can anyone be?** Before a model learns anything,
# we look at what it will learn from: classes, images, copies, wrong labels.
#
# You need Python functions and NumPy arrays, and [lesson 00](00_start_here.ipynb).
#
# Afterwards you can
#
# - describe a set of images: its classes, its average face, what its resolution
#   preserves;
# - find copies and contradictory labels, and say what copies are worth to a model that
#   memorises;
# - compute two baselines that a model has to beat;
# - put an interval around an accuracy, and say how many test faces a claim needs;
# - recognise a split that leaks, and read "human accuracy" with care.

# %% [markdown]
# ## Would people agree?
#
# The model of lesson 00 got 64.5 % of FER2013's test faces right, which sounds
# poor. But an answer counts as right only if it is the label, and a label is what an
# image search and a few people made of a face. For a later project, FER+ (Barsoum et
# al., 2016), ten other people looked at each of these images and voted. For how many
# faces will the emotion with most votes be the label? Guess before you read on.

# %%
import fercourse as fc

guess = fc.Guess("about 50 %", "about 60 %", "about 75 %", "about 90 %")
guess

# %% [markdown]
# The course stores a table of facts about FER2013: counts, without any image or label.

# %%
import numpy as np

from fercourse.data import exploration, facts, ferplus, practice
from fercourse.lessons import lesson01

fer2013 = facts.stored_facts()
labelled, agree = fer2013["private_faces"], np.array(fer2013["ferplus_agree_private"])
private = sum(labelled)
own, cast = fer2013["ferplus_votes_for_label"], fer2013["ferplus_votes_private"]
rows = {
    "the most frequent vote is the label": agree.sum() / private,
    "a single vote is the label": own / cast,
}
table = [[name, f"{100 * share:.1f} %"] for name, share in rows.items()]
fc.show_table([["in PrivateTest", "how often"], *table])
print(guess.reply(f"about {5 * round(20 * agree.sum() / private)} %"))

# %% [markdown]
# But the voters do not confirm all emotions alike:

# %%
shares = dict(zip(fc.EMOTIONS, 100 * agree / labelled))
title = "PrivateTest labels that the voters confirm"
fc.show(*lesson01.bars(shares, "share of the labels (%)", "{:.0f} %", title, "fear"))

# %% [markdown]
# When the label says happy, the voters nearly always agree. When it says fear, they
# confirm only about one label in seven. What do they see in the others?

# %%
votes = dict(zip(fc.EMOTIONS, fer2013["ferplus_of_fear_private"]))
votes["something else"] = labelled[2] - sum(votes.values())
ordered = dict(sorted(votes.items(), key=lambda vote: vote[1], reverse=True))
title = f"What ten people see in {labelled[2]} faces labelled fear"
label = "faces, by the most frequent of ten votes"
fc.show(*lesson01.bars(ordered, label, "{:.0f}", title, marked="fear"))

# %% [markdown]
# Most often they see a neutral face, and they choose sadness more often than fear, too;
# surprise about as often. (*Something else* is contempt, "unknown" or "not a face".
# Ties go to the answer that comes first in FER+'s file.) A model that confuses these
# emotions is in good company.
#
# The model of lesson 00 (64.5 %) agrees with the label a little more often than the
# voters' favourite. But it was trained on such labels, and the voters could choose
# among ten answers, the model among seven.
#
# ### How good are people?
#
# You will read that humans reach 65 ± 5 % on FER2013, usually with Goodfellow et al.
# (2013) as the source. The most frequent of ten votes is in that range; a single vote,
# with ten answers to choose from, is below it. Treat the number with care in any case.
#
# - **Who?** It is one organiser's small experiment. The number is passed on without
#   saying how many people looked at which images, and for how long.
# - **± what?** It could be a standard deviation between people, an interval or a guess,
#   and these are very different things.
# - **Right by whose standard?** By a single label, which goes back to the word that was
#   searched for and the people who went through the results.
#
# Nor is it a ceiling. In the contest for which FER2013 was made, several "null models"
# (networks with random filters), combined in an ensemble, already reached 65.5 %
# (Bergstra and Cox, 2013), and the winner 71.2 %. A network that reaches 73 % has not
# been shown to read faces better than people do. It has learned from tens of thousands
# of examples how *these* people label, which somebody who has never seen any cannot
# know.
#
# <details><summary>How to join the two sets</summary>
#
# The stored counts join FER2013 and FER+ by row. FER+ also has image names that look
# like row numbers, but joining by them assigns votes to the wrong faces. In 177 of the
# 35,887 images, "not a face" won.
#
# </details>
#
# ## Look at them
#
# The usual line prints the profile and returns the faces that go with it, in three
# splits, which FER2013 calls Training, PublicTest and PrivateTest. Under `practice`
# they contain drawn faces, and we have planted some of FER2013's faults among them. The
# cell prints what we planted; otherwise, the faults you will find are FER2013's own.

# %% tags=["depends-on-profile"]
profile, data = fc.begin()
splits = {
    "Training": data.train,
    "PublicTest": data.validation,
    "PrivateTest": data.test,
}
print(f"{data.integrity}:", *data.reports, sep="\n")
sizes = [sum(fer2013[f"{half}_faces"]) for half in ("training", "public", "private")]
loaded = [len(faces) for faces in splits.values()]
lesson01.show_pairs("faces in", dict(zip(splits, zip(loaded, sizes), strict=True)))

# %% [markdown]
# Below, *here* means the faces that you have loaded, and *FER2013* means the stored
# table.
#
# In this gallery you choose an emotion, a split and a page. The number below each face
# is its row in the data. (If you read this page without running it, you see the first
# page.)

# %% tags=["depends-on-profile"]
fc.gallery(data)

# %% [markdown]
# Begin with disgust in PrivateTest, which is so rare that you can look at every such
# face. Find a face that you would have labelled differently, and one that you cannot
# read at all. Write down their rows, and ask somebody else without showing them the
# label.
#
# ## How many faces of each emotion?
#
# Which classes are common and which are rare?

# %% tags=["depends-on-profile"]
here = np.array(list(data.train.counts().values()))
fc.show(*lesson01.class_shares(here, fer2013["training_faces"]))

# %% [markdown]
# This imbalance has two consequences. A model that never answers the rarest emotion
# loses hardly any accuracy, so accuracy alone will not reveal that it has given up on
# that emotion. And a model that always answers the most frequent one already has
# some accuracy.
#
# The faces were drawn in FER2013's proportions, and then some labels were made wrong. A
# wrong label is as likely to be a rare emotion as a common one, so rare classes suffer
# most: of the drawn faces labelled disgust, we expect half to have a wrong label.
#
# ## The average face
#
# What do all faces with the same label have in common? We average them pixel by pixel
# and subtract the average neutral face. Even averages of random groups differ, so we do
# the same after shuffling the labels 200 times: each group is as large as before, but
# its faces were put together by chance.

# %% tags=["depends-on-profile"]
means, spreads = exploration.average_faces(data.train)
shuffled = lesson01.shuffled_averages(data.train, times=200)
emotions = "happy", "surprise"
fc.show(*lesson01.difference_maps(means, shuffled, emotions, data.source))
print(
    f"Standard deviation of a pixel within a label: {spreads.mean():.0f} grey values"
)

# %% [markdown]
# *Size* is the root mean square of the differences (the square root of the mean of
# their squares); in brackets is the size that 95 % of the shuffles do not exceed. The
# last row draws the shuffle of median size. Drawn faces labelled happy and surprise
# differ from neutral by a little more than chance explains, most of all at the mouth.
# Put "disgust", a small group, into the tuple: there chance alone makes larger
# differences. We have not measured this on FER2013.
#
# Within a label, drawn faces differ by far more than that, in hair, light, pose and
# skin. Does comparing pixels work at all, then? You will see. A network has to
# find *features* in which a smile counts for more than a shadow.
#
# ## What 48 × 48 pixels keep
#
# FER2013's faces are tiny. What if they were smaller still? We shrink two faces and
# enlarge them again. The percentage says how much of the variation between faces
# survives.

# %% tags=["depends-on-profile"]
sample = data.train.images[:1000]
variation = ((sample - sample.mean(axis=0)) ** 2).sum()
tiles, titles = [], []
for side in (48, 24, 12, 6):
    small = exploration.shrink(sample, side)
    lost = ((sample.astype(float) - small) ** 2).sum()
    tiles.append(small[[0, 2]])
    titles.append(f"{side} × {side}: {100 * (1 - lost / variation):.0f} %")
fc.show(
    fc.face_grid(np.concatenate(np.stack(tiles, 1)), titles, columns=4),
    f"Two faces in ever coarser squares, and the variation kept: {', '.join(titles)}.",
)

# %% [markdown]
# At half the side, you can still see the expression. At a quarter, you have to guess it
# from a few dark squares, although most of the variation survives. At 6 × 6, you can
# just tell that it may be a face. A small error in pixels therefore does not prove that
# the important things were kept: light and hair fill many pixels, a raised brow only a
# few. The network of the paper (Nguyen and Nguyen, 2021) takes 224 × 224 pixels, so the
# faces are enlarged first, which cannot restore what was never recorded.
#
# ## Copies
#
# A program collected FER2013 from the web, and it found some photographs more than
# once. We call two images copies if all their pixels are the same. `tobytes` turns an
# image into a single value that you can compare, count, and use as the key of a
# dictionary.

# %%
first = np.zeros((48, 48), dtype="uint8")
second = first.copy()
print("a copy:         ", first.tobytes() == second.tobytes())
second[47, 47] = 1
print("one pixel off:  ", first.tobytes() == second.tobytes())

# %% [markdown]
# This misses a photograph that was saved again, cropped or mirrored, so there may be
# more copies than we count below.
#
# ### ✏️ Exercise 1.1: groups of copies
#
# Write a function that counts *groups* of identical images. An image that occurs three
# times makes one group; an image that occurs once makes none.
#
# <details><summary>Hint</summary>
#
# `collections.Counter` counts how often each key occurs. What is the key here, and
# which of the counts do you want?
#
# </details>

# %%
from collections import Counter


def count_groups(images):
    """The number of groups of two or more images that are the same in every pixel."""
    # BEGIN SOLUTION
    copies = Counter(image.tobytes() for image in images)
    return sum(count > 1 for count in copies.values())
    # STUB
    # return ...  # your code here
    # END SOLUTION


# %% [markdown]
# The check uses images of its own. Some are almost the same, others have the same
# pixels in a different order.

# %%
lesson01.check_duplicate_groups(count_groups)

# %% [markdown]
# ### Copies in and between splits
#
# The library's `duplicate_groups` does the same but returns the positions of the
# copies. We search all three splits at once.

# %% tags=["depends-on-profile"]
everyone = exploration.joined(data)
groups = exploration.duplicate_groups(everyone.images)
copied = sum(len(group) for group in groups)
copies, seen = data.in_training(data.test), fer2013["private_in_training"]
rows = {
    "groups of copies": (len(groups), fer2013["duplicate_groups"]),
    "images in these groups": (copied, fer2013["duplicate_images"]),
    "test faces": (len(copies), private),
    "test faces also in Training": (copies.sum(), seen),
    "their share": (f"{100 * copies.mean():.1f} %", f"{100 * seen / private:.1f} %"),
}
lesson01.show_pairs("in all splits", rows)

# %% [markdown]
# Here are two of these groups. The title above each image is its split.

# %% tags=["depends-on-profile", "title-picture"]
positions = np.concatenate(groups[:2])
split_of = np.repeat(list(splits), [len(faces) for faces in splits.values()])
fc.show(
    fc.face_grid(everyone.images[positions], split_of[positions], columns=4),
    f"{len(positions)} faces in two groups of identical ones, from "
    f"{', '.join(sorted(set(split_of[positions])))}.",
)

# %% [markdown]
# A copy within one split is counted twice. A copy in both the training and the test
# split is worse, because the model has already been given the answer. This course
# therefore reports two accuracies: one on all test faces, as everybody does, and one on
# the *unseen* faces, which are not in Training.
#
# ## Black images and contradictions
#
# Bytes reveal two more faults: images of one grey value, and *contradictions*, groups
# of copies with different labels.

# %%
constant, contradictory = fer2013["constant_images"], fer2013["contradictory_groups"]
without = fer2013["contradictory_groups_of_faces"]
print(f"FER2013: {constant} images that are entirely black")
print(f"{contradictory} groups of copies with contradictory labels,", end=" ")
print(f"{without} without the black images")

# %% [markdown]
# Twelve images are entirely black. Each has an emotion as its label, and not all have
# the same.
#
# Contradictions reveal wrong labels only where there happens to be a copy. How many
# labels are wrong elsewhere? In FER2013 nobody knows. With drawn faces we do: some
# labels were made wrong. The titles are labels, with what was drawn in brackets.

# %%
drawn = fc.practice_faces(count=400, seed=0, label_noise=practice.LABEL_NOISE)
fc.show(*lesson01.wrong_labels(drawn))

# %% [markdown]
# Could you have known? Somebody who recognised every drawing would still get these
# wrong, because being right means giving the same answer as the label. Wrong labels in
# a test split cost even a perfect reader of faces some accuracy. Wrong labels in
# training may do less harm, if they are not all wrong in the same way.
#
# ### Doubtful labels, face by face
#
# Look at such labels yourself, on drawn faces whose labels we made wrong. *Strength* is
# the strongest single movement in the face, from 0 (none) to 10. (If you have FER2013
# and the file of FER+, you see the faces whose most frequent vote is not the label, and
# *agree* is the number of voters who chose the label.)

# %% tags=["depends-on-profile"]
if data.integrity == "verified FER2013" and ferplus.find_ferplus():
    doubts = lesson01.voted_labels(data, ferplus.require_ferplus())
else:
    doubts = lesson01.planted_labels(drawn)
doubts

# %% [markdown]
# On drawn faces, a bar says how strongly the movements of one emotion were drawn, on
# average. Several bars can be long, because emotions share movements: fear and surprise
# both raise the brows and drop the jaw. A neutral face has no bar.
#
# <details><summary>Answer to the question above the face</summary>
#
# With drawings there is no clear limit. The weaker a movement, the more the face looks
# like somebody's face at rest, and whether the label is wrong becomes a matter of
# opinion. With FER+, the line above the face counts for you: set *agree* to 0, and it
# says how many labels not a single voter chose. As voters often disagree among
# themselves, a label that three or four of ten share is one of several readings rather
# than a mistake.
#
# </details>
#
# ## A model that only memorises
#
# The first baseline only remembers. It stores the training faces and gives a new face
# the label of the most similar one, its *nearest neighbour*. Its accuracy shows how
# much memory is worth.
#
# ### ✏️ Exercise 1.2: the nearest image
#
# Write a function that returns the position of the image in `known` that is most
# similar to `image`, which is the one with the smallest sum of squared pixel
# differences. `image` has the shape (48, 48) and `known` has (N, 48, 48); both contain
# bytes (`uint8`).
#
# <details><summary>Hint</summary>
#
# What is `np.uint8(100) - np.uint8(120)`? Try it in a cell of its own before you trust
# any difference.
#
# </details>


# %%
def nearest(image, known):
    """Position in `known` of the image with the smallest sum of squared differences."""
    # BEGIN SOLUTION
    differences = known.astype(int) - image
    return (differences**2).sum(axis=(1, 2)).argmin()
    # STUB
    # return ...  # your code here
    # END SOLUTION


# %% [markdown]
# There is a trap here. The check recognises it.

# %%
lesson01.check_nearest(nearest)

# %% [markdown]
# ### What memory is worth
#
# How many of FER2013's test faces does the nearest-neighbour model get right? Guess
# first.

# %%
memory_guess = fc.Guess("about 15 %", "about 25 %", "about 40 %", "about 65 %")
memory_guess

# %% [markdown]
# The library's `nearest_neighbours` does what your function does, for all faces.

# %% tags=["depends-on-profile"]
# (a - b)² = a² - 2ab + b²: one matrix product computes ab for all pairs.
neighbours = exploration.nearest_neighbours(data.test.images, data.train.images)
right = data.train.emotions[neighbours] == data.test.emotions
on_copies, on_rest = fer2013["nearest_right_copies"], fer2013["nearest_right_rest"]
rows = {
    "all": 100 * np.array([right.mean(), (on_copies + on_rest) / private]),
    "with a copy in Training": 100
    * np.array([right[copies].mean(), on_copies / seen]),
    "unseen": 100 * np.array([right[~copies].mean(), on_rest / (private - seen)]),
}
lesson01.show_pairs("right answers on test faces", rows, "{:.1f} %")
print(memory_guess.reply(f"about {5 * round(rows['all'][1] / 5)} %"))

# %% [markdown]
# On copies, its memory is perfect, except where the copy has another label.
# [Lesson 05](05_table3_measured.ipynb) measures what trained networks gain from copies.
# Which faces does the nearest-neighbour model consider similar?

# %% tags=["depends-on-profile"]
fresh = np.flatnonzero(~copies)
asked, nearest_ones = data.test[fresh], data.train[neighbours[fresh]]
fc.show(*lesson01.nearest_pairs(asked, nearest_ones))

# %% [markdown]
# The drawn pairs share light, head shape or background, seldom the emotion.
#
# ## The most frequent answer
#
# The second baseline does not look at faces at all. It always gives the most frequent
# label.
#
# ### ✏️ Exercise 1.3: the majority baseline
#
# In exercise 0.2 you looked at the test labels to learn that happy is the most
# frequent. A model cannot. Write a function that takes the labels of a training split
# and of a test split, and returns the accuracy, between 0 and 1, of always giving the
# answer that is most frequent in training.
#
# <details><summary>Hint</summary>
#
# `np.bincount(labels)` counts how often 0, 1, 2 … occur. The position of its largest
# number is the most frequent label.
#
# </details>


# %%
def majority_accuracy(train_emotions, test_emotions):
    """The accuracy of always giving the most frequent answer, between 0 and 1."""
    # BEGIN SOLUTION
    most_frequent = np.bincount(train_emotions).argmax()
    return np.mean(test_emotions == most_frequent)
    # STUB
    # return ...  # your code here
    # END SOLUTION


# %% [markdown]
# In the check, training and test have different most frequent emotions.

# %%
lesson01.check_majority_accuracy(majority_accuracy)

# %% [markdown]
# ## How certain is an accuracy?
#
# A test split is a sample, and other faces would have given another accuracy. Suppose
# that a model gets exactly 73.35 % of all possible faces right, which is the accuracy
# that the paper reports. What would you measure on a test split? Here, twenty splits
# are drawn at random. Each dot is the accuracy on one of them, and the line through it
# is *Wilson's interval* of 95 %. Both are orange if the interval misses the truth. The
# grey band is the truth ± 2 points.

# %%
lesson01.SplitsPanel()

# %% [markdown]
# **Try this.** Change the number of *test faces* and watch the dots and their
# intervals. Then keep the number and go through several draws.
#
# 1. How many test faces does it take before all twenty dots stay within two points of
#    the truth?
# 2. How many of the twenty intervals miss the truth? Do they miss it less often when
#    there are more faces?
#
# <details><summary>Answer</summary>
#
# 1. With 1,000 faces, nearly every draw has a dot that is further away; with 3,589, the
#    size of PrivateTest, about one draw in eight has one. With 10,000 we found none in
#    a hundred draws.
# 2. On average one in twenty, whatever the size: that is what "95 %" means. More faces
#    make the intervals shorter; they do not make them right more often.
#
# </details>
#
# In practice you have one split, and you do not know the truth. The interval then shows
# how far away it may be. The simplest formula takes the measured accuracy for the true
# one and asks how much other splits would differ. Wilson's interval turns this around:
# it keeps every true accuracy that could easily have produced your measurement. So it
# remains good for few faces, and for accuracies close to 0 or 100 %.
#
# ### Two baselines with intervals
#
# The library's `wilson_interval` takes the number of right answers and the number of
# faces. Here are both baselines, with the nearest neighbour's accuracy on unseen faces
# in the third row.

# %% tags=["depends-on-profile"]
majority = data.test.emotions == here.argmax()
rows = {
    "most frequent label": (majority, fer2013["majority_right"], private),
    "nearest neighbour": (right, on_copies + on_rest, private),
    "nearest neighbour, unseen faces": (right[~copies], on_rest, private - seen),
}
fc.show(*lesson01.baseline_intervals(rows))

# %% [markdown]
# A model that does not beat both has not shown that it reads expressions. On FER2013
# the nearest neighbour is the better baseline. On unseen drawn faces, which vary most
# in light and hair, it is *worse* than the model that looks at nothing: 18.6 % against
# 26.9 % of all, and the intervals do not overlap.
#
# ### How many faces does a claim need?
#
# Here is the interval for the paper's accuracy, as if it had been measured on splits of
# four sizes.

# %%
rows = {}
for count in (100, 1000, 3589, 35887):
    low, high = fc.wilson_interval(round(0.7335 * count), count)
    rows[f"{count:,} test faces: ± {(high - low) / 2:.1f} points"] = 73.35, low, high
fc.show(fc.accuracy_intervals(rows, "{:g}"), f"Four intervals. {'; '.join(rows)}.")

# %% [markdown]
# If two accuracies on *different* faces are uncertain by ± 1.4 points each, their
# difference is uncertain by √2 · 1.4, about two points. On the *same* faces, a finer
# test exists (lessons 03 to 05), but it needs the answers of both models, which the
# paper does not give. The two best rows of its Table III, its own (73.35 %) and VGGnet
# (73.28 %), are two or three faces apart.
#
# ### ✏️ Exercise 1.4: how many faces?
#
# Now the other way round. Write a function that returns how many test faces you need to
# know an accuracy (in percent) to within ± `points`, with 95 % confidence. Use the
# simple formula for the half-width,
#
# $$1.96 \cdot \frac{\sqrt{p \, (1 - p)}}{\sqrt{n}},$$
#
# where $p$ is the accuracy as a share. At these sizes it hardly differs from Wilson's.
#
# <details><summary>Hint</summary>
#
# Solve the formula for $n$ on paper first. Percent and points both have to become
# shares.
#
# </details>


# %%
def faces_needed(accuracy, points):
    """How many faces give an accuracy (%) to within ± points, at 95 % confidence."""
    # BEGIN SOLUTION
    p, half_width = accuracy / 100, points / 100
    return 1.96**2 * p * (1 - p) / half_width**2
    # STUB
    # return ...  # your code here
    # END SOLUTION


# %% [markdown]
# The check accepts any answer within one percent of the right number, rounded or not.

# %%
lesson01.check_faces_needed(faces_needed)

# %% [markdown]
# Once your function passes, ask it for 73 % ± 0.5 points and compare the answer with
# the 3,589 faces of PrivateTest.
#
# ## Splits that leak
#
# FER2013 comes with three splits. Many versions on the web do not, and many tutorials
# make their own. Some first repeat rare faces, until all emotions are equally frequent,
# and then draw the test faces at random. The model that only memorises gets 40.5 % of
# FER2013's own test faces right. How many does it get right after such a split?

# %%
leak_guess = fc.Guess("about 20 %", "about 40 %", "about 60 %", "about 80 %")
leak_guess

# %% [markdown]
# We compare four splits:
#
# - *official*: the test split as it comes;
# - *at random*: all faces are shuffled, and as many test faces are drawn as the
#   official split has;
# - *balanced, then at random*: rare emotions are repeated until all are equally
#   frequent, and then the test faces are drawn;
# - *by picture*: drawn at random, but all copies of an image stay on the same side.

# %% tags=["depends-on-profile"]
size, draw = len(data.test), exploration.random_test
repeated = everyone[exploration.balanced(everyone.emotions)]
numbers = exploration.picture_numbers(everyone.images)  # copies share one
tests = {
    "at random": (everyone, draw(len(everyone), size, seed=0)),
    "balanced, then at random": (repeated, draw(len(repeated), size, seed=0)),
    "by picture": (everyone, draw(numbers.max() + 1, size, seed=0)[numbers]),
}
measured = {"official": (100 * copies.mean(), 100 * right.mean())}
measured |= {name: lesson01.leak_and_accuracy(*test) for name, test in tests.items()}
stored = lesson01.stored_leaks(fer2013, private)
fc.show(*lesson01.leaks_figure(measured, stored))
_, by_memory = stored["balanced, then at random"]
print(leak_guess.reply(f"about {10 * round(by_memory / 10)} %"))

# %% [markdown]
# **A model that only compares pixels gets 80.2 %, seven points more than the paper
# reports for its network.** Seven in ten test faces simply have a copy in training. Of
# the drawings, it gets 72 % right, and 17 % if no copy crosses over. So balance only
# the training part, after splitting. If you read of 90 % on FER2013, look for this
# mistake first.
#
# Only the split by picture is free of exact copies. We keep the official one, because
# only accuracies on the same split can be compared, and report the accuracy on unseen
# faces as well.
#
# <details><summary>The small print</summary>
#
# In the official split, the neighbour is one of the Training faces; in the others, one
# of all faces that are not test faces. With few faces tested, each grey accuracy may be
# off by three points. Near-copies may remain even in a split by picture.
#
# </details>
#
# ### Choosing and reporting on the same faces
#
# FER2013 is also popular as folders of image files, with one test folder of 7,178 faces
# that mixes PublicTest and PrivateTest. The same faces then serve both to choose a
# model and to report its accuracy. Suppose that you have twenty models that are all
# *equally* good, each right with probability 70 %, and choose the one that does best on
# the 7,178 faces. What accuracy will it show on them, on average?

# %%
best_guess = fc.Guess("about 70 %", "about 71 %", "about 72.5 %", "about 75 %")
best_guess

# %% [markdown]
# We repeat this a thousand times; next, the same with one half only, and then choosing
# on one half and reporting on the other. A dot is one repetition, a diamond the mean,
# and the dotted line the truth.

# %%
chance = np.random.Generator(np.random.PCG64(0))
# Shape (1000, 2, 20): repetition, half, model.
right_answers = chance.binomial(3589, 0.70, size=(1000, 2, 20))
public, hidden = np.moveaxis(100 * right_answers / 3589, 1, 0)
chosen = public.argmax(axis=1)
rows = {
    "chosen and reported on the mixed folder": ((public + hidden) / 2).max(axis=1),
    "chosen and reported on one half": public.max(axis=1),
    "chosen on one half, reported on the other": hidden[np.arange(1000), chosen],
}
fc.show(*lesson01.reported_figure(rows, truth=70))
mixed = rows["chosen and reported on the mixed folder"].mean()
print(best_guess.reply(f"about {round(2 * mixed) / 2:g} %"))

# %% [markdown]
# On the faces used for choosing, the best model looks better by luck alone, and the
# fewer these faces are, the more it does. (Real models err on many of the same faces,
# so expect a smaller gain.) Only the last row is free of this bias. This is why the
# course chooses on PublicTest and reports PrivateTest, once.
#
# ## Quiz
#
# **1.** Three people count duplicates in FER2013. One finds 1,853 surplus copies,
# another 3,369 images that have a copy, and the third 1,516 groups. Who is right?
#
# <details><summary>Answer</summary>
#
# All three: 3,369 − 1,516 = 1,853, because in each group one image is the original and
# the others are surplus. A count of "duplicates" means little until you know what was
# counted.
#
# </details>
#
# **2.** A model reaches 73.3 % on PrivateTest and 71.9 % on its unseen faces. What does
# the difference tell you?
#
# <details><summary>Answer</summary>
#
# It got almost nine in ten of the copies right, so part of the first number may be
# memory. (Try it: 3,589 · 0.733 − 3,301 · 0.719 right answers remain for 288 copies.)
# On faces that it has never seen, expect the second number.
#
# </details>
#
# **3.** Can a model do better than 65 % on FER2013 if people do not?
#
# <details><summary>Answer</summary>
#
# Yes. Being right means giving the label. From 28,709 examples, a model learns the
# habits of the people who made the labels; people in a test never saw those examples.
# The model is better at *guessing the label*; that does not show that it reads
# faces better.
#
# </details>
#
# **4.** A friend augments every face ten times, shuffles, keeps a tenth for the test,
# and reports 97 %. What do you ask?
#
# <details><summary>Answer</summary>
#
# Whether variants of the same face are on both sides. After shuffling, they must be. It
# is the balanced split again, with copies that are not even exact, so comparing bytes
# would not find them. Split first, by picture, then augment only the training part.
#
# </details>
#
# **5.** You have the two accuracies of a model, on all 3,589 PrivateTest faces and on
# the 3,301 that are not in Training. Which one do you report?
#
# <details><summary>Answer</summary>
#
# Both, and say which is which. Published accuracies are on all faces, so only the first
# can be compared with them. The second is what to expect on new faces.
#
# </details>
#
# ## Summary
#
# - Some emotions are much rarer than others, and among the drawn faces, pixels vary
#   much more within a label than between labels.
# - 8 % of FER2013's test faces are also in Training, so part of a test accuracy can be
#   memory.
# - How good can anyone be? Labels are opinions: FER+ voters confirm 62 % of them, and
#   13 % of those that say fear. The contest's winner got 71.2 % right, the paper
#   reports 73.35 %, and no ceiling is known.
# - An accuracy needs baselines and an interval; on 3,589 faces, a fraction of a point
#   can be chance.
# - A split made after repeating rare faces let a model that only memorises reach
#   80.2 %: split first, by picture. And keep the two official test halves apart: choose
#   on PublicTest, report PrivateTest.
#
# ## References
#
# - Goodfellow et al. (2013), *Challenges in Representation Learning*, arXiv:1307.0414:
#   FER2013, and the human accuracy that is quoted.
# - Bergstra and Cox (2013), *Hyperparameter Optimization and Boosting for Classifying
#   Facial Expressions: How good can a "Null" Model be?*, arXiv:1306.3476: the null
#   models.
# - Barsoum, Zhang, Canton Ferrer and Zhang (2016), *Training Deep Networks for Facial
#   Expression Recognition with Crowd-Sourced Label Distribution*, arXiv:1608.01041:
#   FER+.
# - Wilson (1927), *Probable Inference, the Law of Succession, and Statistical
#   Inference*, Journal of the American Statistical Association 22: the interval.
# - Nguyen and Nguyen (2021), *A Visual Attention Based VGG19 Network for Facial
#   Expression Recognition*: the accuracy in the section on intervals.
# - The page [data/README.md](../data/README.md): how to get FER2013, what is wrong with
#   it, and what it must not be used for. If you have it, `python -m fercourse facts`
#   counts all stored facts again.
#
# Next: [lesson 02](02_transfer_learning.ipynb) asks what a network trained on other
# pictures already knows about faces.
