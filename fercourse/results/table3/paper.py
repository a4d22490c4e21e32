"""Table III as the paper prints it, and what is known about each number.

The paper names neither split nor selection for any row. What is stated here comes from
the cited papers, their public code and arithmetic. "Inferred" marks a conclusion, "not
confirmed" what is remembered without a source at hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fercourse.results.statistics import TEST_FACES, counts_that_give


@dataclass(frozen=True)
class Stated:
    """What is known about how a number was measured; as text, with the reason."""

    word: str = "not known"
    reason: str = ""  # how it is known, or what else belongs to it

    def __str__(self) -> str:
        return f"{self.word} ({self.reason})" if self.reason else self.word


@dataclass(frozen=True, kw_only=True)
class PaperRow:
    """One row of the paper's Table III."""

    system: str  # its name in `fercourse.models.systems`
    method: str  # its name in the paper
    accuracy: float  # percent
    decimals: int  # printed after the point
    source: str  # where the number really comes from
    split: Stated = Stated()  # the faces on which it was measured
    selected: Stated = Stated()  # the faces on which choices were made, such as epochs
    views: Stated = Stated()  # pictures of a face whose answers were averaged
    network: str  # where the layers in `fercourse.models.systems` come from
    published: bool  # whether all those layers are published; else reconstructed
    faults: str  # what is wrong with the number, or must be known to compare it

    @property
    def printed(self) -> str:
        """The accuracy as the paper prints it."""
        return f"{self.accuracy:.{self.decimals}f}"

    def counts(self, faces: int = TEST_FACES) -> list[int]:
        """The numbers of right answers that would be printed so; empty if none."""
        return counts_that_give(self.accuracy, faces, self.decimals)


_PRAMERDORFER = (
    "Pramerdorfer and Kampel (2016), arXiv 1612.02903; README of cpra/fer-cnn-sota"
)
_NOT_STATED = Stated("not stated")
_NOT_CONFIRMED: dict[str, Any] = {
    "split": Stated("probably PrivateTest", "not confirmed"),
    "selected": Stated("probably PublicTest", "not confirmed"),
    "published": False,
}

PAPER_ROWS: tuple[PaperRow, ...] = (
    PaperRow(
        system="deep_emotion",
        method="DeepEmotion [21]",
        accuracy=70.02,
        decimals=2,
        source="Minaee and Abdolrashidi (2019), arXiv 1902.01019",
        split=Stated("probably PrivateTest", "not confirmed"),
        views=Stated(reason="public code uses one"),
        network="reconstructed from unofficial public code (omarsayed7/Deep-Emotion); "
        "another port has the spatial transformer after the features",
        published=False,
        faults="public re-runs reach 47 to 52 %; in the code named here dropout stays "
        "on in the test",
    ),
    PaperRow(
        system="inception",
        method="Inception [7]",
        accuracy=71.6,
        decimals=1,
        source=f"{_PRAMERDORFER}: inception.t7",
        network="reconstructed: GoogLeNet's modules with filters that fit the depth "
        "of 16, and 1.2 million weights (a figure that is not confirmed)",
        faults="the table credits [7], which is Khaireddin and Chen; the number is "
        "that of [24]",
        **_NOT_CONFIRMED,
    ),
    PaperRow(
        system="tuned_cnn",
        method="CNN Hyperparameter Optimisation [15]",
        accuracy=72.16,
        decimals=2,
        source="Vulpe-Grigorași and Grigore (2021), doi "
        "10.1109/ATEE52255.2021.9425073 (behind a paywall)",
        network="that of a re-implementation that cites it "
        "(YianKim/2022_PythonStudy_face_emotion_recognition); that its widths are the "
        "published ones is inferred",
        published=False,
        faults="no reproduction is known: that re-implementation, trained on Training "
        "and PublicTest, reached 67 to 68 % on PrivateTest, the mean of 30 passes with "
        "dropout on",
    ),
    PaperRow(
        system="resnet",
        method="ResNet [24]",
        accuracy=72.4,
        decimals=1,
        source=f"{_PRAMERDORFER}: resnet.t7",
        network="reconstructed: ResNet-34 with half of its filters, which fits the "
        "depth of 33, and 5.3 million weights (a figure that is not confirmed)",
        faults="the paper's text takes it for [24]'s result; [24]'s best single "
        "network has 72.7 %, its ensemble 75.2 %",
        **_NOT_CONFIRMED,
    ),
    PaperRow(
        system="vgg",
        method="VGG [24]",
        accuracy=72.7,
        decimals=1,
        source=f"{_PRAMERDORFER}: vgg.t7",
        network="reconstructed: four stages of 32 to 256 filters, which fit the depth "
        "of 10, and 1.8 million weights (a figure that is not confirmed)",
        faults="none is known; how it was measured is not confirmed",
        **_NOT_CONFIRMED,
    ),
    PaperRow(
        system="vggnet",
        method="VGGnet [7]",
        accuracy=73.28,
        decimals=2,
        source="Khaireddin and Chen (2021), arXiv 2105.03588; code and saved notebook "
        "of usef-kh/fer",
        split=Stated(
            "PublicTest",
            "by the code that loads the faces and by the class counts of the saved "
            "confusion matrix",
        ),
        selected=Stated(
            "PrivateTest",
            "epoch and learning rate; probably trained on it in the end, inferred",
        ),
        views=Stated("ten crops", "averaged before the softmax"),
        network="that of the authors' code (usef-kh/fer)",
        published=True,
        faults="it compares with no PrivateTest figure; by a fork's account it was "
        "73.11 % before the half on which it was selected joined the training",
    ),
    PaperRow(
        system="vgg19_attention",
        method="The proposed method (VGG19+Attention)",
        accuracy=73.35,
        decimals=2,
        source="the paper itself, without code",
        split=_NOT_STATED,
        selected=_NOT_STATED,
        views=_NOT_STATED,
        network="that of the paper's Tables I and II; optimiser, rate, epochs, batch, "
        "dropout, activation and augmentation are not stated",
        published=True,
        faults="no number of right answers of 3,589 gives it; 5,265 of 7,178 does, as "
        "if both halves were pooled (inferred; the cause is not known)",
    ),
)
"""System, method and accuracy as printed; the rest is ours."""

TABLE_FAULTS: tuple[str, ...] = (
    "The rows were measured in different ways: on different halves, from one view or "
    "ten, selected on different faces.",
    "Better systems are left out as trained on extra data. By their code, those of "
    "ResMaskingNet (74.14 %) and LHC-Net (74.42 %) are ImageNet weights, which the "
    "proposed method uses too; that the paper means these two is inferred.",
    "The rows are named as on the leaderboard of Papers with Code, from which the "
    "table was probably taken (inferred).",
)
"""What is wrong with the table as a whole."""
