"""Lesson 06, look inside: its checks, figures and widgets."""

from fercourse import lazily

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "checks": "check_cover check_grad_cam check_hit_rate check_integrated"
        " check_own_gain",
        "figures": "covered_faces favourites gain_intervals in_words"
        " kinds_of_attention map_row randomisation_lines removal_areas",
        "looking_panel": "LookPanel",
        "removing_panel": "RemovalPanel",
        "scoring": "labels_table scores_table verdict_table",
    },
)
