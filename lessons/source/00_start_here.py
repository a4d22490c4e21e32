# %% [markdown]
# # Start here
#
# **A paper reports that a neural network with attention (a part that computes one
# number for each place in the picture, meant to say how much that place matters) gets
# 73.35 % of the test faces right, choosing among seven emotions. Is that so? And is it
# the attention that does it?** Each lesson looks at a part of this question:
#
# - 00: What does a trained model say about a face? (The picture shows how coarse the
#   grid becomes on the way from a face to seven numbers.)
# - [01](01_explore_fer2013.ipynb): What is in the data, and how good can anyone be?
# - [02](02_transfer_learning.ipynb): What does a network trained on other pictures
#   already know about faces?
# - [03](03_spatial_attention.ipynb): How does the attention work, and does it help?
# - [04](04_move_the_block.ipynb): Is it in the right place?
# - [05](05_table3_measured.ipynb): Which system is better, and how sure can we be?
# - [06](06_look_inside.ipynb): What does the network look at, and does attention show
#   it?
# - [07](07_limits_and_responsibility.ipynb): What should nobody ever do with such a
#   model?
# - [08](08_train_the_real_thing.ipynb): What does it take to get to 73.35 %?
#
# You need a little Python: loops, functions, NumPy arrays.
#
# Afterwards you can
#
# - load a trained model that comes with the course and ask it about a face;
# - work through an exercise and make use of its check;
# - say what a model's answer means, and what it does not;
# - check what your machine has, and choose one of three profiles for the lessons.

# %% [markdown]
# ## One face, seven numbers
#
# Run a cell and move on to the next one with Shift and Enter. The first code cell of
# every lesson is for Google Colab, where it installs the course; on your own computer
# it does nothing. The next one draws a face and asks a trained model about it.

# %%
import numpy as np

import fercourse as fc
from fercourse.lessons import lesson00

fc.load_backend()  # TensorFlow starts, which takes some seconds
model = fc.pocket_model(after="block4_pool")
image = fc.practice_faces(count=1, seed=0).faces.images[0]
probabilities = fc.predict(model, image[None])[0]
fc.show(*lesson00.answer_figure(image, probabilities))

# %% [markdown]
# On the left is a drawing of a face, on the right everything the model has to say about
# it: one number for each of seven emotions. It learned to do this from 28,709
# photographs of people, and nobody ever told it what a brow or a mouth is. (In the
# code, `image[None]` makes a stack of one image, because models take stacks.)
#
# ### A game: seven answers
#
# Here you move the muscles yourself. Tick a movement or two, and watch the bars. How
# many of the seven answers can you get? Begin with *lip corners up*. If you are stuck,
# try another person, because the same smile does not always get the same answer.

# %%
lesson00.PosePanel(model)

# %% [markdown]
# <details><summary>Some recipes, and a warning</summary>
#
# *Jaw dropped* with *outer brows up* often gives surprise, *inner brows up* with *lip
# corners down* sad, and *brows down* with *lids tight* angry. We never got disgust out
# of it with a drawing, and you will soon see one reason: hardly any photograph that it
# learned from had that label.
#
# </details>
#
# Changing one thing to see how the answer changes is an experiment on a neural network;
# the course runs many. The paper mentioned above is by Nguyen and Nguyen (2021). They
# gave VGG19, a well-known image network of 2014, an *attention block*, which computes a
# number for each place in an image.
#
# ## Faces
#
# The next line is near the top of every other lesson. It prints the *profile*, which
# decides how much a lesson computes, and returns the faces that go with it.

# %% tags=["depends-on-profile"]
profile, data = fc.begin()

# %% [markdown]
# The course draws its own *practice faces*. They depict no real person, so you may
# copy, print and share them. A seed makes them the same on every computer. If you have
# FER2013, the photographs that the paper works with, you will see six of those instead.

# %% tags=["depends-on-profile"]
drawn = profile.name == "practice"
faces = fc.practice_faces(count=6, seed=6).faces if drawn else data.validation[:6]
print(faces.images.shape, faces.images.dtype)
print(faces.emotions)

# %% [markdown]
# These are six images of 48 rows and 48 columns, with one byte per pixel, from 0
# (black) to 255 (white), as in FER2013. The second line holds one number for each face,
# and `fc.EMOTIONS` translates it into a word.

# %% tags=["depends-on-profile"]
labels = [fc.EMOTIONS[emotion] for emotion in faces.emotions]
fc.show(
    fc.face_grid(faces.images, labels, columns=3, side=1.2),
    f"Six grey faces in two rows, labelled {', '.join(labels)}.",
)

# %% [markdown]
# The word above each face is its *label*. For a practice face, it is the expression
# that we drew. For a photograph, it is somebody's opinion (see *Another kind of
# picture*). Would you have chosen the same word?
#
# ## A trained model
#
# The paper's network is VGG19 with attention, and the course comes with small versions
# of it. The model at the top of the page is one of these *pocket models*, trained on
# the real FER2013, on two CPU cores.

# %%
print(f"{model.count_params():,} parameters")
print("from", model.input_shape[1:], "to", model.output_shape[1:])

# %% [markdown]
# An image of 48 × 48 × 1 goes in, seven numbers come out, and in between are more than
# a million parameters. The paper's network has 123 million;
# [lesson 03](03_spatial_attention.ipynb) shows where they are.

# %% tags=["depends-on-profile"]
probabilities = fc.predict(model, faces.images)
fc.show(*lesson00.answer_figure(faces.images[2], probabilities[2]))

# %% [markdown]
# These are the model's *probabilities* for the third face. The largest is its answer.
# Being sure is not the same as being right:
# [lesson 07](07_limits_and_responsibility.ipynb) measures how far such numbers can be
# trusted.
#
# ### ✏️ Exercise 0.1: the answer in words
#
# This is what exercises look like: replace the dots with your own code, run the cell,
# then run the check below it. The check says what is wrong and why; it never stops the
# notebook and never gives away the solution.
# Solutions are in the folder `solutions`, for when you are really stuck.
#
# Write a function that takes the seven probabilities of one face and returns the
# model's answer as a word.
#
# <details><summary>Hint</summary>
#
# NumPy arrays have a method `argmax`, which returns the position of the largest number.
# And `fc.EMOTIONS` is a tuple of words.
#
# </details>


# %%
def answer_in_words(probabilities):
    """The most probable of the seven emotions, a word of fc.EMOTIONS."""
    # BEGIN SOLUTION
    return fc.EMOTIONS[probabilities.argmax()]
    # STUB
    # return ...  # your code here
    # END SOLUTION


# %% [markdown]
# The check calls your function with probabilities of its own.

# %%
lesson00.check_answer_in_words(answer_in_words)

# %% [markdown]
# Make a mistake on purpose, such as returning the position instead of the word, and see
# what the check says.
#
# ## A map of the face
#
# What does the attention do? VGG19 has five blocks of layers, and each halves the side
# of the grid it works on. Here is the fourth face on its way through the first four.

# %% tags=["depends-on-profile", "title-picture"]
attention = fc.attention_maps(model, faces.images[3:4])["block4_attention"][0]
fc.show(*lesson00.path_figure(faces.images[3], attention, probabilities[3]))

# %% [markdown]
# The squares only show how coarse the grid becomes; the model computes many numbers for
# each of its cells. After the fourth block 3 × 3 cells are left, and there the
# attention block computes one more number for each cell, between 0 and 1. We look at
# these nine numbers for two faces and for an image without a face, grey all over. What
# do you expect of the grey image?

# %%
guess = fc.Guess("all near 0", "all equal", "nearly the numbers of a face")
guess

# %% [markdown]
# The lines are the grid; below are the numbers, and then the answers.

# %% tags=["depends-on-profile"]
grey = np.full((48, 48), 128, dtype="uint8")
images = np.stack([faces.images[1], faces.images[3], grey])
maps = fc.attention_maps(model, images)["block4_attention"]
titles = f"labelled {labels[1]}", f"labelled {labels[3]}", "no face"
fc.show(*lesson00.answers_with_maps(images, titles, maps, fc.predict(model, images)))
print(guess.reply("nearly the numbers of a face"))

# %% [markdown]
# The answers differ, the nine numbers hardly do: they are highest in the bottom row, in
# the middle and on the right, even where there is no mouth. A high number is no proof
# that the model has found something in that cell or relies on it; lessons
# [03](03_spatial_attention.ipynb) and [06](06_look_inside.ipynb) test it.
#
# <details><summary>What becomes of the nine numbers</summary>
#
# Many networks multiply what they found in a cell by its number, so that a cell near 0
# is ignored. The paper's network only passes the numbers on to its last layers, and this
# one passes on only their mean.
#
# </details>
#
# ## How good is it?
#
# We tested this model once on PrivateTest, the part of FER2013 that is meant for
# testing only. How many of these photographs did it get right?

# %%
guess = fc.Guess("about 25 %", "about 45 %", "about 65 %", "about 85 %")
guess

# %% [markdown]
# The course stores the model's answers, so you can count without having the faces.

# %%
run = fc.read_run("pocket-block4-concat-pocket-seed0")
figures = fc.evaluate(run.single["private"])
print(guess.reply(f"about {5 * round(figures.accuracy / 5)} %"))
print(f"{figures.correct:,} of {figures.count:,} right: {figures.accuracy:.1f} %")
print(f"95 % interval: {figures.low:.1f} to {figures.high:.1f} %")

# %% [markdown]
# The paper reports 73.35 %, almost nine points more. Its network is larger, takes
# larger pictures and starts from weights learned on other photographs. The other
# lessons ask what each of these is worth.
#
# PrivateTest is one sample of faces; another would have given another accuracy. The
# interval says which accuracies on all such faces are compatible with this sample (more
# in lesson 01). It does not cover a second source of chance: training again would give
# a slightly different model. Which emotions does this one get right?

# %%
confusion = run.single["private"].confusion
fc.show(*lesson00.answers_by_label(confusion))

# %% [markdown]
# In this *confusion table*, a row is a label, with its number of faces, and shows what
# percentage of them got each answer. The right answers are on the diagonal. Of
# the faces labelled disgust, it calls 44 %
# angry and only 16 % disgust. The classes are far from equal: only 55 of 3,589 faces
# are labelled disgust. So accuracy hides rare emotions: a model that gets every disgust
# face wrong can still reach 98.5 %.
#
# ### ✏️ Exercise 0.2: a model that knows nothing
#
# An accuracy needs something to compare it with, a *baseline*. How often would a model
# be right if it answered "happy" to every face? The array `confusion` holds the counts
# of the table above. Write a function that takes such an array and returns the accuracy
# of always answering "happy", in percent.
#
# <details><summary>Hint</summary>
#
# `confusion[3]` is the row of the faces that are labelled happy, whatever the model
# answered. `confusion.sum()` counts all faces.
#
# </details>


# %%
def always_happy(confusion):
    """The accuracy in percent of a model that always answers happy."""
    # BEGIN SOLUTION
    return 100 * confusion[fc.EMOTIONS.index("happy")].sum() / confusion.sum()
    # STUB
    # return ...  # your code here
    # END SOLUTION


# %% [markdown]
# The check has a table of its own.

# %%
lesson00.check_always_happy(always_happy)

# %% [markdown]
# Once your function passes, try `always_happy(confusion)` in a new cell. How far above
# this baseline is the model's 64.5 %?
#
# ## Another kind of picture
#
# This model was trained on photographs only. How many practice faces, which are drawn,
# does it get right? Guess first.

# %%
guess = fc.Guess("about 15 %", "about 25 %", "about 40 %", "about 65 %", "about 90 %")
guess

# %% [markdown]
# We draw 400 faces, and compare with the photographs and with always answering "happy".

# %%
many = fc.practice_faces(count=400, seed=1).faces
answers = fc.predict(model, many.images)
right = answers.argmax(axis=-1) == many.emotions
fc.show(*lesson00.compare_pictures(confusion, many.emotions, right))
print(guess.reply(f"about {5 * round(20 * right.mean())} %"))

# %% [markdown]
# On photographs the model is 40 points above always answering "happy", on drawings 16.
# What it learned carries over only in part to another kind of picture. (The drawings
# may be at fault, too: we have not tested whether people can read them.) This is the
# first reason to be careful.
#
# The label is the second. FER2013's labels come from the words typed into an image
# search; people then threw out results that did not fit, and nobody asked the people in
# the pictures how they felt. A label is an opinion about a face, not a feeling, and a
# model that predicts labels does not read feelings.
#
# ### ✏️ Exercise 0.3: the least certain answer
#
# Which answer is the least certain? Write a function that takes the probabilities of
# many faces, one row per face, and returns the number of the row whose largest
# probability is the smallest.
#
# <details><summary>Hint</summary>
#
# `probabilities.max(axis=1)` gives one number for each face. You want the position of
# the smallest.
#
# </details>


# %%
def least_sure(probabilities):
    """The row of the face whose largest probability is the smallest."""
    # BEGIN SOLUTION
    return probabilities.max(axis=1).argmin()
    # STUB
    # return ...  # your code here
    # END SOLUTION


# %% [markdown]
# The check makes up its own probabilities again, so a fixed number does not pass.

# %%
lesson00.check_least_sure(least_sure)

# %% [markdown]
# Once your function passes, look at the face it finds. Try this in a new cell:
#
# ```python
# row = least_sure(answers)
# fc.show(*lesson00.answer_figure(many.images[row], answers[row]))
#
# sure = np.flatnonzero(answers.max(axis=1) > 0.9)[:6]
# fc.show(fc.face_grid(many.images[sure]), "Faces with an answer above 90 %.")
# ```
#
# Now change the seed in the cell that drew the 400 faces. Look for a face that is
# obvious to you but whose longest bar is below 30 %, and, among the `sure` ones, for
# one that you cannot read.
#
# ## Your machine and the profile
#
# This cell checks everything that the lessons need; so does the command `python -m
# fercourse check`. You can do without the items marked ☐ for now, but have to fix a
# *FAIL*. (*Start* in the [README](../README.md) helps.)

# %% tags=["nbval-ignore-output"]
lines, healthy = fc.check_installation()
lesson00.show_check(lines)
assert healthy, "Fix the items marked FAIL above, then run this lesson again"

# %% [markdown]
# Unfold the ok items: the last one is the profile. Unless you choose one, a lesson
# takes the largest that your machine can run.
#
# <details><summary>The three profiles, and what you can download</summary>
#
# | profile | what a lesson works with |
# | --- | --- |
# | `practice` | drawn faces, on any computer; the outputs stored in the notebooks come from it |
# | `quick` | FER2013, 35,887 photographs, on a CPU, in minutes |
# | `full` | FER2013 on a GPU, at the size of the paper |
#
# To choose one, set the environment variable `FERCOURSE_PROFILE`:
#
# - Linux, macOS: start JupyterLab with `FERCOURSE_PROFILE=practice make lab`.
# - Windows (PowerShell): `$env:FERCOURSE_PROFILE = "practice"`, then start JupyterLab.
# - Colab: run `%env FERCOURSE_PROFILE=practice` in a new cell before all others.
#
# Two things are not part of the course, because they belong to other people. You can
# download **FER2013** with the command `python -m fercourse download`; read in
# [data/README.md](../data/README.md) what it contains and what it must not be used for.
# Keras downloads the **ImageNet weights** of VGG19 when a lesson needs them.
#
# </details>
#
# ## Quiz
#
# **1.** A model answers "sad 34 %, fear 32 %". What is its answer, and how sure is it?
#
# <details><summary>Answer</summary>
#
# Its answer is sad, by two points, so it is hardly more sure of sad than of fear. Does
# "34 %" mean that it gets every third such face right? That is a separate question,
# called *calibration* (lesson 07).
#
# </details>
#
# **2.** Somebody reports 25 % on FER2013's PrivateTest. What do you suspect?
#
# <details><summary>Answer</summary>
#
# The model probably answers "happy" to every face, which gives about a quarter. Its
# confusion table would show it: all columns but one would be empty.
#
# </details>
#
# **3.** A model gives the right label for 64 % of the faces. Does it recognise 64 % of
# people's feelings?
#
# <details><summary>Answer</summary>
#
# No. For 64 of 100 pictures it agrees with the label. Nobody has checked whether the
# label matches what the person felt.
#
# </details>
#
# ## Summary
#
# - A face is 48 × 48 grey values; a model answers with seven probabilities.
# - This model's attention numbers hardly depend on the face: a grey image gets nearly
#   the same.
# - An accuracy means little without an interval, a baseline, and a word about the
#   pictures it was measured on.
# - A small model gets 64.5 % of PrivateTest right; whether attention brings a network
#   to the paper's 73.35 % is what the other lessons look at.
#
# ## References
#
# - Nguyen and Nguyen (2021), *A Visual Attention Based VGG19 Network for Facial
#   Expression Recognition*.
# - Goodfellow et al. (2013), *Challenges in Representation Learning*, arXiv:1307.0414:
#   FER2013.
# - Simonyan and Zisserman (2014), *Very Deep Convolutional Networks for Large-Scale
#   Image Recognition*, arXiv:1409.1556: VGG19.
# - Okabe and Ito (2008), *Color Universal Design*: six of the seven colours of the
#   emotions; neutral is grey.
#
# Next: [lesson 01](01_explore_fer2013.ipynb) asks what is in the data.
