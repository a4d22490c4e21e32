"""Training from the command line: one run, from the words of a command to its files."""

import keras
import numpy as np
import pytest
from quick_command import NARROW_VGG19, SHORT, places, tiny_csv
from tiny import tiny_data

from fercourse.__main__ import main
from fercourse.results.runs import read_run
from fercourse.training.prediction import predict


@pytest.fixture
def quick_train(tmp_path, monkeypatch):
    """`train` of a narrow network on a few faces, all files in a temporary folder."""
    monkeypatch.setenv("FERCOURSE_CACHE", str(tmp_path / "cache"))
    tiny_csv(tmp_path)

    def call(*more, model=NARROW_VGG19):
        return main(["train", *model, *SHORT, *places(tmp_path), *more])

    return call, tmp_path / "results"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("--system deep_emotion", "deep_emotion-practice-epochs2-batch_size16-seed0"),
        (
            "--system vgg --width 0.0625",
            "vgg-width0.0625-practice-epochs2-batch_size16-seed0",
        ),
        (
            "--system vggnet --width 0.03",
            "vggnet-width0.03-practice-epochs2-batch_size16-seed0",
        ),
    ],
)
def test_the_saved_model_of_a_system_is_the_one_that_was_tested(
    quick_train, tmp_path, model, name
):
    train, results = quick_train
    assert train(model=model.split()) == 0
    run = read_run(name, results)
    again = keras.models.load_model(tmp_path / "checkpoints" / name / f"{name}.keras")
    probabilities = predict(again, tiny_data(train=96, rest=24).validation.images)
    np.testing.assert_array_equal(
        probabilities.astype("float16"), run.single["public"].probabilities
    )


@pytest.mark.slow
def test_a_form_of_the_tuned_cnn_is_trained(quick_train):
    train, results = quick_train
    form = "--widths 64 64 128 64 64 --units 128 --dropout 0.2 --learning-rate 0.002"
    assert (
        train(
            "--name",
            "mine",
            model=["--system", "tuned_cnn", "--width", "0.0625", *form.split()],
        )
        == 0
    )
    run = read_run("mine", results)
    assert run.configuration["widths"] == [64, 64, 128, 64, 64]
    assert run.recipe["learning_rate"] == 0.002
    assert run.recipe["name"] == "practice"


def test_train_stops_and_goes_on(quick_train, capsys):
    train, results = quick_train
    assert train("--minutes", "0") == 1
    assert (
        "Stopped after 0 of 2 epochs; the same command goes on."
        in capsys.readouterr().out
    )
    assert not results.exists()
    assert train() == 0


def test_another_experiment_does_not_overwrite_a_run(quick_train, capsys):
    train, results = quick_train
    assert train("--name", "mine") == 0
    before = (results / "mine.json").read_text()
    capsys.readouterr()
    assert train("--name", "mine", "--kernel-size", "3") == 1
    assert (
        "mine.json holds a run with another configuration or recipe"
        in capsys.readouterr().err
    )
    assert (results / "mine.json").read_text() == before


@pytest.mark.slow
def test_a_student_learns_from_teachers_and_says_from_whom(
    quick_train, tmp_path, capsys
):
    train, results = quick_train
    assert train("--name", "teacher") == 0
    assert train("--teachers", "teacher", "--temperature", "2") == 0
    assert "Asking 1 teacher(s) about 96 faces." in capsys.readouterr().out
    name = "vgg19_attention-block3-concat-48-width0.0625-scratch-practice-batch_size16-distillation0.5-seed0"
    run = read_run(name, results)
    about = run.provenance["teachers"]
    assert (about["names"], about["views"], about["temperature"]) == (
        ["teacher"],
        2,
        2.0,
    )
    assert run.recipe["distillation"] == 0.5
    assert (tmp_path / "teachers" / "teacher-views2.npz").is_file()


def test_distillation_asks_for_teachers(quick_train, capsys):
    train, _ = quick_train
    assert train("--distillation", "0.3") == 1
    assert (
        "--distillation 0.3 needs --teachers: names of finished runs"
        in capsys.readouterr().err
    )
    assert train("--teachers", "nobody") == 1
    assert "The teacher nobody has no stored run" in capsys.readouterr().err


@pytest.mark.parametrize(
    "more", [[], ["--pocket", "--seed", "1"], ["--pocket", "--recipe", "practice"]]
)
def test_only_pocket_models_are_shipped(more, capsys):
    assert main(["train", "--weights", "none", "--ship", *more]) == 1
    assert (
        "--ship is for pocket models of the pocket recipe with seed 0"
        in capsys.readouterr().err
    )


def test_one_place_is_shipped(capsys):
    assert (
        main(["train", "--pocket", "--ship", "--after", "block3_pool", "block4_pool"])
        == 1
    )
    assert "--ship takes one place" in capsys.readouterr().err


@pytest.mark.slow
def test_practice_faces_have_runs_and_models_of_their_own(
    quick_train, tmp_path, monkeypatch, capsys
):
    train, _ = quick_train
    monkeypatch.setattr(
        "fercourse.lessons.start.cached_practice_data",
        lambda: tiny_data(train=96, rest=24),
    )
    monkeypatch.setattr("fercourse.results.runs.RESULTS", tmp_path / "data")
    monkeypatch.setattr("fercourse.models.vgg19.SHIPPED_MODELS", tmp_path / "models")
    monkeypatch.setattr(
        "fercourse.commands.train.CHECKPOINTS", tmp_path / "checkpoints"
    )
    pocket = ["--pocket", "--after", "block3_pool", "--epochs", "3", "--ship"]
    practice = ["train", "--data", "practice", *pocket]
    assert main(practice) == 1
    assert "pocket models of the practice recipe with seed 0" in capsys.readouterr().err
    assert main([*practice, "--recipe", "practice"]) == 0
    run = read_run("pocket-block3-concat-practice-seed0", tmp_path / "data/practice")
    assert run.provenance["data"] == "tiny faces: made for a test"
    assert run.provenance["selected"] == "best epoch on the validation faces"
    assert (
        tmp_path / "models" / "practice" / "pocket-block3-concat.weights.h5"
    ).exists()
    capsys.readouterr()
    assert main(["evaluate", "--data", "practice"]) == 0
    assert "1 run(s) agree with the labels of tiny faces" in capsys.readouterr().out
    assert train("--data", "practice", "--name", "elsewhere") == 0
    assert [path.name for path in (tmp_path / "results").glob("*.json")] == [
        "elsewhere.json"
    ]


def test_training_on_a_test_file_without_labels_is_refused(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("FERCOURSE_CACHE", str(tmp_path / "cache"))
    pixels = " ".join(["7"] * 2304)
    (tmp_path / "train.csv").write_text("emotion,pixels\n" + f"0,{pixels}\n" * 3)
    (tmp_path / "test.csv").write_text("pixels\n" + f"{pixels}\n" * 2)
    assert (
        main(
            [
                "train",
                "--weights",
                "none",
                "--width",
                "0.0625",
                "--size",
                "48",
                "--data",
                str(tmp_path),
            ]
        )
        == 1
    )
    assert (
        "evaluation needs labels, and 2 of 2 faces have none" in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--recipe", "secret"],
            "--recipe secret is unknown; expected one of practice, pocket, common",
        ),
        (["--epochs", "0"], "Recipe.epochs is 0"),
        (["--system", "resnext"], "--system resnext is unknown"),
        (
            ["--system", "vgg"],
            "--after, --size, --weights does not go with --system vgg",
        ),
        (["--after", "block9_pool"], 'after="block9_pool" is not a pooling layer'),
        (["--data", "nowhere"], "nowhere"),
    ],
)
def test_wrong_arguments_are_one_sentence(quick_train, capsys, arguments, message):
    train, _ = quick_train
    assert train(*arguments) == 1
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
