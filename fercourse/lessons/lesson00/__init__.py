"""Lesson 00, start here: its checks, figures and widgets."""

from fercourse import lazily

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "checks": "check_always_happy check_answer_in_words check_least_sure",
        "figures": "answer_figure answers_by_label answers_with_maps compare_pictures"
        " path_figure show_check",
        "pose": "PosePanel",
    },
)
