# %% [markdown]
# # Explore FER2013
#
# **What is in the data, and how good can anyone be?** Before a model learns anything we look at what it learns from: classes, pictures, copies, wrong labels.
#
# You need Python with functions and NumPy arrays, and lesson 00.
#
# Afterwards you can
#
# - describe a set of pictures: its classes, its average, what its resolution keeps;
# - find copies and contradictory labels, and say what they are worth to a model that memorises;
# - compute the two baselines that every model has to beat;
# - put an interval around an accuracy, and say how many test faces a claim needs;
# - recognise a split that leaks, and read "human accuracy" with care.

# %% [markdown]
# ## Set-up
#
# The usual first line prints the profile and returns the faces that go with it.

# %% tags=["depends-on-profile"]
import fercourse as fc
from fercourse.data import exploration, facts, ferplus, practice
from fercourse.lessons import lesson01

profile, data = fc.begin()

# %% [markdown]
# `data` holds three splits: `data.train`, `data.validation` and `data.test`. In FER2013 they are called Training, PublicTest and PrivateTest. Under the profile `practice` they hold drawn faces, in which the course has hidden some of FER2013's faults. What was hidden is written down:

# %% tags=["depends-on-profile"]
print(f"{data.source}: {data.integrity}")
for report in data.reports:
    print("-", report)

# %% [markdown]
# If nothing was hidden, you have the real thing in front of you, and the faults are real ones.
#
# So that you can compare, the course stores a table of facts about FER2013: counts, and no picture and no label. The command `python -m fercourse facts` computed it. From here on, *here* means your faces, and *FER2013* means this table. If you have FER2013, the last section computes the table again.

# %%

fer2013 = facts.stored_facts()
print(f"{len(fer2013)} facts; FER2013 has {sum(fer2013['training_faces']):,} Training faces,")
print(f"{sum(fer2013['public_faces']):,} in PublicTest and {sum(fer2013['private_faces']):,} in PrivateTest.")

# %% [markdown]
# ## How many faces of each emotion?
#
# The first thing to know about a data set is what there is much of, and what there is little of.

# %% tags=["depends-on-profile"]
import pandas as pd

splits = {"Training": data.train, "PublicTest": data.validation, "PrivateTest": data.test}
pd.DataFrame({name: faces.counts() for name, faces in splits.items()})

# %% [markdown]
# Rows are emotions, columns are splits. One class is much larger than the others and one much smaller. Bars show it at a glance, here beside FER2013.

# %% tags=["depends-on-profile"]
import numpy as np

here = np.array(list(data.train.counts().values()))
there = np.array(fer2013["training_faces"])
figure, axes = fc.new_figure(2, width=7.0)
for axis, title, counts in zip(axes, ("here", "FER2013"), (here, there)):
    fc.emotion_bars(axis, 100 * counts / counts.sum(), "{:.1f} %")
    axis.set_title(f"Training, {title}")
most, least = fc.EMOTIONS[here.argmax()], fc.EMOTIONS[here.argmin()]
fc.show(
    figure, f"Shares of the seven emotions, here and in FER2013. Here {most} is commonest, {least} rarest."
)

# %% [markdown]
# The bars have two consequences. A model that never answers the rarest emotion loses hardly any accuracy, so accuracy alone will not tell you that it gave this emotion up. And the commonest emotion alone gives a model something to start from. The next cell says how uneven the classes are.

# %% tags=["depends-on-profile"]
for title, counts in (("here", here), ("FER2013", there)):
    print(f"{title + ':':<9}{counts.max() / counts.min():5.1f} of the commonest for one of the rarest")

# %% [markdown]
# Where drawn faces are less uneven than FER2013, it is because of their wrong labels: a wrong label often lands in a small class. Keep that in mind. In a rare class a larger part of the labels is wrong.
#
# ## Look at them
#
# No number replaces looking. The gallery shows faces page by page: choose an emotion, a split and a page. Over each face stands its row in the data.

# %% tags=["depends-on-profile"]
browser = fc.gallery(data)
browser

# %% [markdown]
# If you see only a line of text here, the notebook is not running: widgets need a live Python behind them. A widget can also be moved by code, which is how the tests of this course make sure that it works. The next cell does what your hand would do.

# %% tags=["depends-on-profile"]
emotion, split, page, line, picture = browser.children
before = picture.value
emotion.value, split.value = "disgust", "PrivateTest"
print(line.value)
print(picture.alt)
assert picture.value != before and page.value == 1
assert f"{data.test.counts()['disgust']:,} faces" in line.value

# %% [markdown]
# Emotion and split changed, the gallery went back to its first page, and the line counts as many faces as the table above. For readers without a live notebook, here is a row of it.

# %% tags=["depends-on-profile"]
disgusted = data.test[data.test.emotions == fc.EMOTIONS.index("disgust")][:4]
fc.show(
    fc.face_grid(disgusted.images, columns=4, side=1.2),
    f"{len(disgusted)} small grey faces labelled disgust.",
)

# %% [markdown]
# Take a minute with the gallery. Find a face whose label you would not have given, and one that you cannot read at all. Note their rows. You will want to know later whether anyone agrees with you.
#
# ## The average face
#
# What do all faces of one emotion have in common? Average them, pixel by pixel. The standard deviation says how much a pixel varies around that average.

# %% tags=["depends-on-profile"]

means, spreads = np.round(exploration.average_faces(data.train))
shapes = means - means.mean(axis=(1, 2), keepdims=True)  # whatever their brightness
neutral = fc.EMOTIONS.index("neutral")
pictures = np.concatenate([means, 128 + 5 * (shapes - shapes[neutral]), 3 * spreads])
titles = [*fc.EMOTIONS, *["minus neutral"] * 7, *["variation"] * 7]
fc.show(
    fc.face_grid(pictures, titles, columns=7, side=1.15),
    "Three rows of seven: blurred average faces; their difference from the neutral one, strongest at mouth "
    "and brows; and the variation, which looks alike for all.",
)

# %% [markdown]
# The first row holds the averages. The second is their difference from the neutral average, brightness apart and five times enlarged, with grey where there is none: now you see what the labels have in common, around mouth and brows. The third row is three times the standard deviation. It looks much the same whatever the emotion, for faces differ in hair, light, pose and skin first. How much of a pixel is emotion?

# %% tags=["depends-on-profile"]
for name, mean, spread in zip(fc.EMOTIONS, means, spreads):
    distance = np.sqrt(((mean - means[neutral]) ** 2).mean())
    print(f"{name:<9} {distance:4.1f} from the neutral average, varies by {spread.mean():3.0f}")

# %% [markdown]
# Both columns are grey values. Going from neutral to an emotion moves the average by less, mostly by far less, than one face of the same emotion differs from another. This is why comparing pixels does so badly, as we shall see, and why a network is needed that finds *features* in which a smile weighs more than a shadow.
#
# ## What 48 × 48 pixels keep
#
# FER2013's faces are tiny. What if they were smaller still? We shrink some faces and enlarge them again.

# %% tags=["depends-on-profile"]
sides = (48, 24, 12, 6)
rows = [exploration.shrink(data.train.images[[i]], side) for i in (0, 2) for side in sides]
fc.show(
    fc.face_grid(np.concatenate(rows), [f"{side} × {side}" for side in sides] * 2, columns=4, side=1.4),
    "Two faces; from left to right the squares get coarser, until only light and dark are left.",
)

# %% [markdown]
# At half the size the expression is still there. At a quarter you have to guess it from a few dark squares. At 6 × 6 you see that it may be a face. Now the same as a number: the share of the variation between faces that survives.

# %% tags=["depends-on-profile"]
sample = data.train.images[:1000].astype(float)
variation = ((sample - sample.mean(axis=0)) ** 2).sum()
for side in sides[1:]:
    lost = ((sample - exploration.shrink(data.train.images[:1000], side)) ** 2).sum()
    print(f"{side:2} × {side:<2} keeps {100 * (1 - lost / variation):3.0f} % of the variation")

# %% [markdown]
# A quarter of the size keeps most of the variation and loses much of the expression. So a small error in pixels is no proof that what matters was kept: light and hair fill many pixels, a raised brow fills few. The paper's network takes 224 × 224 pixels, so the faces must be enlarged. That gives the network room, but it cannot bring back what was never stored.
#
# ## Copies
#
# FER2013 was collected from the web by a program, and the same photograph may be found twice. Two images are copies if every pixel is the same. `tobytes` turns an image into one long value that can be compared, counted, and used as a key of a dictionary.

# %%
first = np.zeros((48, 48), dtype="uint8")
second = first.copy()
print("a copy:         ", first.tobytes() == second.tobytes())
second[47, 47] = 1
print("one pixel off:  ", first.tobytes() == second.tobytes())

# %% [markdown]
# This finds exact copies only. A photograph that was saved again, cropped or mirrored escapes, so whatever we count is a lower bound.
#
# ## Exercise 1.1: groups of copies
#
# Write a function that counts *groups* of identical images. An image that stands three times makes one group, and an image that stands alone makes none.
#
# <details><summary>Hint</summary>
#
# `collections.Counter` counts how often each key occurs. What is the key here, and which of the counts do you want?
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
# The check hands over images of its own, and some of them are traps: nearly the same, or the same but for their order of pixels.

# %%
lesson01.check_duplicate_groups(count_groups)

# %% [markdown]
# The library has the same as `duplicate_groups`, which returns the positions instead of their number. We look for copies in all three splits at once.

# %% tags=["depends-on-profile"]
everyone = exploration.joined(data)
groups = exploration.duplicate_groups(everyone.images)
copied = sum(len(group) for group in groups)
print(f"here:    {len(groups):,} groups, {copied:,} of {len(everyone):,} images")
print(f"FER2013: {fer2013['duplicate_groups']:,} groups, {fer2013['duplicate_images']:,} of 35,887 images")

# %% [markdown]
# Let us look at some of the groups. Over each image stands its split.

# %% tags=["depends-on-profile"]
positions = np.concatenate(groups[:3])
split_of = np.repeat(list(splits), [len(faces) for faces in splits.values()])
fc.show(
    fc.face_grid(everyone.images[positions], split_of[positions], columns=6, side=1.1),
    f"{len(positions)} faces in groups of identical ones, from {', '.join(sorted(set(split_of[positions])))}.",
)

# %% [markdown]
# Neighbours that look the same are the same. A copy inside one split is harmless: it only counts double. A copy that stands in training *and* in a test split is not harmless, because the model has been told the answer. How many test faces are that?

# %% tags=["depends-on-profile"]
copies = data.in_training(data.test)
private = sum(fer2013["private_faces"])
print(f"here:    {copies.sum()} of {len(copies):,} test faces, {100 * copies.mean():.1f} %")
print(f"FER2013: {fer2013['private_in_training']} of {private:,}, ", end="")
print(f"{100 * fer2013['private_in_training'] / private:.1f} %")

# %% [markdown]
# That is what a model could gain by remembering exact copies; near-copies, which we did not count, come on top. So this course reports two accuracies: on all test faces, as everybody does, and on those that do not stand in training.
#
# ## No face, and two labels
#
# Two more faults can be found without looking at a single picture: images of one constant grey value, and copies that have different labels.

# %% tags=["depends-on-profile"]
contradictory = exploration.contradictory_groups(groups, everyone.emotions)
print(
    f"here:    {exploration.constant_images(everyone.images).sum()} constant, {len(contradictory)} groups contradict"
)
print(f"FER2013: {fer2013['constant_images']} constant, {fer2013['contradictory_groups']} groups contradict,")
print(f"         {fer2013['contradictory_groups_of_faces']} without the group of black images")

# %% [markdown]
# FER2013 has a dozen images that are entirely black, and each of them is labelled with an emotion. They form one group of identical images, with several labels. Whoever leaves it out counts one contradictory group fewer; you will find both numbers in print.
#
# Contradictions show wrong labels only where there happens to be a copy. Under `practice` there are none, since a planted copy keeps its label, and yet labels are wrong. Drawn faces have an advantage here: we know what was drawn. Over each of the following stands its label, and below it, in brackets, what was drawn.

# %%

drawn = fc.practice_faces(count=400, seed=0, label_noise=practice.LABEL_NOISE)
wrong = np.flatnonzero(drawn.faces.emotions != drawn.drawn_emotions)
print(f"{len(wrong)} of {len(drawn.faces)} labels are wrong")
names = [
    f"{fc.EMOTIONS[drawn.faces.emotions[i]]}\n({fc.EMOTIONS[drawn.drawn_emotions[i]]})" for i in wrong[:4]
]
fc.show(
    fc.face_grid(drawn.faces.images[wrong[:4]], names, columns=4, side=1.2),
    "Four drawn faces, labelled and drawn: " + "; ".join(name.replace("\n", " ") for name in names) + ".",
)

# %% [markdown]
# Could you have told? Even a reader who recognises every drawing gets these wrong, because right means *equal to the label*. Wrong test labels put a ceiling over every honest model. Wrong training labels do less harm, as long as they are not all wrong in the same way.
#
# ## A model that only memorises
#
# The simplest model of all learns nothing. It keeps all training faces, and gives a new face the label of the most similar one, its *nearest neighbour*. It tells us how much memory is worth.
#
# ## Exercise 1.2: the nearest image
#
# Write a function that returns the position of the image in `known` that is most similar to `image`: the one with the smallest sum of squared pixel differences. `image` has the shape (48, 48), `known` has (N, 48, 48), and both are bytes (`uint8`).
#
# <details><summary>Hint</summary>
#
# What is `np.uint8(100) - np.uint8(120)`? Try it in a cell of its own before you trust any difference.
#
# </details>


# %%
def nearest(image, known):
    """The position in `known` of the image with the smallest sum of squared differences."""
    # BEGIN SOLUTION
    differences = known.astype(int) - image
    return (differences**2).sum(axis=(1, 2)).argmin()
    # STUB
    # return ...  # your code here
    # END SOLUTION


# %% [markdown]
# Almost everybody falls into one trap here, with real data too. The check knows it by name.

# %%
lesson01.check_nearest(nearest)

# %% [markdown]
# For thousands of faces the library uses matrix products instead of a loop: (a − b)² = a² − 2ab + b², and ab for all pairs is one product. The answer is the same. How good is the memoriser?

# %% tags=["depends-on-profile"]
neighbours = exploration.nearest_neighbours(data.test.images, data.train.images)
right = data.train.emotions[neighbours] == data.test.emotions
print(f"all test faces:      {100 * right.mean():5.1f} %")
print(f"also in training:    {100 * right[copies].mean():5.1f} %")
print(f"not in training:     {100 * right[~copies].mean():5.1f} %")

# %% [markdown]
# On copies, memory is nearly or entirely perfect; it fails only where the copy has another label. On all other faces it is poor. The same for FER2013:

# %%
on_copies, on_rest = fer2013["nearest_right_copies"], fer2013["nearest_right_rest"]
seen = fer2013["private_in_training"]
print(f"all of PrivateTest:  {100 * (on_copies + on_rest) / private:5.1f} %")
print(f"also in Training:    {100 * on_copies / seen:5.1f} %")
print(f"not in Training:     {100 * on_rest / (private - seen):5.1f} %")

# %% [markdown]
# The difference between the first line and the last is what copies give to this model. A trained network gains less, for it is better on the rest and does not remember everything. But it gains. What does the memoriser take for similar?

# %% tags=["depends-on-profile"]
fresh = np.flatnonzero(~copies)[:4]
pairs = np.concatenate([data.test.images[fresh], data.train.images[neighbours[fresh]]])
labels = [*data.test.emotions[fresh], *data.train.emotions[neighbours[fresh]]]
fc.show(
    fc.face_grid(pairs, [fc.EMOTIONS[label] for label in labels], columns=4, side=1.1),
    f"Four test faces above, their nearest training faces below; {right[fresh].sum()} of 4 labels agree.",
)

# %% [markdown]
# Above are test faces, below their nearest training faces. They match in light, head and background, and the emotion comes along by luck. Pixels that are close do not mean faces that feel alike.
#
# ## The commonest answer
#
# A second baseline looks at no face at all. It always gives the commonest label.
#
# ## Exercise 1.3: the majority baseline
#
# Write a function that takes the labels of a training and of a test split and returns the accuracy, between 0 and 1, of always giving the commonest answer. Ask yourself which labels the model may know.
#
# <details><summary>Hint</summary>
#
# `np.bincount(labels)` counts how often 0, 1, 2 … occur. The position of its largest number is the commonest label.
#
# </details>


# %%
def majority_accuracy(train_emotions, test_emotions):
    """The accuracy of always giving the commonest answer, between 0 and 1."""
    # BEGIN SOLUTION
    commonest = np.bincount(train_emotions).argmax()
    return np.mean(test_emotions == commonest)
    # STUB
    # return ...  # your code here
    # END SOLUTION


# %% [markdown]
# In the check the commonest emotion differs between training and test, so that it shows from which you learned.

# %%
lesson01.check_majority_accuracy(majority_accuracy)

# %% [markdown]
# Both baselines side by side, each with an interval around it: the library's `wilson_interval` takes the number of right answers and the number of faces.

# %% tags=["depends-on-profile"]
majority = data.test.emotions == here.argmax()
for title, answers in (("commonest", majority), ("nearest", right), ("nearest, unseen", right[~copies])):
    low, high = fc.wilson_interval(int(answers.sum()), len(answers))
    print(f"{title:<16}{100 * answers.mean():5.1f} %, between {low:.1f} and {high:.1f} %")

# %% [markdown]
# Anything that learns must beat both. On drawn faces, where light and hair change most, the memoriser may even lose to the model that looks at nothing. On FER2013 it wins.
#
# ## Other people's votes
#
# How good are the labels? For FER+ ten people looked at every picture of FER2013 again, and each voted for one of ten answers: six emotions and neutral, contempt, "unknown", "not a face" (Barsoum et al., 2016). How often is their most frequent vote the label of FER2013? No faces are needed for this, the stored table has the counts.

# %%
agree = np.array(fer2013["ferplus_agree_private"])
shares = 100 * agree / fer2013["private_faces"]
figure, axis = fc.new_figure(width=5.0)
fc.emotion_bars(axis, shares, "{:.0f} %")
axis.set_title("PrivateTest labels that FER+ voters confirm")
fc.show(
    figure, "Bars: " + ", ".join(f"{name} {share:.0f} %" for name, share in zip(fc.EMOTIONS, shares)) + "."
)

# %% [markdown]
# Where the label says happy, the voters nearly always say so too. With fear it is the other way round: of seven pictures labelled fear, the voters confirm about one. What do they see in the others?

# %%
for name, count in zip(fc.EMOTIONS, fer2013["ferplus_of_fear_private"]):
    print(f"{name:<9}{count:4} of {fer2013['private_faces'][2]} faces labelled fear")

# %% [markdown]
# Most often a neutral face; and sadness and surprise, too, more often than fear. When your model confuses these, it is in good company. Now all emotions together:

# %%
own, cast = fer2013["ferplus_votes_for_label"], fer2013["ferplus_votes_private"]
print(f"one voter agrees with the label:  {100 * own / cast:.1f} %")
print(f"the ten together agree:           {100 * agree.sum() / private:.1f} %")
print(f"more say 'not a face' than other: {fer2013['ferplus_no_face']} images of all splits")

# %% [markdown]
# You will read that humans reach 65 ± 5 % on FER2013, usually with Goodfellow et al. (2013) as the source. The votes fit this order of size. Still, read it with care.
#
# - **Who?** How many people, which pictures, how long did they look? The number is passed on without this. Look for the sentence in the source before you quote it.
# - **± what?** A standard deviation between people, an interval, a guess? It makes a difference.
# - **Right by what?** By one label, made from the word that was searched for and from the people who looked through what was found. FER+ voters had ten answers to choose from, not seven, which makes agreement rarer.
#
# Nor is it a ceiling. A network that reaches 73 % does not see more in a face than people do. It has learned from tens of thousands of examples how *these* labellers label. A person who was never shown one cannot know.
#
# (The table joins the two files by their rows. FER+ also has a column with image names that look like row numbers. They are right for the first rows and then drift away. Whoever joins by name compares votes with other people's faces.)
#
# ## How sure is an accuracy?
#
# A test split is a sample. With other faces the accuracy would have been another. *Wilson's interval* says how far chance alone can move it. Here it is for the accuracy that the paper reports, as if it had been measured on splits of different sizes.

# %%
for count in (100, 1000, 3589, 35887):
    low, high = fc.wilson_interval(round(0.7335 * count), count)
    print(f"{count:>6,} faces: {low:.1f} to {high:.1f} %, ± {(high - low) / 2:.1f} points")

# %% [markdown]
# With the size of PrivateTest, two models that differ by less than two points cannot be told apart in this way. The two best rows of the paper's table differ by seven hundredths of a point.
#
# ## Exercise 1.4: how many faces?
#
# Turn it round. Write a function that says how many test faces are needed to know an accuracy (in percent) to within ± `points`, with 95 % confidence. Use the simple formula: the half-width is 1.96 · √(p · (1 − p) / n), where p is the accuracy as a share. At these sizes it hardly differs from Wilson's.
#
# <details><summary>Hint</summary>
#
# Solve the formula for n on paper first. Percent and points both have to become shares.
#
# </details>


# %%
def faces_needed(accuracy, points):
    """How many faces make an accuracy in percent known to within ± points, at 95 % confidence."""
    # BEGIN SOLUTION
    p, half_width = accuracy / 100, points / 100
    return 1.96**2 * p * (1 - p) / half_width**2
    # STUB
    # return ...  # your code here
    # END SOLUTION


# %% [markdown]
# Every variant that comes within one percent of the right number passes, rounded or not.

# %%
lesson01.check_faces_needed(faces_needed)

# %% [markdown]
# When it is right, ask it for 73 % ± 0.5 points, and compare with the 3,589 faces that there are. Lessons 03 to 05 compare models on the *same* faces, which is sharper, but not by as much as one would like.
#
# ## Splits that leak
#
# FER2013 comes with its three splits. Many copies of it on the web do not, and many tutorials split anew. What happens then? We number the different pictures, so that copies share a number, and let the memoriser tell what a split is worth.


# %%
def leak_and_accuracy(positions, test):
    """Percent of the test faces with a copy outside; percent that the memoriser gets right."""
    images, emotions = everyone.images[positions], everyone.emotions[positions]
    leaked = 100 * exploration.leak(exploration.picture_numbers(images), test) / test.sum()
    asked = np.flatnonzero(test)[:: max(1, test.sum() // 800)]
    found = exploration.nearest_neighbours(images[asked], images[~test])
    return leaked, 100 * np.mean(emotions[~test][found] == emotions[asked])


# %% [markdown]
# `positions` says which faces take part, `test` which of them are tested. Where there are many, about 800 of them are asked, evenly spread, to save your time. We try four splits:
#
# - *official*: the test split as it comes;
# - *at random*: all faces shuffled, and as many drawn for the test;
# - *balanced, then at random*: before drawing, rare emotions are repeated until all are equally frequent;
# - *by picture*: at random, but copies stay together on one side.

# %% tags=["depends-on-profile"]
size, all_faces = len(data.test), np.arange(len(everyone))
repeated = exploration.balanced(everyone.emotions)
numbers = exploration.picture_numbers(everyone.images)
by_picture = exploration.random_test(numbers.max() + 1, size, seed=0)[numbers]
for title, positions, test in (
    ("official", all_faces, all_faces >= len(everyone) - size),
    ("at random", all_faces, exploration.random_test(len(everyone), size, seed=0)),
    ("balanced, then at random", repeated, exploration.random_test(len(repeated), size, seed=0)),
    ("by picture", all_faces, by_picture),
):
    leaked, accuracy = leak_and_accuracy(positions, test)
    print(f"{title:<25} leaks {leaked:4.1f} %, memoriser right {accuracy:4.1f} %")

# %% [markdown]
# A random split does not remove the copies. It only spreads them differently, and the number is no longer comparable with anybody's. (With so few faces asked, each accuracy may be off by three points.) Repeating rare faces *before* splitting is the disaster: most test faces now stand in training too, and a model that has learned nothing scores as high as those in the paper's Table III, or higher. If you read of 90 % on FER2013, look for this mistake first. Only a split by picture is clean. For FER2013 itself:

# %%
for title, name in (
    ("official", "private_in_either"),
    ("at random", "random_split_leak"),
    ("balanced, then at random", "balanced_split_leak"),
):
    print(
        f"{title:<25} leaks {100 * fer2013[name] / private:4.1f} % ({fer2013[name]:,} of {private:,} faces)"
    )

# %% [markdown]
# The first line counts PrivateTest faces that stand in Training or PublicTest. The official split leaks about as much as a random one: nobody looked for copies when it was made. We keep it nevertheless, since only on it do numbers compare, and report the unseen faces beside it.
#
# ### Two halves in one folder
#
# Another popular form of FER2013 is folders of image files, with one test folder of 7,178 faces: PublicTest and PrivateTest mixed. Then the same faces serve to choose a model and to report it. What this does shows best where the truth is known: twenty models, all *equally* good, right with probability 70 %. We choose the best of them, a thousand times over, and average what is reported.

# %%
chance = np.random.Generator(np.random.PCG64(0))
right_answers = chance.binomial(3589, 0.70, size=(1000, 2, 20))  # a thousand times: two halves, twenty models
public, hidden = np.moveaxis(100 * right_answers / 3589, 1, 0)
chosen = public.argmax(axis=1)
print(f"chosen and reported on the mixed folder: {((public + hidden) / 2).max(axis=1).mean():.1f} %")
print(f"chosen and reported on one half:         {public.max(axis=1).mean():.1f} %")
print(f"chosen on one, reported on the other:    {hidden[np.arange(1000), chosen].mean():.1f} %")

# %% [markdown]
# All are worth 70 %. The best of twenty looks better on the faces on which it was chosen, by luck alone, and the fewer those are the more so. Only the last line is free of it. This is why the course chooses on PublicTest and reports PrivateTest, once.
#
# ## Does the table hold?
#
# You need not believe the stored facts. With FER2013 here, the next cell computes every one again and stops if one differs. Facts about FER+ take part if its file `fer2013new.csv` is found beside the data, or where `FERCOURSE_FERPLUS` says.

# %% tags=["depends-on-profile"]
if data.integrity == "verified FER2013":
    file = ferplus.find_ferplus()
    found = facts.facts(data, None if file is None else ferplus.read_ferplus(file))
    assert not facts.differing_facts(found), facts.differing_facts(found)
    print(f"{len(found)} of {len(fer2013)} facts computed again: all agree.")
    print("Those about FER+", "come from the table." if file is None else "are among them.")
else:
    print(f"These are {data.source}, so all facts about FER2013 and FER+ come from the table.")

# %% [markdown]
# Each fact in the file `data/fer2013_facts.json` names the function that computes it, and the file says from which code and on which day.
#
# ## Quiz
#
# **1.** Somebody finds 1,853 surplus copies in FER2013, somebody else 3,369 images with a copy, a third 1,516 groups. Who is right?
#
# <details><summary>Answer</summary>
#
# All three, for 3,369 − 1,516 = 1,853: in each group one image is the original and the others are surplus. A count of "duplicates" says little until it says what was counted.
#
# </details>
#
# **2.** A model reaches 73.3 % on PrivateTest and 71.9 % on its unseen faces. What does the difference tell you?
#
# <details><summary>Answer</summary>
#
# It got almost nine of ten copies right: part of the first number is memory. (Try it: 3,589 · 0.733 − 3,301 · 0.719 right answers are left for 288 copies.) On faces that it has never met, expect the second number.
#
# </details>
#
# **3.** Can a model be better than 65 % on FER2013 if people are not?
#
# <details><summary>Answer</summary>
#
# Yes. Being right means giving the label. A model learns the habits of those who made the labels from 28,709 examples, which people in a test never saw. It is better at *guessing the label*, not at reading faces.
#
# </details>
#
# **4.** A friend augments every face ten times, shuffles, keeps a tenth for the test, and reports 97 %. What do you ask?
#
# <details><summary>Answer</summary>
#
# Whether the ten variants of one face stand on both sides. They must, after shuffling. It is the balanced split again, with copies that are not even exact, so that comparing bytes would not find them. Split first, by picture, then augment the training part only.
#
# </details>
#
# **5.** Why is it wrong to drop the PrivateTest faces that also stand in Training and report only the rest?
#
# <details><summary>Answer</summary>
#
# It is not wrong, it is another number. Published accuracies are on all 3,589 faces. Report both, and say which is which. Dropping the copies from *training* instead would be fair as well, and would make the run differ from everybody's.
#
# </details>
#
# ## Summary
#
# - Emotions are unevenly frequent, and pixels vary much more from person to person than from emotion to emotion.
# - A part of every test accuracy on FER2013 is memory; a nearest neighbour shows how much memory can be worth.
# - Labels are opinions: FER+ voters confirm fewer than two thirds of them, and hardly any fear.
# - An accuracy needs baselines beside it and an interval around it; a fraction of a point is noise.
# - Split first, by picture, and keep the official halves apart: choose on PublicTest, report PrivateTest.
#
# ## References
#
# - Goodfellow et al. (2013), *Challenges in Representation Learning*, arXiv:1307.0414: FER2013, and the human accuracy that is quoted.
# - Barsoum, Zhang, Canton Ferrer and Zhang (2016), *Training Deep Networks for Facial Expression Recognition with Crowd-Sourced Label Distribution*, arXiv:1608.01041: FER+.
# - Wilson (1927), *Probable Inference, the Law of Succession, and Statistical Inference*, Journal of the American Statistical Association 22: the interval.
# - Nguyen and Nguyen (2021), *A Visual Attention Based VGG19 Network for Facial Expression Recognition*: the accuracy in the section on intervals.
# - The page [data/README.md](../data/README.md): how to get FER2013, what is wrong with it, and what it must not be used for.
#
# Next: [lesson 02](02_transfer_learning.ipynb) asks what a network trained on other pictures already knows about faces.
