"""The attention panel, moved in code: what it shows is what the library computes."""

import io
import re
import threading

import numpy as np
import pytest
from PIL import Image

from fercourse.data.faces import EMOTIONS
from fercourse.lessons.lesson04 import knowledge as variants
from fercourse.lessons.lesson04 import panel
from fercourse.lessons.lesson04.knowledge import Knowledge, answers_of
from fercourse.lessons.lesson04.panel import AttentionPanel
from fercourse.models.costs import pocket_costs
from fercourse.models.pocket import VARIANTS, Variant, pocket_model
from fercourse.results.runs import evaluate
from fercourse.training.prediction import predict

SHIPPED = [variant for variant in VARIANTS if variant.shipped]


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return Knowledge.of_the_course()


@pytest.fixture
def moved(known) -> AttentionPanel:
    return AttentionPanel(Knowledge(known.faces, known.stored, known.runs))


def test_variants_are_all_places_and_both_ways():
    assert len(VARIANTS) == 11
    assert Variant() in SHIPPED
    assert Variant("block4_pool") in SHIPPED
    assert Variant("block4_pool", kernel_size=5).label == "block 4, concat, 5 × 5"
    assert not Variant("block4_pool", kernel_size=5).shipped


def test_faces_are_six_of_each_emotion(known):
    assert known.faces.emotions.tolist() == [
        number for number in range(7) for _ in range(6)
    ]


@pytest.mark.parametrize("variant", [pytest.param(v, id=v.label) for v in SHIPPED])
def test_stored_answers_are_those_of_the_shipped_models(known, variant):
    assert f"{variant.name}/probabilities" in known.stored, (
        "run `python -m fercourse panel`"
    )
    probabilities, maps = answers_of(
        pocket_model(variant.after, variant.combine), known.faces.images
    )
    stored = known.stored[f"{variant.name}/probabilities"]
    np.testing.assert_allclose(stored.astype("float32"), probabilities, atol=2e-3)
    if variant.after is None:
        assert maps is None
        assert f"{variant.name}/maps" not in known.stored
    else:
        np.testing.assert_allclose(
            known.stored[f"{variant.name}/maps"].astype("float32"), maps, atol=2e-3
        )


def test_nothing_is_stored_of_models_that_are_not_shipped(known):
    names = {variant.name for variant in SHIPPED}
    assert {name.split("/")[0] for name in known.stored} == names


@pytest.mark.parametrize("variant", [pytest.param(v, id=v.label) for v in SHIPPED])
def test_moving_shows_what_the_library_computes(moved, known, variant):
    moved.position.value = variant.after or panel.NO_BLOCK
    moved.combine.value = variant.combine
    moved.emotion.value = "sad"
    moved.face.value = 3
    number = 4 * 6 + 2
    values = predict(
        pocket_model(variant.after, variant.combine), known.faces.images[number][None]
    )[0]
    shown = [
        int(share)
        for share in re.findall(r"(\d+)%</div></div>", moved.probabilities.value)
    ]
    np.testing.assert_allclose(shown, 100 * values, atol=0.7)
    assert f"Its answer: {EMOTIONS[values.argmax()]}" in moved.probabilities.value
    assert "sad (label)" in text_of(moved.probabilities.value)
    accuracy = evaluate(known.runs[variant].single["public"]).accuracy
    assert f"{accuracy:.1f} %" in moved.accuracies.value
    parameters, _ = pocket_costs(variant.after, variant.combine)
    assert f"{parameters:,} parameters" in moved.says.value


def test_the_picture_changes_with_the_face(moved):
    before = moved.pictures.value
    moved.next.click()
    assert moved.face.value == 2
    assert moved.pictures.value != before
    moved.previous.click()
    assert moved.pictures.value == before
    moved.previous.click()
    assert moved.face.value == 6


def test_another_emotion_begins_with_its_first_face(moved):
    moved.face.value = 4
    moved.emotion.value = "fear"
    assert moved.face.value == 1
    assert "labelled fear" in moved.pictures.value


def test_without_a_block_there_is_nothing_to_combine(moved):
    moved.position.value = panel.NO_BLOCK
    assert moved.combine.disabled
    assert moved.kernel_size.disabled
    assert "No attention block" in moved.position_line.value
    assert "No attention block, no map" in moved.pictures.value
    moved.position.value = "block2_pool"
    assert not moved.combine.disabled
    # A place sees 16 pixels, and three neighbours to either side lie 4 pixels apart.
    assert "a map of 12 × 12; a cell can depend on 40 × 40" in moved.position_line.value


def test_a_comparison_says_whether_it_means_anything(moved, known):
    moved.position.value = panel.NO_BLOCK
    says = text_of(moved.says.value)
    assert "From block 4, concat to no attention" in says
    assert "no difference can be claimed" in says
    first, second = known.runs[Variant("block4_pool")], known.runs[Variant()]
    only_first = (
        first.single["public"].correct & ~second.single["public"].correct
    ).sum()
    assert f"{only_first} faces are right only before" in says


def test_what_was_not_trained_says_so_and_offers_training(moved):
    moved.kernel_size.value = 3
    assert "No trained model exists for block 4, concat, 3 × 3" in text_of(
        moved.probabilities.value
    )
    assert "There is no run of block 4, concat, 3 × 3" in text_of(moved.says.value)
    assert "1,397,322 parameters" in moved.says.value
    assert moved.train_button.layout.display is None
    moved.kernel_size.value = 7
    assert moved.train_button.layout.display == "none"


def uploaded(moved: AttentionPanel, content: bytes, name: str = "me.png") -> None:
    file = {
        "name": name,
        "type": "image/png",
        "size": len(content),
        "content": memoryview(content),
    }
    moved.upload.notify_change(
        {
            "name": "value",
            "old": (),
            "new": (file,),
            "owner": moved.upload,
            "type": "change",
        }
    )


def test_an_own_picture_is_cropped_by_the_sliders(moved):
    picture = np.zeros((96, 192), "uint8")
    picture[:, 96:] = 255
    content = io.BytesIO()
    Image.fromarray(picture).save(content, "PNG")
    uploaded(moved, content.getvalue())
    assert moved.own_box.layout.display is None
    assert "192 × 96 pixels" in text_of(moved.upload_line.value)
    moved.right.value = 0.0
    assert (moved.image[:, :40] == 0).all()
    moved.right.value = 1.0
    assert (moved.image[:, 8:] == 255).all()
    assert "no label to compare with" in moved.probabilities.value
    expected = predict(pocket_model("block4_pool"), moved.image[None])[0]
    assert f"{expected.max():.0%}" in moved.probabilities.value
    moved.back.click()
    assert moved.own_picture is None
    assert "labelled happy" in moved.pictures.value


def test_a_bad_upload_is_a_sentence_and_changes_nothing(moved):
    before = moved.pictures.value
    uploaded(moved, b"no picture", "notes.txt")
    assert "notes.txt is not a picture" in text_of(moved.upload_line.value)
    assert moved.pictures.value == before


def test_training_here_shows_its_result_apart(moved, monkeypatch):
    def quickly(variant, stop, on_step):
        on_step(1, 4)
        return variants.TrainedHere(pocket_model("block4_pool"), 700, 1000)

    monkeypatch.setattr(variants, "train_here", quickly)
    moved.kernel_size.value = 3
    moved.train_button.click()
    for thread in threading.enumerate():
        if (
            thread is not threading.current_thread()
            and thread.daemon
            and "_train" in thread.name
        ):
            thread.join(20)
    assert "700 of 1,000 practice test faces right, 70.0 %" in text_of(
        moved.training_line.value
    )
    assert "Its answer:" in moved.probabilities.value
    assert "not yet run" in moved.accuracies.value


@pytest.mark.slow
def test_training_here_trains_and_stops():
    stop, told = threading.Event(), []

    def on_step(done, total):
        told.append((done, total))
        if done == 3:
            stop.set()

    trained = variants.train_here(Variant("block3_pool", "multiply", 3), stop, on_step)
    assert told[-1][0] == 3
    assert trained.count == 1000
    assert trained.model.get_layer("block3_attention").kernel_size == 3
