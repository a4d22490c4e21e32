# %% [markdown]
# # Start here
#
# **Does my machine work, and what does a trained model say about a face?** This lesson takes ten minutes.
# You need nothing but a little Python.
#
# Afterwards you can
#
# - tell what your machine has and on which of three profiles a lesson will run;
# - load a trained model that comes with the course and let it look at a face;
# - say what a model's answer is, and what it is not.

# %% [markdown]
# ## Your machine
#
# The library has a command that looks at everything the lessons need. Here we call the same thing from
# Python. It takes some seconds, because it starts TensorFlow.

# %% tags=["nbval-ignore-output"]
from fercourse.checkup import check

lines, healthy = check()
print("\n".join(lines))

# %% [markdown]
# Lines marked `ok` are as they should be. `--` marks what you can do without for now, and `FAIL` what
# has to be mended; the last line says what to do next.
#
# One line names the *profile*. `practice` works with drawn faces on any computer and gives the same numbers
# everywhere. `quick` works with FER2013, a data set of 35,887 real photographs, on a CPU. `full` works
# with FER2013 on a GPU. A lesson takes the best that is possible; to choose yourself, set the environment
# variable `FERCOURSE_PROFILE` before you start JupyterLab.

# %%
assert healthy, "mend what is marked FAIL above, then run this lesson again"
print("This machine is ready.")

# %% [markdown]
# If you read that sentence, every lesson will run here. FER2013 itself is not part of the course, since its
# pictures belong to other people. `python -m fercourse download` fetches it when you want it, and the page
# [data/README.md](../data/README.md) tells what is in it and what nobody may use it for.
#
# ## Practice faces
#
# Until then we look at *practice faces*. The course draws them itself: they show nobody, so they may be
# copied, printed and shared. A seed makes them the same on every computer.

# %%
from fercourse.practice import practice_faces

faces = practice_faces(count=6, seed=2).faces
print(faces.images.shape, faces.images.dtype)
print(faces.emotions)

# %% [markdown]
# Six pictures of 48 rows and 48 columns, one byte a pixel, from 0 (black) to 255 (white): exactly the
# form of FER2013. The second line holds one number for each face. `EMOTIONS` translates them into words.

# %%
from fercourse.faces import EMOTIONS
from fercourse.plots import face_grid, show

labels = [EMOTIONS[emotion] for emotion in faces.emotions]
show(face_grid(faces.images, labels, columns=6), f"Six drawn faces, labelled {', '.join(labels)}.")

# %% [markdown]
# The word above each face is its *label*: here, the expression that was drawn. Cover the words with your
# hand and guess. Some are easy, others are not, and the seven words are all that you may answer. It is no
# different with photographs.
#
# ## A trained model
#
# The course comes with a small version of the network that it is about: VGG19 with spatial attention, at a
# quarter of the width. We call it a *pocket model*. It was trained on the real FER2013 on two CPU cores.

# %%
from fercourse.models import pocket_model

model = pocket_model(after="block4_pool")
print(f"{model.count_params():,} parameters, from {model.input_shape[1:]} to {model.output_shape[1:]}")

# %% [markdown]
# One picture of 48 × 48 × 1 goes in, seven numbers come out, and almost 1.4 million parameters stand
# between them. The full network of the paper has 123 million. We hand over the faces as they are: every
# model of this course does its own scaling.

# %%
from fercourse.prediction import predict

probabilities = predict(model, faces.images)
for emotion, probability in zip(EMOTIONS, probabilities[0]):
    print(f"{emotion:<9}{probability:5.0%}")

# %% [markdown]
# These are the model's *probabilities* for the first face. They add up to one, and the largest is its
# answer. The label says sad; the model hesitates between fear and sad, and takes the wrong one by a
# hair. How far such numbers can be trusted has to be measured, which lesson 05 does.
#
# The model also tells where its attention block found something: a number between 0 and 1 for each place
# of a coarse grid.

# %%
from fercourse.prediction import attention_maps

attention_map = attention_maps(model, faces.images)["block4_attention"]
print("shape:", attention_map.shape)
print("from", attention_map.min().round(1), "to", attention_map.max().round(1))

# %% [markdown]
# Behind the fourth of five blocks, 48 × 48 pixels have become a grid of 3 × 3. We lay it over the face,
# enlarged without smoothing, so that you see how coarse it is.

# %%
pair = face_grid(faces.images[[0, 0]], ["face", "attention map"], columns=2, maps=None, side=1.8)
show(pair, "x")

# %% [markdown]
# Dark violet is 0, yellow would be 1. The highest number stands over the mouth. But nine numbers cannot
# outline one: keep that in mind when a paper shows a smooth, glowing map, for most of the smoothness is
# interpolation. What such maps show, and what not, is the subject of lessons 03 and 06.
#
# ## How good is it?
#
# The model was tested once on FER2013's PrivateTest, a part of the data on which it was neither trained nor
# selected. Its answers are stored with the course, so the number can be computed again here, without
# the faces.

# %%
from fercourse.runs import RESULTS, evaluate, read_run

run = read_run(RESULTS / "pocket-block4-concat-pocket-seed0.json")
figures = evaluate(run.single["private"])
print(f"{figures.correct:,} of {figures.count:,} right: {figures.accuracy:.1f} %")
print(f"95 % interval: {figures.low:.1f} to {figures.high:.1f} %")

# %% [markdown]
# The interval says how far chance alone, the choice of these test faces and not others, could have moved
# the number. Any comparison between two models starts there. For scale, how often would a model be
# right that always says "happy"?

# %%
happy = run.single["private"].confusion[EMOTIONS.index("happy")].sum()
print(f"{100 * happy / figures.count:.1f} % of the same faces")

# %% [markdown]
# So the model has learned a good deal, and is still wrong about more than every third face. Now let it
# look at practice faces, which are drawn and not photographed. It has never seen one.

# %%
many = practice_faces(count=400, seed=1).faces
right = predict(model, many.images).argmax(axis=-1) == many.emotions
print(f"about {5 * round(20 * right.mean())} % of 400 practice faces")

# %% [markdown]
# That is more than always answering "happy" would give, and far less than on photographs. The task is the
# same, but the pictures are of another kind. *A model knows the kind of pictures it was trained on*, not
# "emotions". This is the first reason to be careful.
#
# The second is the label itself. In FER2013, somebody looked at a stranger's photograph and chose one of
# seven words. Nobody asked the person in the picture. A label is an opinion about a face. It is not a
# feeling, and a model that predicts labels does not read feelings. Lesson 07 takes this further, to
# noise, bias and law.
#
# ## Try it
#
# Change the seed in the cell that draws the faces and run the lesson again. Look for a face that you read
# at once and the model does not, and for the opposite. What do the faces have in common?
#
# ## Summary
#
# - `check` says what your machine has; the profile follows from it.
# - A face is 48 × 48 grey values; a model answers with seven probabilities.
# - An accuracy without an interval, and without saying on which pictures, says little.
#
# Next: lesson 01 explores FER2013. It is in preparation; the table of lessons is in the [README](../README.md).
#
# ## References
#
# - Nguyen and Nguyen (2021), *A Visual Attention Based VGG19 Network for Facial Expression Recognition*.
# - Goodfellow et al. (2013), *Challenges in Representation Learning*, arXiv:1307.0414: FER2013.
# - Simonyan and Zisserman (2014), *Very Deep Convolutional Networks for Large-Scale Image Recognition*, arXiv:1409.1556: VGG19.
