# %% [markdown]
# # Start here
#
# **Does my machine work, and what does a trained model say about a face?**
#
# You need a little Python: a loop, a function, a NumPy array.
#
# Afterwards you can
#
# - tell what your machine has, and on which of three profiles a lesson will run;
# - load a trained model that comes with the course and let it look at a face;
# - work through an exercise and read what its check answers;
# - say what a model's answer is, and what it is not.

# %% [markdown]
# The first code cell of every lesson serves readers in Colab: there it fetches the course. Anywhere else it does nothing. To run a cell and go to the next, press Shift and Enter.

# %% [markdown]
# ## Your machine
#
# The library of this course, `fercourse`, has a command that looks at everything the lessons need: `python -m fercourse check`. Here we call the same thing from Python. It takes some seconds, because it starts TensorFlow.

# %% tags=["nbval-ignore-output"]
import fercourse as fc
from fercourse.lessons import lesson00

lines, healthy = fc.check_installation()
print("\n".join(lines))

# %% [markdown]
# Lines marked `ok` are as they should be. `--` marks what you can do without for now, and `FAIL` what has to be mended; the last line says what to do next. The following cell stops here if anything is marked `FAIL`.

# %%
assert healthy, "Fix the items marked FAIL above, then run this lesson again"
print("This machine is ready.")

# %% [markdown]
# If you read that sentence, every lesson will run here.
#
# ## Three profiles
#
# Now comes the line with which every lesson begins. It prints the *profile* and returns the faces that go with it.

# %% tags=["depends-on-profile"]
profile, data = fc.begin()

# %% [markdown]
# Three profiles exist. The lesson takes the best that is possible where it runs.
#
# | profile | what a lesson works with |
# | --- | --- |
# | `practice` | drawn faces, on any computer: the same numbers everywhere, and what you see stored in the notebooks |
# | `quick` | FER2013, a data set of 35,887 real photographs, on a CPU, in minutes |
# | `full` | FER2013 on a GPU, at the size of the paper that the course is about |
#
# To choose yourself, set the environment variable `FERCOURSE_PROFILE` before you start JupyterLab, for example with `FERCOURSE_PROFILE=practice make lab`.
#
# Two things are not part of the course, because they belong to other people. **FER2013** is fetched once by the command `python -m fercourse download`; the page [data/README.md](../data/README.md) tells what is in it, and what nobody may use it for. The **ImageNet weights** of VGG19 are fetched by Keras when a lesson needs them. Without either, everything runs on what the course brings along: drawn faces, and small models that we trained.

# %% [markdown]
# ## Faces
#
# *Practice faces* are drawn by the course itself: they show nobody, so they may be copied, printed and shared. A seed makes them the same on every computer. If FER2013 is here, you see photographs instead.

# %% tags=["depends-on-profile"]
drawn = profile.name == "practice"
faces = fc.practice_faces(count=6, seed=2).faces if drawn else data.validation[:6]
print(faces.images.shape, faces.images.dtype)
print(faces.emotions)

# %% [markdown]
# Six pictures of 48 rows and 48 columns, one byte a pixel, from 0 (black) to 255 (white): exactly the form of FER2013. The second line holds one number for each face. `EMOTIONS` translates them into words.

# %% tags=["depends-on-profile"]
labels = [fc.EMOTIONS[emotion] for emotion in faces.emotions]
fc.show(
    fc.face_grid(faces.images, labels, columns=6, side=1.2),
    f"Six grey faces side by side, labelled {', '.join(labels)}.",
)

# %% [markdown]
# The word above each face is its *label*. For a practice face it is the expression that was drawn; for a photograph, the word that somebody chose. Cover the words with your hand and guess. Some are easy, others are not, and the seven words are all that you may answer.
#
# ## A trained model
#
# The course comes with small versions of the network that it is about: VGG19 with spatial attention, at a quarter of the width. We call them *pocket models*. They were trained on the real FER2013, on two CPU cores.

# %%
model = fc.pocket_model(after="block4_pool")
print(f"{model.count_params():,} parameters")
print("from", model.input_shape[1:], "to", model.output_shape[1:])

# %% [markdown]
# One picture of 48 × 48 × 1 goes in, seven numbers come out, and more than a million parameters stand between them. The full network of the paper has 123 million. We hand over the faces as they are: every model of this course does its own scaling.

# %% tags=["depends-on-profile"]
probabilities = fc.predict(model, faces.images)
for emotion, probability in zip(fc.EMOTIONS, probabilities[0]):
    print(f"{emotion:<9}{probability:5.0%}")

# %% [markdown]
# These are the model's *probabilities* for the first face, and the largest of them is its answer. Compare it with the label above the face. When two numbers are close, the model hesitates, and the smallest change could turn the answer. How far such numbers can be trusted has to be measured, which lesson 07 does.
#
# ## Your first exercise
#
# Exercises look like the next one. You replace the dots by code of your own, run the cell, then run the check below it. A check says what is wrong and why. It never stops the notebook, never shows the solution, and you may try as often as you like. Solutions lie in the folder `solutions`; look there last.
#
# ## Exercise 0.1: the answer in words
#
# Write a function that takes the seven probabilities of one face and returns the model's answer as a word.
#
# <details><summary>Hint</summary>
#
# NumPy arrays have a method `argmax`: the position of the largest number. And `EMOTIONS` is a tuple of words.
#
# </details>


# %%
def answer_in_words(probabilities):
    """The most probable of the seven emotions, a word of EMOTIONS."""
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
# As long as the dots stand there, the check says so and nothing else happens. Put something wrong in on purpose and see what it answers: for example the position instead of the word.
#
# ## Where it looks
#
# The model also tells where its attention block found something: a number between 0 and 1 for each place of a coarse grid.

# %%
maps = fc.attention_maps(model, faces.images)["block4_attention"]
print("shape:", maps.shape)

# %% [markdown]
# Behind the fourth of five blocks, 48 × 48 pixels have become a grid of 3 × 3. We lay it over the first two faces, without smoothing, so that you see how coarse it is.

# %% tags=["depends-on-profile"]
figure = fc.face_grid(faces.images[:2], labels[:2], columns=2, maps=maps[:2], side=1.9)
row, column = divmod(int(maps[0].argmax()), 3)
place = f"row {row + 1}, column {column + 1} of 3"
fc.show(figure, f"Two faces under coarse maps of 3 by 3 cells; on the first, {place} is highest.")
print("highest on the first face:", place)

# %% [markdown]
# Dark violet is 0, yellow would be 1. Nine numbers cannot outline a mouth or an eye: keep that in mind when a paper shows a smooth, glowing map, for most of the smoothness is interpolation. What such maps show, and what not, is the subject of lessons 03 and 06.
#
# ## How good is it?
#
# The model was tested once on FER2013's PrivateTest, a part of the data on which it was neither trained nor selected. Its answers are stored with the course, so the number can be computed again here, without the faces.

# %%

run = fc.read_run("pocket-block4-concat-pocket-seed0")
figures = fc.evaluate(run.single["private"])
print(f"{figures.correct:,} of {figures.count:,} right: {figures.accuracy:.1f} %")
print(f"95 % interval: {figures.low:.1f} to {figures.high:.1f} %")

# %% [markdown]
# The interval says how far chance alone, the choice of these test faces and not others, could have moved the number. Any comparison between two models starts there.
#
# ## Exercise 0.2: a model that knows nothing
#
# A number needs something to be compared with. How often would a model be right that answers "happy" to every face? `confusion` counts the test faces: true emotion by row, predicted emotion by column. Write the share in percent as a function of such a table.
#
# <details><summary>Hint</summary>
#
# `confusion[3]` is the row of the faces that are labelled happy, whatever the model answered. `confusion.sum()` counts all faces.
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
# Rows are what is true and columns what was answered. Mixing them up is the usual mistake, and the check knows it.

# %%
lesson00.check_always_happy(always_happy)

# %% [markdown]
# With your function you can ask how far above that the pocket model stands. Here is the same comparison from the library's side: what share of the faces carries each label?

# %%
shares = 100 * run.single["private"].confusion.sum(axis=1) / figures.count
for emotion, share in zip(fc.EMOTIONS, shares):
    print(f"{emotion:<9}{share:5.1f} %")

# %% [markdown]
# The classes are far from equal: one emotion makes up a quarter of the faces, another hardly more than a hundredth. So a model can look good by being good at one. The pocket model has learned a good deal more than that, and is still wrong about more than every third face.
#
# ## Another kind of picture
#
# Now let it look at practice faces, which are drawn and not photographed. It has never seen one.

# %%
many = fc.practice_faces(count=400, seed=1).faces
right = fc.predict(model, many.images).argmax(axis=-1) == many.emotions
happy = (many.emotions == fc.EMOTIONS.index("happy")).mean()
print(f"about {5 * round(20 * right.mean())} % of 400 practice faces; always happy: {happy:.0%}")

# %% [markdown]
# That is more than always answering "happy" would give, and far less than on photographs. The task is the same, but the pictures are of another kind. *A model knows the kind of pictures it was trained on*, not "emotions". This is the first reason to be careful.
#
# The second is the label itself. In FER2013, somebody looked at a stranger's photograph and chose one of seven words. Nobody asked the person in the picture. A label is an opinion about a face. It is not a feeling, and a model that predicts labels does not read feelings. Lesson 07 takes this further, to noise, bias and law.
#
# ## Exercise 0.3: where does it hesitate?
#
# Find the face about which the model is least sure. Write a function that takes the probabilities of many faces, one row a face, and returns the number of the row whose largest probability is smallest.
#
# <details><summary>Hint</summary>
#
# `probabilities.max(axis=1)` gives one number for each face. Of these you want the position of the smallest.
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
# The check makes probabilities of its own again, so that a number which happens to fit these faces does not pass.

# %%
lesson00.check_least_sure(least_sure)

# %% [markdown]
# When it is right, look at that face: `show(face_grid(many.images[[n]]), "one face")`, with your row for `n`. Are you surer than the model? Then change the seed in the cells that draw faces, and look for a face that you read at once and the model does not, and for the opposite.
#
# ## Quiz
#
# **1.** A model answers "sad 34 %, fear 32 %". What is its answer, and how sure is it?
#
# <details><summary>Answer</summary>
#
# Its answer is sad, by two points. It is hardly surer of sad than of fear. Whether "34 %" means that it is right about every third such face is another question, that of calibration (lesson 07).
#
# </details>
#
# **2.** Somebody reports 25 % on FER2013's PrivateTest. What do you suspect?
#
# <details><summary>Answer</summary>
#
# That the model answers "happy" to every face: this alone gives about a quarter. The confusion table would show it, for all its columns but one would be empty.
#
# </details>
#
# **3.** Why are the numbers of this lesson the same on your machine under `practice`?
#
# <details><summary>Answer</summary>
#
# Practice faces are drawn from a seed, the weights come with the course, and nothing is trained here. Where a lesson trains, it rounds what could differ from machine to machine.
#
# </details>
#
# **4.** A model is right about 64 % of the labels. Does it recognise 64 % of people's feelings?
#
# <details><summary>Answer</summary>
#
# No. It agrees with an opinion about a picture in 64 of 100 cases. Whether the opinion meets the feeling was never asked.
#
# </details>
#
# ## Summary
#
# - `check` says what your machine has; the profile follows from it.
# - A face is 48 × 48 grey values; a model answers with seven probabilities.
# - An accuracy says little without an interval, without a baseline, and without saying on which pictures.
# - A check tells you what is wrong with your code, as often as you like.
#
# ## References
#
# - Nguyen and Nguyen (2021), *A Visual Attention Based VGG19 Network for Facial Expression Recognition*.
# - Goodfellow et al. (2013), *Challenges in Representation Learning*, arXiv:1307.0414: FER2013.
# - Simonyan and Zisserman (2014), *Very Deep Convolutional Networks for Large-Scale Image Recognition*, arXiv:1409.1556: VGG19.
# - Okabe and Ito (2008), *Color Universal Design*: the seven colours that stand for the emotions in every figure.
#
# Next: [lesson 01](01_explore_fer2013.ipynb) asks what is in the data.
