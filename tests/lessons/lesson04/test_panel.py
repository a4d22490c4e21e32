"""The attention panel, moved in code: what it shows is what the library computes."""

import dataclasses
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
from fercourse.lessons.lesson04.knowledge import (
    ANSWERS,
    Choice,
    Knowledge,
    TrainedHere,
    position_of,
    write_answers,
)
from fercourse.lessons.lesson04.panel import AttentionPanel
from fercourse.models.costs import configuration_costs
from fercourse.models.network import Network
from fercourse.models.pocket import LARGER_VARIANTS, pocket_model
from fercourse.results.evidence import shares_on_evidence
from fercourse.training.prediction import predict

SHIPPED = knowledge.shipped_choices()
HAPPY = 6 * EMOTIONS.index("happy")


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return Knowledge.of_the_course()


@pytest.fixture
def moved(known) -> AttentionPanel:
    return AttentionPanel(dataclasses.replace(known, models={}, trained_here={}))


def choose(panel: AttentionPanel, choice: Choice) -> None:
    panel.trained_on.value = choice.trained_on
    panel.position.value = position_of(choice.variant)
    panel.combine.value = choice.variant.combine


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
    assert {name.rpartition("/")[0] for name in written} == {c.key for c in SHIPPED}


def test_it_opens_on_a_face_that_its_network_recognises(moved):
    assert "Its answer: happy" in moved.probabilities.value
    assert "(right)" in moved.probabilities.value
    right = moved.known.right_in_panel(moved.choice)
    sentence = (
        "trained on photographs (FER2013); of the panel's 42 drawn faces, it gets"
    )
    assert f"{sentence} {right} right" in text_of(moved.probabilities.value).replace(
        "&#x27;", "'"
    )


def test_accuracies_wait_for_a_guess(known):
    panel = AttentionPanel(known, accuracies=False)
    panel.position.value = "block 2"
    assert panel.says.value == panel.accuracies.value == ""
    assert panel.says.layout.display == "none"
    assert "PublicTest" not in panel.still()
    panel.reveal_button.click()
    assert "From block 4, concat to block 2, concat" in panel.says.value
    assert "PublicTest accuracy" in panel.still()
    assert panel.reveal_button.layout.display == "none"


@pytest.mark.parametrize("choice", [pytest.param(c, id=c.key) for c in SHIPPED])
def test_moving_shows_what_the_library_computes(moved, known, choice):
    choose(moved, choice)
    moved.emotion.value, moved.face.value = "sad", 3
    assert moved.choice == choice
    stored = known.stored[f"{choice.key}/probabilities"]
    values = stored[6 * EMOTIONS.index("sad") + 2].astype("float32")
    shown = text_of(moved.probabilities.value)
    best = f"{100 * values.max():.0f} %"
    assert f"Its answer: {EMOTIONS[values.argmax()]}, {best}" in shown
    assert "sad (label)" in shown
    accuracy = 100 * known.correct(choice).mean()
    assert f"{choice.variant.label} {accuracy:.1f} %" in text_of(moved.accuracies.value)
    parameters, _ = configuration_costs(choice.variant)
    assert f"{parameters:,} parameters" in moved.network.value
    assert moved.train_button.disabled


def test_only_what_comes_with_the_course_is_offered(moved, known):
    offered = {network.label for network in known.networks}
    shown = set(moved.position.options)
    assert shown == {position_of(network) for network in known.networks}
    assert all(f">{name}<" in moved.accuracies.value for name in offered)


def test_a_move_computes_little(moved):
    seconds = []
    for place in ["block 1", "block 2", "block 3"] * 5:
        start = time.process_time()
        moved.position.value = place
        seconds.append(time.process_time() - start)
    assert np.median(seconds) < 0.02  # 3 ms on a quiet machine


def test_a_face_changes_only_what_depends_on_it(moved, monkeypatch):
    """A move computes and sends nothing else."""
    for name in ("network", "accuracies", "message"):
        monkeypatch.setattr(drawing, name, None)
    before = moved.pictures.value
    moved.face.value = 3
    assert moved.pictures.value != before
    moved.emotion.value = "fear"
    assert "labelled fear" in moved.pictures.value
    moved.emotion.value, moved.face.value = "happy", 2
    assert moved.pictures.value == before


def test_without_a_block_there_is_nothing_to_combine(moved):
    moved.position.value = "no block"
    assert moved.combine.disabled
    assert "plain VGG19, no map" in moved.pictures.value
    moved.position.value = "block 2"
    assert not moved.combine.disabled
    # A cell sees 16 pixels, and three neighbours to either side are 4 pixels apart.
    assert "12 × 12: a cell can depend on 40 × 40" in moved.pictures.value


def test_a_comparison_says_whether_it_means_anything(moved, known):
    moved.position.value = "no block"
    says = text_of(moved.says.value)
    assert "From block 4, concat to no block" in says
    assert "no difference can be claimed" in says
    before = known.correct(Choice(Network.pocket("block4_pool")))
    now = known.correct(Choice(Network.pocket()))
    assert f"{(before & ~now).sum()} are right only before" in says


def test_faces_of_another_size_are_compared_among_themselves(known):
    _, appended, multiplied = LARGER_VARIANTS
    shipped = [choice for choice in known.shipped if choice.variant != multiplied]
    some = dataclasses.replace(known, shipped=shipped, models={}, trained_here={})
    moved = AttentionPanel(some)
    moved.combine.value = "multiply"
    moved.position.value = "block 5, 96 px"
    # Only one of the two ways was trained, so there is nothing to choose.
    assert moved.variant == appended
    assert moved.combine.value == "concat" and moved.combine.disabled
    assert "From no block, 96 px to block 5, concat, 96 px" in moved.says.value
    assert "3 × 3 × 129" in moved.network.value


def test_evidence_is_known_of_drawn_faces(moved, known):
    choose(moved, Choice(Network.pocket("block3_pool", "multiply"), "practice"))
    maps = known.stored["practice/pocket-block3-multiply/maps"].astype("float32")
    one = slice(HAPPY + 1, HAPPY + 2)
    share = 100 * shares_on_evidence(maps[one], known.drawn.evidence[one]).item()
    area = 100 * known.drawn.evidence[one].mean()
    shown = text_of(moved.pictures.value).replace("&#x27;", "'")
    assert f"{share:.0f} % of the map's total, {area:.0f} % of the area" in shown
    moved.emotion.value = "neutral"
    assert "changes no pixel of this face" in moved.pictures.value


def test_what_was_not_trained_says_so_and_offers_training(moved):
    moved.trained_on.value = "practice"
    shown = text_of(moved.probabilities.value)
    assert "(block 4, concat) has not been trained on drawings yet" in shown
    assert "block 3, concat; block 3, multiply." in shown
    assert "no map" in moved.pictures.value
    assert "not tested on practice test faces" in moved.says.value
    assert not moved.train_button.disabled
    moved.trained_on.value = "fer2013"
    assert moved.train_button.disabled


def uploaded(moved: AttentionPanel, content: bytes, name: str = "me.png") -> None:
    file = {"name": name, "type": "image/png", "size": len(content)}
    file["last_modified"] = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    moved.upload.value = ({**file, "content": memoryview(content)},)


def test_an_own_picture_is_cropped_by_its_frame(moved):
    fields = (moved.across, moved.down, moved.side)
    assert all(field.disabled for field in fields) and moved.own_button.disabled
    picture = np.zeros((96, 192), "uint8")
    picture[:, 96:] = 255
    content = io.BytesIO()
    Image.fromarray(picture).save(content, "PNG")
    uploaded(moved, content.getvalue())
    assert moved.emotion.disabled and not any(field.disabled for field in fields)
    assert (
        "me.png, 192 × 96 pixels, with a frame of 96 × 96" in moved.whole_picture.value
    )
    moved.across.value = 0
    assert (moved.image[:, :40] == 0).all()
    assert "0 from the left" in moved.whole_picture.value
    moved.across.value = 100
    assert (moved.image[:, 8:] == 255).all()
    assert "96 from the left" in moved.whole_picture.value
    assert "no label to compare with" in moved.probabilities.value
    expected = predict(pocket_model("block4_pool"), moved.image[None])[0]
    assert f"{100 * expected.max():.0f} %" in moved.probabilities.value
    # A notebook that is saved now does not hold the learner's face.
    assert "<img" not in moved.still() and moved.pictures.value not in moved.still()
    for _ in range(2):
        assert moved.own_button.description == "showing your picture: show a drawn face"
        moved.own_button.click()
        assert moved.own_button.description == "showing a drawn face: show your picture"
        assert not moved.emotion.disabled and moved.across.disabled
        assert "labelled happy" in moved.pictures.value
        uploaded(moved, content.getvalue())  # the same file again
        assert "your picture" in moved.pictures.value


def test_the_limit_is_said_before_and_after(moved):
    assert "up to 10 MB" in moved.upload.description
    uploaded(moved, bytes(LARGEST_FILE + 1), "wall.png")
    assert "wall.png has 10.0 MB; at most 10" in moved.upload_line.value


def test_a_bad_upload_is_a_sentence_and_changes_nothing(moved):
    before = moved.pictures.value
    uploaded(moved, b"no picture", "notes.txt")
    assert "notes.txt is not a picture" in moved.upload_line.value
    assert moved.pictures.value == before
    assert moved.own_button.disabled


def test_the_still_shows_what_the_panel_shows(moved):
    html = moved._repr_mimebundle_()["text/html"]
    for output in (moved.pictures, moved.probabilities, moved.network, moved.says):
        assert output.value in html
    assert html.count("<img alt=") == 3


def trained(moved: AttentionPanel) -> str:
    """What the panel says after it has trained a network of its own."""
    moved.trained_on.value = "practice"
    moved.train_button.click()
    for thread in threading.enumerate():
        if "_train" in thread.name:
            thread.join(20)
    return text_of(moved.training_line.value)


def test_training_here_shows_its_result(moved, monkeypatch):
    shown = []

    def quickly(variant, stop, on_step):
        on_step(1, 4)
        shown.append(moved.training_line.value)
        correct = np.arange(1000) < 700
        return TrainedHere(pocket_model("block4_pool"), correct)

    monkeypatch.setattr(knowledge, "train_here", quickly)
    assert "700 of 1,000 practice test faces right, 70.0 %" in trained(moved)
    assert 'value="0.25"' in shown[0]
    assert "Its answer:" in moved.probabilities.value
    assert "block 4, concat 70.0 %" in text_of(moved.accuracies.value)


def test_a_failed_training_says_why(moved, monkeypatch):
    def fail(*_):
        raise MemoryError("no memory left")

    monkeypatch.setattr(knowledge, "train_here", fail)
    assert "no memory left" in trained(moved)
    assert not moved.train_button.disabled and moved.stop_button.disabled


@pytest.mark.slow
def test_training_here_trains_and_stops():
    stop = threading.Event()

    def on_step(done, _):
        assert done <= 3
        if done == 3:
            stop.set()

    result = knowledge.train_here(Network.pocket("block3_pool"), stop, on_step)
    assert result.correct.shape == (1000,)
