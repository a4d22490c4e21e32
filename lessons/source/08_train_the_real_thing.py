# %% [markdown]
# # Train the real thing
#
# **What does it take to reproduce the paper at full size, and to beat it?** It needs no GPU: it computes the bill, rehearses everything in small, and reads what has been measured so far. The training itself is then a few commands, on Colab or on any GPU that you can get.
#
# You need lesson [05](05_table3_measured.ipynb), above all how two networks are told apart, and from lesson [03](03_spatial_attention.ipynb) what the paper leaves open.
#
# Afterwards you can
#
# - say before a training what it will take in operations, hours, money and memory;
# - rehearse an expensive run so that it does not fail after an hour;
# - explain each ingredient of the recipe, and say which of them has evidence behind it;
# - train on a machine that may go away at any moment;
# - tell progress from a lucky seed.

# %% [markdown]
# ## Set-up
#
# The profile first, as in every lesson.

# %% tags=["depends-on-profile"]
import fercourse as fc
from fercourse.lessons import lesson08

profile, data = fc.begin()

# %% [markdown]
# The faces of this profile are used for the rehearsals. All accuracies below come from stored runs on FER2013, and are the same under every profile.
#
# ## Where we stand
#
# The paper states 73.35 %. The Residual Masking Network, which the paper leaves out, states 74.14 %; several people have tried to reach that again and ended below it. Those are the two goals. How far have the runs of this course come? The table is read from `data/results` whenever this cell runs.

# %%

runs = fc.runs()
print(fc.aligned(lesson08.full_size_table(runs), widest=30))
print("\nto be run:", *lesson08.missing_commands(runs), sep="\n  ")
pocket = [run for run in runs if run.recipe["name"] == "pocket" and not fc.changed_fields(run.recipe)]
chosen = max(pocket, key=lambda run: fc.evaluate(run.single["public"]).accuracy)
figures = fc.evaluate(chosen.single["private"])
print(f"\nbest pocket network by PublicTest: {chosen.name}")
print(f"PrivateTest {figures.accuracy:.1f} %, interval {figures.low:.1f} to {figures.high:.1f} %")

# %% [markdown]
# Where the table says "not yet run", nobody has trained that network with this code yet, and this lesson does not know whether it would reach the goals. You may be the one who finds out. Whoever adds a run and builds the lesson again gets the same pages with more numbers in them.
#
# The last lines are what a CPU allows: a network with a quarter of the channels, on faces of 48 pixels, some eight points below the paper. We need the real thing.
#
# ## The bill before the training
#
# How long will it take? One can find out by waiting. It is cheaper to compute. Lesson 05 counted multiply-adds: the multiplications that are added up for one face. Each is two operations. A step of training goes forward once and backward twice over, for the features and for the weights, so that it takes three times as much.

# %%
from fercourse.training import ablation, augmentation, optimizer

parameters, multiply_adds = fc.configuration_costs(ablation.ablation("paper")[0])
a_face = lesson08.step_operations(multiply_adds)
print(f"forward, one face: {multiply_adds / 1e9:.1f} billion multiply-adds")
print(f"a step, one face:  {a_face / 1e9:.0f} GFLOP")
print(f"an epoch:          {a_face * lesson08.TRAINING_FACES / 1e15:.1f} PFLOP")

# %% [markdown]
# GFLOP are billions of floating-point operations, PFLOP a million times as many. Now whole recipes, with what is easily forgotten: PublicTest is looked at after every epoch, and in the end both test halves from all views. `paper` is our plain recipe for the paper's network, `best` holds every ingredient of this lesson.

# %%
plans = {"paper, 224 pixels": [("paper", 224)], "best, 224 pixels": [("averaging", 224)]}
plans["best, 112 pixels"] = [("averaging", 112)]
plans["ablation, 112 pixels"] = [(step, 112) for step in ablation.ABLATION if step != "distillation"]
work = {}
for name, steps in plans.items():
    parts = [lesson08.recipe_work(*ablation.ablation(step, size=size)) for step, size in steps]
    work[name] = sum(part.total for part in parts)
    rest = 1 - sum(part.training for part in parts) / work[name]
    print(f"{name:<21}{len(steps):3} run(s){work[name] / 1e15:8,.0f} PFLOP, {rest:.0%} of it not training")

# %% [markdown]
# Half the side is a quarter of the pixels and so a quarter of the work. That is why all choices are made at 112 pixels: the whole ablation, eleven trainings, costs less than three of the recipe `best` at full size. Whether a choice that is right at 112 pixels is right at 224 as well is an assumption. It is a reasonable one, as the faces have only 48 pixels to begin with, but nobody has measured it.
#
# From operations to hours one needs a rate. Vendors print a *peak*, the rate at which the chip multiplies matrices if nothing else gets in the way. A real training reaches a share of it, its *utilisation*: the rest is waiting for memory, for small layers, for Python. The share below is a guess, and the price is an example: type what you would have to pay for an hour.

# %%
utilisation, price = 0.3, 1.00  # a guess, and an example: put in your own
table = [["device", "peak TFLOP/s", *(f"hours: {name}" for name in plans)]]
for name, device in lesson08.DEVICES.items():
    needed = [lesson08.hours(total, device.peak, utilisation) for total in work.values()]
    table.append([name, f"{device.peak:.0f} {device.arithmetic}", *(f"{time:.1f}" for time in needed)])
print(fc.aligned(table, widest=16))
slowest = lesson08.hours(work["best, 224 pixels"], lesson08.DEVICES["T4"].peak, utilisation)
print(f"\nthe recipe best at 224 pixels on a T4, at {price:.2f} an hour: {slowest * price:.2f}")

# %% [markdown]
# So the real thing is within reach: if the guess holds, hours on a T4, the small GPU that Colab often lends for nothing, and minutes on an H100. (One share for all flatters the fast ones.) What costs is not the one training but the many: choices, seeds, mistakes.
#
# The second column names two kinds of 16-bit numbers. The tensor cores of a T4 know float16 only; those of newer GPUs also know bfloat16, which has fewer digits, but the range of 32 bits. The recipes leave this to the device, so there is nothing to set, and the run says afterwards what it was. On a T4 itself, nobody has tried it for this course.
#
# ## Exercise 8.1: what your money buys
#
# Write a function that says how many *whole* epochs of FER2013 a budget pays for. Given are the money, the price of an hour, the multiply-adds of a network for one face, and the operations a second that are really reached. Count the training only: 28,709 faces an epoch.
#
# <details><summary>Hint</summary>
#
# First the seconds that the money buys. Then the operations of one epoch: faces, times multiply-adds, times two, times three. `int` cuts off what is not whole.
#
# </details>


# %%
def epochs_that_fit(money, price, multiply_adds, rate):
    """Whole epochs for so much money, at a price an hour and a rate in operations a second."""
    # BEGIN SOLUTION
    seconds = 3600 * money / price
    return int(seconds * rate / (6 * multiply_adds * 28_709))
    # STUB
    # return ...  # your code here
    # END SOLUTION


# %% [markdown]
# The check asks about networks and budgets of several sizes.

# %%
lesson08.check_epochs_that_fit(epochs_that_fit)

# %% [markdown]
#
# ## From the bill to the stopwatch
#
# A count of operations is only as good as its agreement with a clock. The stored runs say how many seconds each epoch took and on what. Dividing gives the rate that was really reached, in the fastest epoch and in the usual one.

# %%
print(fc.aligned(lesson08.rates_table(runs), widest=60))
cpu = max(rate.fastest for rate in map(lesson08.reached, runs) if rate and "CPU" in rate.hardware)
print(f"\npaper, 224 pixels, at the best of a CPU: {work['paper, 224 pixels'] / cpu / 86_400:.0f} days")

# %% [markdown]
# The fastest epochs of the nine pocket networks agree, as they must: their counts are almost equal. The test of the count is in the other rows. A VGG19 of full width has a rate a quarter higher, in one epoch. On one core, four of the other systems reach about half of the pocket networks' rate, as one would expect; Inception and DeepEmotion reach far less, for a network of many small layers spends its time on other things than multiplying. So a count carried to a similar network is good to some tens of percent, and to an unlike one not even that. The usual epochs are slower, partly because the cores had other work, and partly because TensorFlow stood still after most epochs, until that was mended in this course. A rate is a property of a network *and* a machine.
#
# The last line says why there is no full-size run from a CPU. For a GPU, `benchmarks/train_speed.py` measures the rate of the real training step. It takes minutes. Run it before anything longer, divide the TFLOP/s that it prints for the step by the peak in the table, and put that in place of the guess. (The share that it prints itself is of a plain matrix product, which stays below the peak.)
#
# ## Will it fit?
#
# Time is one half of the bill. The other is memory: training keeps the weights, their gradients, what the optimiser remembers (for Adam two numbers a weight), perhaps an average of the weights, and for the way back the output of every layer for every face of the batch.

# %%
table = [["GB", "batch", "weights", "gradients", "optimiser", "average", "activations", "sum", "checkpoint"]]
for name, step in (("paper", "paper"), ("best", "averaging")):
    configuration, recipe = ablation.ablation(step)
    memory = lesson08.training_memory(configuration, recipe)
    parts = [*vars(memory).values(), memory.total, lesson08.checkpoint_bytes(configuration, recipe)]
    table.append([name, str(recipe.batch_size), *(f"{size / 1e9:.2f}" for size in parts)])
print(fc.aligned(table))

# %% [markdown]
# Read the two rows against each other. For the paper's network nearly half is weights and what belongs to them, because of its head; for network B nine tenths is activations. Only the activations grow with the batch. These sums are a lower bound, since a framework needs work space on top, but they leave a card with 16 GB a good deal of room. If it does not do, halve the batch.
#
# The last column is the file that a resumable training has to write now and then. We come back to it.
#
# ## Rehearse before you pay
#
# The most expensive mistakes are found in the first minutes of a training, or after the last: a wrong path, a shape that does not fit, a result that is not saved. None of them needs a large network to be found.
#
# The first thing to look at is not the loss. It is what the network will see: six faces as they are, and below them the same after everything that the recipe `best` does.

# %%
import numpy as np
from keras import layers

_, best = ablation.ablation("averaging")
batch = fc.practice_faces(6, seed=11).faces
seen = batch.images[..., None].astype("float32")
for layer in augmentation.augmentation_layers(best.changed(seed=5)):
    seen = layer(seen, training=True)
mixup = layers.MixUp(alpha=best.mixup, seed=5)
seen = mixup({"images": seen, "labels": np.eye(7, dtype="float32")[batch.emotions]})["images"]
rows = np.concatenate([batch.images, np.asarray(seen)[..., 0]])
fc.show(
    fc.face_grid(rows, columns=6, side=0.75),
    "Six drawn faces; below, mirrored, turned, blended with another, two of them with a rectangle of noise.",
)

# %% [markdown]
# These are practice faces under every profile, so that the picture may be stored. Where another face stands below than above, that is mixup: most of its shares are near 0 or 1, and near 0 the partner has taken the place, label and all. Ask of every batch: would *you* still know the expression? A rectangle over the mouth may be hard, and that is intended. A face that is half outside, or upside down, would be a mistake in the recipe. This look finds faults that no metric shows.
#
# Then the rehearsal: the phases of the recipe in small. Network B gets a sixteenth of its channels and faces of 48 pixels; there are two steps an epoch and three epochs, so that each phase comes once. `prepare` sets seed and precision, and stands before the model is built.

# %% tags=["depends-on-profile"]


small = ablation.ablation("averaging", size=48)[0] | {"width": 0.0625, "weights": None}
recipe = best.changed(epochs=3, head_epochs=1, warmup_epochs=1, mixup_off_epochs=1, batch_size=16)
few = data.first(train=32, validation=64)
fc.prepare(recipe)
model = fc.build_model(small)
history = fc.train(model, few, recipe)
print(f"{model.count_params():,} parameters, {len(few.train)} of {data.source}")
for epoch, learns in zip(history.epochs, ("head and masks", "all, warming up", "all, without mixup")):
    loss = "finite" if np.isfinite(epoch["loss"]) else "NOT finite"
    print(f"{learns:<19} rate afterwards {epoch['learning_rate']:.0e}, loss {loss}")

# %% [markdown]
# Each phase began and ended; the rates are those that we wanted: a thousandth for the head, then up to a ten-thousandth, then down to nothing. Do not look for accuracy here, six steps teach nothing. Not rehearsed are the pretrained weights, 224 pixels, 16 bits, the checkpoint and the test. For those, on the machine that you pay for: `python -m fercourse train --ablation averaging --epochs 3 --head-epochs 1 --warmup-epochs 1 --mixup-off-epochs 1 --results rehearsal --checkpoints rehearsal`, and delete the folder.
#
# What will the rates be in the real run? Here they are for every step of the 80 epochs, on a logarithmic axis.

# %%

steps = lesson08.TRAINING_FACES // best.batch_size
rates = optimizer.learning_rates(best, steps)
fc.show(
    lesson08.rate_curves(best, steps),
    f"Learning rate over {best.epochs} epochs: {best.head_epochs} at {rates[0]:.0e} for the head alone, then "
    f"a warm-up of {best.warmup_epochs} to {best.learning_rate:.0e} and half a cosine down to 0. "
    f"Blocks 1 and 2 have {best.early_blocks_rate:g} of it.",
)

# %% [markdown]
# Three ideas are in this picture. The new head, and with it the masks, learns alone at first, since its random weights would send random gradients into filters that ImageNet taught well. The rate then rises slowly from zero: Adam has to see some gradients before it knows how large its steps may be. And the long half cosine lets the network settle. Blocks 1 and 2, which hold edges and textures, move ten times more slowly from then on.
#
# ## Exercise 8.2: warm-up and half a cosine
#
# Write the learning rate of a step, counted from 0. For `warmup` steps it rises in a straight line from 0 towards `peak`, which it has at step `warmup`. From there it falls as half a cosine, to 0 at step `total`. There may be no warm-up at all.
#
# <details><summary>Hint</summary>
#
# Between the end of the warm-up and the end, let `t` go from 0 to 1. Then `np.cos(np.pi * t)` goes from 1 to −1. Raise it and scale it so that it goes from 1 to 0.
#
# </details>


# %%
def rate_at(step, peak, warmup, total):
    """The learning rate of a step: a warm-up, then half a cosine."""
    # BEGIN SOLUTION
    if step < warmup:
        return peak * step / warmup
    return peak * (1 + np.cos(np.pi * (step - warmup) / (total - warmup))) / 2
    # STUB
    # return ...  # your code here
    # END SOLUTION


# %% [markdown]
# The check looks at the borders first, where such functions usually go wrong.

# %%
lesson08.check_rate_at(rate_at)

# %% [markdown]
# A common slip costs little here and hours on a GPU: a cosine that was set for 80 epochs in a training that is stopped after 40 never gets to its small steps. If you have time for 40 epochs, say so: `--epochs 40 --name my-40-epochs` (the usual name of a VGG19 run does not tell its epochs, and would be that of the long one).
#
# ## The ingredients, one at a time
#
# How do we get from the paper's recipe to `best`? In steps, each of which adds one thing, or a few that belong together, to all that came before. The first is the coarsest: it changes optimiser, schedule, batch and length at once, so that what it gains has no single cause. Beside each step stands how good the evidence was *before* we ran anything, taken from the literature; most of it comes from systems that changed several things at once, so that nobody knows which one did it. The last two columns are ours.

# %%
print(fc.aligned(lesson08.ablation_text(lesson08.ablation_steps(runs)), widest=32))

# %% [markdown]
# Every step has its command, such as `python -m fercourse train --ablation zoom --size 112`. As runs are added, the last columns fill: the accuracy on PublicTest, and the difference to the last step that was run, face by face, with a correction for having made so many comparisons. A step that is "not told apart" is not bad. It is not known to be good, with one seed and one test half.
#
# Let us look at what the steps do, one after the other.
#
# ### Turn, shift, zoom, erase
#
# Every system above 73 % that we know of varies its faces. Each column shows one of these variations alone on one face, at the strength that `best` has; the rectangle is in one face of four there, and in all of them here.

# %%
alone = {"rotation": best.rotation, "shift": best.shift, "zoom": best.zoom, "erasing": 1.0}
face = fc.practice_faces(1, seed=21).faces.images.repeat(2, axis=0)[..., None].astype("float32")
samples = []
for field, strength in alone.items():
    (layer,) = augmentation.augmentation_layers(fc.Recipe("alone", epochs=1, flip=False, **{field: strength}))
    samples.append(np.asarray(layer(face, training=True))[..., 0])
rows = np.concatenate(np.stack(samples, axis=1))
fc.show(
    fc.face_grid(rows, [*alone, *[""] * 4], columns=4, side=1.0),
    f"One drawn face, twice each: {', '.join(alone)}.",
)

# %% [markdown]
# A small turn, shift or zoom leaves the expression as it was: the network is told that none of this matters. A rectangle may hide half of it; the network must then use the rest. What would change the expression must not be in a recipe. EmoNeXt's training script was found to flip faces upside down; that teaches a network something about faces that it will never meet.
#
# ### Labels that are less sure
#
# The other half of a training example is its *target*. A plain target says: happy, with certainty. Label smoothing takes a tenth of this away and spreads it evenly over all seven emotions. Mixup blends two faces, and their labels by the same shares.

# %%
happy, neutral = np.eye(7)[[fc.EMOTIONS.index("happy"), fc.EMOTIONS.index("neutral")]]
mixed = 0.8 * happy + 0.2 * neutral
targets = {"plain": happy, "smoothed": 0.9 * happy + 0.1 / 7, "mixed": mixed, "both": 0.9 * mixed + 0.1 / 7}
fc.show(
    lesson08.target_bars(targets),
    "Four targets of a happy face; for happy they hold "
    + ", ".join(f"{target.max():.2f} ({name})" for name, target in targets.items())
    + ".",
)

# %% [markdown]
# With smoothing, no answer can reach a loss of zero, and shouting does not pay any more. That suits FER2013, where a good part of the labels is doubtful: when ten people looked at each face again, the word that they chose most often was another one for more than a third of the faces (lesson [01](01_explore_fer2013.ipynb)).
#
# ## Exercise 8.3: the target of a mixed face
#
# Write the target of a blend. `first` and `second` are the numbers of two emotions, `share` is the share of the first face in the blend (the second has the rest), and `smoothing` is the part that is taken from the labels and spread evenly over all seven emotions. Return seven numbers. Mind the case that both faces have the same label.
#
# <details><summary>Hint</summary>
#
# Begin with `target = np.zeros(7)` and *add* the shares. Smoothing is one more line: less of this, and something of everything.
#
# </details>


# %%
def target_of(first, second, share, smoothing):
    """Seven shares: two labels blended, then smoothed."""
    # BEGIN SOLUTION
    target = np.zeros(7)
    target[first] += share
    target[second] += 1 - share
    return (1 - smoothing) * target + smoothing / 7
    # STUB
    # return ...  # your code here
    # END SOLUTION


# %% [markdown]
# The check takes smoothing alone, blending alone, and both.

# %%
lesson08.check_target_of(target_of)

# %% [markdown]
# Mixup ends ten epochs before the training does, so that the network sees whole faces at last, as it will in the test.
#
# ### The average of the weights
#
# Training with small batches is a noisy walk. Even when it has found the valley, it goes on to jump about in it. The mean of many points of such a walk lies closer to the bottom than most of them do. Two weights and a made-up valley show it.

# %%
random, weights, average = (np.random.default_rng(4), np.array([3.0, 2.0]), np.array([3.0, 2.0]))
path, averages = [], []
for _ in range(300):
    gradient = weights * [0.5, 1.0] + random.normal(0, 2, 2)
    weights = weights - 0.2 * gradient
    average = 0.98 * average + 0.02 * weights
    path.append(weights)
    averages.append(average)
last = {name: np.linalg.norm(points[-200:], axis=1).mean() for name, points in (("w", path), ("a", averages))}
fc.show(
    lesson08.path_and_average(np.array(path), np.array(averages), (0.0, 0.0)),
    f"A noisy path and its smooth average. In the last two hundred steps the weights are {last['w']:.1f} away "
    f"from the lowest loss on average, their average is {last['a']:.1f}.",
)

# %% [markdown]
# The grey path never comes to rest; the blue one stays much closer to the bottom. In a training with a cosine the steps become small at the end anyway, which does part of the same job. So nobody should be surprised if this ingredient brings less than the picture promises.
#
# ## Exercise 8.4: a moving average
#
# Write the average that the recipe keeps. It begins with the first value. After that, each new average is `momentum` times the average before plus the rest of the weight times the new value. Return all averages, one for each value.
#
# <details><summary>Hint</summary>
#
# Two lines of the cell above do this for a pair of weights. Start a list with the first value, and let the loop go over the others.
#
# </details>


# %%
def moving_average(values, momentum):
    """The moving average after each of the values."""
    # BEGIN SOLUTION
    averages = [values[0]]
    for value in values[1:]:
        averages.append(momentum * averages[-1] + (1 - momentum) * value)
    return averages
    # STUB
    # return ...  # your code here
    # END SOLUTION


# %% [markdown]
# The check uses short rows of numbers, so that you can follow its answers on paper.

# %%
lesson08.check_moving_average(moving_average)

# %% [markdown]
# `best` has a momentum of 0.999: the average remembers about a thousand steps, between four and five epochs.
#
# ### Several views in the test
#
# This one changes nothing in the training. The trained network looks at a face several times, mirrored, shifted, turned, and its probabilities are averaged. For it there is evidence of our own: every pocket run stored both answers to PublicTest.

# %%
gains = lesson08.gains_of_views(pocket)
print(fc.aligned(lesson08.views_table(gains)))
print("gains:", sum(gain.several > gain.single for gain in gains), "of", len(gains))

# %% [markdown]
# The p-values are corrected for the number of rows. A gain with a p of 0.05 or more cannot be told from chance, and that is true of most rows or all. Then look at the last line, which counts how often there is a gain at all. (The networks answer the same faces and have much in common, so that these are not as many independent witnesses.) A small, steady gain is what one would expect of averaging, and here it would come from the mirror image alone; `best` averages sixteen views. It costs sixteen times the work in the test, and none in training.
#
# Whoever compares a number from many views with one from a single view compares two things at once. The course always gives both.
#
# ### A teacher
#
# The last step trains a *student* on two targets at once: the label, and what several finished networks say about the same face. For that they are often too sure of themselves. A *temperature* above 1 makes an answer milder: take each probability to the power 1/T, and divide by the sum. Here is one stored answer of the pocket network that was chosen above.

# %%
answers = chosen.single["public"]
sure = np.abs(answers.probabilities.max(axis=1) - 0.9).argmin()
answer = answers.probabilities[sure].astype("float64")
milder = {f"temperature {t}": answer ** (1 / t) / (answer ** (1 / t)).sum() for t in (1, 2, 4)}
highest = [round(float(one.max()), 2) for one in milder.values()]
fc.show(
    lesson08.target_bars(milder),
    f"One answer at temperatures 1, 2 and 4; its highest probabilities: {highest}.",
)

# %% [markdown]
# The order stays, the distances shrink. At a higher temperature one sees what else the teacher thought of, and that is what a student can learn beyond the label: which mistakes are near.
#
# Is there anything to teach? A teacher must know more than its student. We average the probabilities of the pocket networks, all of the same width, each trained alone.

# %%
together, known = lesson08.average_is_right(pocket)
alone = answers.correct
test = fc.mcnemar(together, alone)
print(f"{len(pocket)} networks, best of them alone: {100 * alone.mean():.2f} % of PublicTest")
print(f"their average: at least {100 * together.mean():.2f} %")
print(f"only the average right: {test.only_first}, only that one: {test.only_second}, p {test.p_value:.2f}")

# %% [markdown]
# "At least", because a label is known here only where one of the networks is right. The average stands beside the very network that looked best on the same faces, which is a hard comparison; with a p above 0.05 the two are not told apart. Two warnings: a teacher is asked about the faces that it was trained on, where it is surer and knows less that is new than here; and we found no published gain by distillation on FER2013.
#
# ### What a CPU can say
#
# The ingredients can also be tried on the pocket network, one change at a time, half an hour each on two cores. That answers a smaller question, for a network that is trained for twenty epochs from random weights. But it answers it.

# %%
from fercourse.results.queue import wanted_commands

print(fc.aligned(lesson08.changes_table(lesson08.pocket_changes(runs))))
print("\nwanted:", *wanted_commands("cpu"), sep="\n  ")

# %% [markdown]
# A row is one change beside the unchanged network on PublicTest, with the correction for as many comparisons as there are rows. Below are the commands of all runs for a CPU that are still wanted, systems of Table III among them. If you have a computer that can be left alone for a night, `python -m fercourse train --queue cpu` makes the cheapest new facts in this course.
#
# ## Machines that disconnect
#
# A machine in Colab goes away when you are idle, and after some hours in any case. A rented one can be taken back. A training of hours must survive that. Here is a small training that nobody disturbs: a DeepEmotion network, three epochs of ten steps.

# %% tags=["depends-on-profile"]
some = data.first(train=500, validation=100)
short = fc.RECIPES["practice"].changed(epochs=3, batch_size=50)
fc.prepare(short)
undisturbed = fc.build_model({"system": "deep_emotion"})
history = fc.train(undisturbed, some, short)
print(f"{len(history.epochs)} epochs, finished: {history.finished}")

# %% [markdown]
# Now the same, stopped in the second epoch. `train` takes an event that stops it as Ctrl-C does. What is different is the `folder`: there the training leaves its checkpoint.

# %% tags=["depends-on-profile"]
temporary = lesson08.temporary_folder()
folder = f"{temporary.name}/my-run"
fc.prepare(short)
model = fc.build_model({"system": "deep_emotion"})
history = fc.train(model, some, short, folder=folder, **lesson08.stop_after(17))
print(f"{len(history.epochs)} epoch, finished: {history.finished}")
epoch, step, arrays = lesson08.checkpoint_contents(folder)
print(f"kept: epoch {epoch + 1}, step {step}, and {arrays} arrays")

# %% [markdown]
# The checkpoint holds everything that the next step depends on: the weights, the best weights so far, what the optimiser remembers, the state of every random number generator, and how far the epoch had come. Then it names the recipe, the network and the data that it belongs to. Now throw the model away, build another one, and give the same command again.

# %% tags=["depends-on-profile"]
del model
fc.prepare(short)
resumed = fc.build_model({"system": "deep_emotion"})
history = fc.train(resumed, some, short, folder=folder)
print(f"{len(history.epochs)} epochs, finished: {history.finished}")
same = np.allclose(
    fc.predict(resumed, some.validation.images), fc.predict(undisturbed, some.validation.images), atol=1e-3
)
print("the same answers as undisturbed:", same)

# %% [markdown]
# To a thousandth the answers are the same, although one training stopped in the middle of an epoch. So on one machine, a resumed run is the run of its seed. On another machine rounding may differ, and the run then names both machines. A machine that dies without warning falls back to its last checkpoint.
#
# One thing a checkpoint must never do is to go on with something else.

# %% tags=["depends-on-profile"]
try:
    fc.train(resumed, some, short.changed(mixup=0.2), folder=folder)
except ValueError as error:
    print(error)
temporary.cleanup()

# %% [markdown]
# A recipe that changed on the way would make a run that no recipe describes. Another network, other data or other teachers are refused in the same way.
#
# On the command line all this happens by itself. `train` writes a checkpoint every five minutes, at the end, and after an epoch if writing is cheap compared with the time that has passed; for the sizes see the last column of the table above. About five minutes are lost at most. In Colab the disk of the machine is lost too. Mount your Drive (the button stands in the panel of files at the left), and let `--checkpoints` and `--results` name two folders in it, in every command. With `--minutes 50` a training ends in good order by itself.
#
# ## Choices, gates and luck
#
# Eleven steps, several seeds, two sizes: that is a lot of looking at test faces. The rule of the course is the one of lesson 05. Every choice is made on PublicTest. PrivateTest is looked at **once**, for a configuration and a recipe that are frozen. Mind that every run is tested when it ends, and that its last lines show both halves: while you still choose, read those of PublicTest only. The library writes down beforehand what happens at which number on PublicTest.

# %%
print(lesson08.gates_text())
leads = [
    fc.evaluate(run.single["private"]).accuracy - fc.evaluate(run.single["public"]).accuracy for run in pocket
]
print(f"\nPrivateTest above PublicTest, {len(leads)} pocket runs: {np.mean(leads):.1f} points on average")

# %% [markdown]
# A gate is a promise that you give yourself before you know the number. These are for 224 pixels; nobody knows them for 112. PrivateTest was 1.6 to 1.8 points above PublicTest for the two networks of others of which both are known (WuJie1010); the last line tells how much it is for ours.
#
# Why is a promise needed? Because of what looking does. Suppose that several networks are *equally good*, and differ in nothing but the seed. Each gets a few faces more or fewer by luck. How many, the stored runs can tell. The pocket networks have about the same accuracy, and yet they are not right about the same faces; each face that just one of two gets right falls to one side or the other.

# %%
halves = [run.single["public"].correct for run in pocket]
disagree = lesson08.disagreement(halves)
luck = 100 * np.sqrt(disagree / 2 / fc.TEST_FACES)
print(f"two pocket networks: one is right and the other wrong on {disagree:.0%} of PublicTest")
print(f"luck of the faces, for equally good networks: {luck:.2f} points each")

# %% [markdown]
# (If $d$ is the share of faces on which just one of two networks is right, the difference of two equally good ones has the variance $d/n$, and each of them half of it.) So far the luck of one network. Now somebody trains several, picks the best on PublicTest, and reports it. Twenty thousand such somebodies:

# %%
public, private = luck * np.random.default_rng(1).normal(size=(2, 20_000, 10))
picked = [public[:, :count].argmax(axis=1) for count in range(1, 11)]
seems, remains = ([half[np.arange(20_000), best].mean() for best in picked] for half in (public, private))
fc.show(
    lesson08.luck_of_tries({"where it was picked": seems, "on the other half": remains}),
    f"The best of ten equally good networks seems {seems[-1]:.1f} points better where it was picked, and is "
    f"{abs(remains[-1]):.1f} points better on the other half.",
)
print(f"best of three: {seems[2]:.2f} points, best of ten: {seems[-1]:.2f}")

# %% [markdown]
# The upper line is gained by nothing but trying. On faces that had no part in the picking, nothing of it remains. Compare its height with the lead of 73.35 over 73.28, and with the whole distance to 74.14. Picking the epoch does the same on a small scale. For one network whose authors picked it on PrivateTest, the literature puts the gain at about half a point.
#
# Here nothing can remain, since the networks were made equally good. In reality a part of a lucky seed's lead is real. How far seeds lie apart on FER2013 nobody here has measured yet.
#
# ## Exercise 8.5: the price of picking
#
# Write the mean gain of the best of so many equally good tries. Accuracies vary around their common mean as normal random numbers with the given spread, in points. If you draw, draw at least 10,000 times.
#
# <details><summary>Hint</summary>
#
# Draw many rows of `tries` numbers around 0, take the highest of every row, and average them. `np.random.default_rng(0).normal(0, spread, (10_000, tries))` draws all at once.
#
# </details>


# %%
def gain_of_best(spread, tries):
    """By how many points the best of several equally good tries seems better, on average."""
    # BEGIN SOLUTION
    drawn = np.random.default_rng(0).normal(0, spread, (20_000, tries))
    return drawn.max(axis=1).mean()
    # STUB
    # return ...  # your code here
    # END SOLUTION


# %% [markdown]
# Random draws vary a little, and the check allows for that.

# %%
lesson08.check_gain_of_best(gain_of_best)

# %% [markdown]
# With it you can read a paper's sentence "we report the best of five runs" and subtract, if they picked on the faces that they report.
#
# So what would count as having beaten somebody? Give the goals the benefit of every doubt and take them for exact. How accurate must a network be on PrivateTest so that its whole interval lies above?

# %%
for name, goal in lesson08.GOALS.items():
    enough = next(
        right for right in range(2000, fc.TEST_FACES) if fc.wilson_interval(right, fc.TEST_FACES)[0] > goal
    )
    print(f"{name}: {goal} %; clearly above it from {100 * enough / fc.TEST_FACES:.2f} % on")

# %% [markdown]
# To pass a goal by a few faces is an event; to be better takes about a point and a half more. And 74.14 is from averaged views: compare it with that column only. If our number ends up near theirs, the right words are "reproduced" or "not reproduced within the interval".
#
# ## Run it
#
# Now it is your turn. What is wanted is in [the queue](../data/results/QUEUE.md), read here by the library.

# %%
gpu = wanted_commands("gpu")
print(f"{len(gpu)} runs for a GPU are wanted; the first:", *gpu[:4], sep="\n  ")

# %% [markdown]
# On any machine with a GPU, in this order. The first line is not needed in Colab, which brings TensorFlow with it; there each line gets an exclamation mark in front.
#
# | command | what it does, and what to look for |
# | --- | --- |
# | `pip install -e ".[gpu]"` | the course with TensorFlow for a GPU (`".[gpu-jax]"`: JAX) |
# | `python -m fercourse download` | FER2013, whole and verified; the ImageNet weights are fetched by Keras when they are needed |
# | `python -m fercourse check` | is the GPU seen, is FER2013 here? |
# | `python benchmarks/train_speed.py` (in Colab `../benchmarks/…`) | faces and operations a second, and what an epoch will take: compare with the bill |
# | `python -m fercourse train --ablation paper --size 112` | the first line names the network and the *device*; the last ones give both halves with intervals, of which PublicTest counts for choosing |
# | `python -m fercourse train --queue gpu --minutes 240` | one wanted run after the other for four hours, each in a process of its own; the same command goes on |
# | `python -m fercourse evaluate` | holds the stored answers against the labels |
# | `python -m fercourse table3` | the new rows, beside all others |
#
# With JAX, several GPUs share each batch. For a rented machine that is bare and has no network, [`benchmarks/gpu_session.py`](../benchmarks/gpu_session.py) carries, trains and brings home; its `rehearse` goes through all of that on your own computer first.
#
# A finished run is two small files without faces. [CONTRIBUTING](../CONTRIBUTING.md#add-a-run) says how to hand them in. A run that went badly is a result too.
#
# ## Exercise 8.6: six reports
#
# Things go wrong. Here are six reports of a training at 224 pixels, and seven remedies. What should be done next?
#
# - **A** It stops in the first step: the device is out of memory.
# - **B** After some hundred steps the loss is not a finite number any more.
# - **C** PublicTest is near 25 % after every epoch.
# - **D** It refuses to begin: the checkpoint belongs to another recipe.
# - **E** PublicTest ends at 71.0 %, while the accuracy on the training faces is near 100 %.
# - **F** PublicTest ends at 72.4 %, from one view.
#
# Remedies:
#
# 1. Halve the batch; that makes another run, with a name of its own.
# 2. Look at the faces that the network gets, at the labels and the rates. Train nothing longer before.
# 3. Freeze configuration and recipe, train the seeds 1 and 2, and then look at PrivateTest once.
# 4. A lower rate or a longer warm-up, and clipped gradients if they are not clipped.
# 5. Give the old command exactly, or let the new experiment have a folder of its own.
# 6. Change regularisation or augmentation, one thing at a time, at 112 pixels.
# 7. Try more seeds until one is above 73.35 %.
#
# <details><summary>Hint</summary>
#
# The gates above answer two of them. One remedy answers none.
#
# </details>

# %%
# BEGIN SOLUTION
next_steps = {"A": 1, "B": 4, "C": 2, "D": 5, "E": 6, "F": 3}
# STUB
# next_steps = ...  # such as {"A": 7, "B": 7}, with all six letters
# END SOLUTION

# %% [markdown]
# A dictionary from the letter of each report to the number of a remedy is expected.

# %%
lesson08.check_next_steps(next_steps)

# %% [markdown]
#
# ## What we do not know
#
# - **Whether it works.** As long as the table at the beginning says "not yet run", nothing in this lesson shows that `best` reaches 73.35 %. Before any run, our guess was: probably above 73 % on PrivateTest, and less likely than not above 74. The guess is written down so that it can be wrong.
# - **What the paper did.** Its recipe is not stated. If ours falls short, that does not refute it; if ours succeeds, it does not confirm theirs.
# - **Whether attention is what helps.** The queue holds network B without its masks for that reason. A network that beats the paper with and without attention would say something about recipes.
# - **Whether more is possible.** With a label that others confirm less than two times out of three, the last points may be the annotators' habits, and not expressions.
#
# ## Quiz
#
# **1.** The side of the faces goes from 224 to 112 pixels, and the batch from 64 to 128. What happens to the time of an epoch, and to the memory for activations?
#
# <details><summary>Answer</summary>
#
# The epoch takes about a quarter of the operations; the batch does not change how many faces an epoch has. Activations: a quarter for each face, twice as many faces at a time, so half.
#
# </details>
#
# **2.** A GPU has twice the peak of another. Is training twice as fast?
#
# <details><summary>Answer</summary>
#
# Only if the utilisation stays the same, and it usually drops: memory and small layers do not become faster along with the tensor cores. Measure the rate of the real step on both.
#
# </details>
#
# **3.** Step "zoom" gains 0.4 points over the step before, one seed each, and cannot be told apart from it. May it stay in the recipe?
#
# <details><summary>Answer</summary>
#
# It may, as a choice on PublicTest: one has to choose something. It may not be called an improvement. For that, repeat both with other seeds.
#
# </details>
#
# **4.** Your session ended after three of eighty epochs, and the machine is gone. When can you go on, and when not?
#
# <details><summary>Answer</summary>
#
# You can if `--checkpoints` named a folder that outlives the machine, and if you give the same command. With the default folder on the machine's own disk, everything is lost.
#
# </details>
#
# **5.** Ten seeds are trained, and the best on PublicTest is reported with its PrivateTest accuracy. Is that cheating?
#
# <details><summary>Answer</summary>
#
# No: the choice was made on PublicTest, so PrivateTest is still an honest measurement of this one network. But it says little about the *recipe*, whose mean over the ten seeds should be given as well. And its PublicTest accuracy has the gain of picking in it.
#
# </details>
#
# ## Summary
#
# - Two operations a multiply-add, three passes a step, 28,709 faces: that is the bill, before anything is trained. The utilisation has to be measured.
# - Rehearse everything in small, and look at the faces that the network gets.
# - Each step of the ablation has a command of its own; until the runs are there, its gain is a hope with a source.
# - A training that can be resumed to the same result makes weak machines useful.
# - Write the gates down first. The best of several tries owes part of its lead to luck, and that part is not there on new faces.
#
# ## References
#
# - Nguyen and Nguyen (2021), *A Visual Attention Based VGG19 Network for Facial Expression Recognition*: Table III. Pham et al. (2020), *Facial Expression Recognition Using Residual Masking Network*, ICPR; code and the threads in which others did not reach its number: `phamquiluan/ResidualMaskingNetwork`, issues 7, 9 and 41.
# - NVIDIA, data sheets of the T4, L4, A100 and H100 Tensor Core GPUs: peak rates and memory. Google, *Colaboratory: Frequently Asked Questions*: how long a machine stays.
# - Kaplan et al. (2020), *Scaling Laws for Neural Language Models*, arXiv:2001.08361, section 2.1: the backward pass counted as two forward ones.
# - Loshchilov and Hutter (2017), *SGDR: Stochastic Gradient Descent with Warm Restarts*, arXiv:1608.03983: the cosine; (2019), *Decoupled Weight Decay Regularization*, arXiv:1711.05101: AdamW. Howard and Ruder (2018), *Universal Language Model Fine-tuning for Text Classification*, arXiv:1801.06146: slower early layers.
# - Zhong et al. (2020), *Random Erasing Data Augmentation*, arXiv:1708.04896. Szegedy et al. (2016), *Rethinking the Inception Architecture for Computer Vision*, arXiv:1512.00567: label smoothing. Zhang et al. (2018), *mixup: Beyond Empirical Risk Minimization*, arXiv:1710.09412.
# - Polyak and Juditsky (1992), *Acceleration of Stochastic Approximation by Averaging*; Izmailov et al. (2018), *Averaging Weights Leads to Wider Optima and Better Generalization*, arXiv:1803.05407.
# - Hinton, Vinyals and Dean (2015), *Distilling the Knowledge in a Neural Network*, arXiv:1503.02531: the temperature.
# - Bouthillier et al. (2021), *Accounting for Variance in Machine Learning Benchmarks*, arXiv:2103.03098; Dodge et al. (2019), *Show Your Work: Improved Reporting of Experimental Results*, arXiv:1909.03004: the best of several tries.
# - `WuJie1010/Facial-Expression-Recognition.Pytorch`, issue 27, and `LetheSec/Fer2013-Facial-Emotion-Recognition-Pytorch`: what picking on PrivateTest brings, and smoothing, mixup and colour together. `yelboudouri/EmoNeXt`: averaged weights, and faces upside down.
#
# Next: there is no next lesson. Go back to the [README](../README.md), pick a line of the queue, and tell us what came out.
