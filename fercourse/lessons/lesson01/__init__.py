"""Lesson 01, explore FER2013: its checks, figures and widgets."""

from fercourse import lazily

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "checks": "check_duplicate_groups check_faces_needed check_majority_accuracy"
        " check_nearest",
        "doubts": "planted_labels voted_labels",
        "figures": "bars baseline_intervals class_shares difference_maps nearest_pairs"
        " reported_figure show_pairs wrong_labels",
        "leaks": "leak_and_accuracy leaks_figure stored_leaks",
        "sampling": "SplitsPanel shuffled_averages",
    },
)
