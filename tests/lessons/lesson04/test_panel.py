"""The attention panel, moved in code: what it shows is what the library computes."""

import datetime
import io
import threading
import time

import numpy as np
import pytest
from drawn import text_of
from PIL import Image

from fercourse.data.faces import EMOTIONS
from fercourse.data.own_picture import LARGEST_FILE
from fercourse.lessons.lesson04 import drawing, knowledge
from fercourse.lessons.lesson04.knowledge import ANSWERS, Knowledge, write_answers
from fercourse.lessons.lesson04.panel import AttentionPanel
from fercourse.models.costs import configuration_costs
from fercourse.models.network import Network
from fercourse.models.pocket import VARIANTS, is_shipped, pocket_model
from fercourse.results.runs import evaluate
from fercourse.training.prediction import predict

SHIPPED = [variant for variant in VARIANTS if is_shipped(variant)]


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return Knowledge.of_the_course()


@pytest.fixture
def moved(known) -> AttentionPanel:
    return AttentionPanel(Knowledge(known.faces, known.stored, known.runs))


@pytest.mark.slow
def test_stored_answers_are_those_of_the_shipped_models(tmp_path):
    write_answers(tmp_path / "answers.npz")
    with np.load(ANSWERS) as stored, np.load(tmp_path / "answers.npz") as written:
        assert set(written) == set(stored)
        for name in written:
            difference = np.abs(stored[name].astype("f4") - written[name].astype("f4"))
            assert difference.max() < 2e-3, (
                "run `python -m fercourse.lessons.lesson04.knowledge`"
            )
    assert {name.split("/")[0] for name in written} == {v.name for v in SHIPPED}


@pytest.mark.parametrize("variant", [pytest.param(v, id=v.label) for v in SHIPPED])
def test_moving_shows_what_the_library_computes(moved, known, variant):
    moved.position.value = variant.after[0] if variant.after else ()
    moved.combine.value = variant.combine
    moved.emotion.value, moved.face.value = "sad", 3
    model = pocket_model(variant.after, variant.combine)
    values = predict(model, known.faces.images[4 * 6 + 2][None])[0]
    shown = text_of(moved.probabilities.value)
    best = f"{values.max():.0%}"
    assert f"Its answer: {EMOTIONS[values.argmax()]}, {best}" in shown
    assert "sad (label)" in shown
    accuracy = evaluate(known.runs[variant].single["public"]).accuracy
    assert f"{variant.label} {accuracy:.1f} %" in text_of(moved.accuracies.value)
    parameters, _ = configuration_costs(variant)
    assert f"{parameters:,} parameters" in moved.says.value


def test_a_move_computes_little(moved, monkeypatch):
    """Outside drawing; everything that does not depend on a slider is done before."""
    for name in ("network", "pictures", "probabilities", "accuracies", "message"):
        monkeypatch.setattr(drawing, name, lambda *_: "")
    seconds = []
    for place in ["block1_pool", "block2_pool", "block3_pool"] * 5:
        start = time.perf_counter()
        moved.position.value = place
        seconds.append(time.perf_counter() - start)
    assert np.median(seconds) < 0.01  # 2 ms on a quiet machine


def test_the_picture_changes_with_the_face(moved):
    before = moved.pictures.value
    moved.next.click()
    assert moved.face.value == 2
    assert moved.pictures.value != before
    moved.previous.click()
    assert moved.pictures.value == before
    moved.previous.click()
    assert moved.face.value == 6
    moved.emotion.value = "fear"
    assert moved.face.value == 1
    assert "labelled fear" in moved.pictures.value


def test_without_a_block_there_is_nothing_to_combine(moved):
    moved.position.value = ()
    assert moved.combine.disabled and moved.kernel_size.disabled
    assert "No block" in moved.position_line.value
    assert "No block, no map" in moved.pictures.value
    moved.position.value = "block2_pool"
    assert not moved.combine.disabled
    # A cell sees 16 pixels, and three neighbours to either side are 4 pixels apart.
    assert "12 × 12; a cell can depend on 40 × 40" in moved.position_line.value


def test_a_comparison_says_whether_it_means_anything(moved, known):
    moved.position.value = ()
    says = text_of(moved.says.value)
    assert f"From block 4, concat to {Network.pocket().label}" in says
    assert "no difference can be claimed" in says
    runs = known.runs[Network.pocket("block4_pool")], known.runs[Network.pocket()]
    before, now = (run.single["public"].correct for run in runs)
    assert f"{(before & ~now).sum()} faces are right only before" in says


def test_what_was_not_trained_says_so_and_offers_training(moved):
    moved.kernel_size.value = 3
    name = "block 4, concat, 3 × 3"
    assert f"No trained model exists for {name}" in moved.probabilities.value
    assert f"There is no run of {name}" in moved.says.value
    assert "1,397,322 parameters" in moved.says.value
    assert moved.train_button.layout.display is None
    moved.kernel_size.value = 7
    assert moved.train_button.layout.display == "none"


def uploaded(moved: AttentionPanel, content: bytes, name: str = "me.png") -> None:
    file = {"name": name, "type": "image/png", "size": len(content)}
    file["last_modified"] = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    moved.upload.value = ({**file, "content": memoryview(content)},)


@pytest.mark.parametrize("after", ["block4_pool", ()])
def test_an_own_picture_is_cropped_by_the_sliders(moved, after):
    moved.position.value = after
    picture = np.zeros((96, 192), "uint8")
    picture[:, 96:] = 255
    content = io.BytesIO()
    Image.fromarray(picture).save(content, "PNG")
    uploaded(moved, content.getvalue())
    assert moved.own_box.layout.display is None
    assert "192 × 96 pixels" in moved.upload_line.value
    moved.right.value = 0.0
    assert (moved.image[:, :40] == 0).all()
    moved.right.value = 1.0
    assert (moved.image[:, 8:] == 255).all()
    assert "no label to compare with" in moved.probabilities.value
    expected = predict(pocket_model(after or None), moved.image[None])[0]
    assert f"{expected.max():.0%}" in moved.probabilities.value
    for _ in range(2):
        moved.back.click()
        assert moved.own_picture is None
        assert "labelled happy" in moved.pictures.value
        uploaded(moved, content.getvalue())  # the same file again
        assert moved.own_picture.shape == (96, 192)


def test_the_limit_is_said_before_and_after(moved):
    assert "up to 10 MB" in moved.upload.description
    uploaded(moved, bytes(LARGEST_FILE + 1), "wall.png")
    assert "wall.png has 10.0 MB; at most 10" in moved.upload_line.value


def test_a_bad_upload_is_a_sentence_and_changes_nothing(moved):
    before = moved.pictures.value
    uploaded(moved, b"no picture", "notes.txt")
    assert "notes.txt is not a picture" in moved.upload_line.value
    assert moved.pictures.value == before


def trained(moved: AttentionPanel) -> str:
    """What the panel says after it has trained a variant of its own."""
    moved.kernel_size.value = 3
    moved.train_button.click()
    for thread in threading.enumerate():
        if "_train" in thread.name:
            thread.join(20)
    return text_of(moved.training_line.value)


def test_training_here_shows_its_result_apart(moved, monkeypatch):
    def quickly(variant, stop, on_step):
        on_step(1, 4)
        return knowledge.TrainedHere(pocket_model("block4_pool"), 700, 1000)

    monkeypatch.setattr(knowledge, "train_here", quickly)
    assert "700 of 1,000 practice test faces right, 70.0 %" in trained(moved)
    assert moved.progress.value == 25
    assert "Its answer:" in moved.probabilities.value


def test_a_failed_training_says_why(moved, monkeypatch):
    def fail(*_):
        raise MemoryError("no memory left")

    monkeypatch.setattr(knowledge, "train_here", fail)
    assert "no memory left" in trained(moved)
    assert moved.train_button.layout.display is None


@pytest.mark.slow
def test_training_here_trains_and_stops():
    stop = threading.Event()

    def on_step(done, _):
        assert done <= 3
        if done == 3:
            stop.set()

    variant = Network.pocket("block3_pool", "multiply", 3)
    result = knowledge.train_here(variant, stop, on_step)
    assert result.count == 1000
    assert result.model.get_layer("block3_attention").kernel_size == 3
