"""Lesson 06, look inside: its checks, figures and widgets."""

from fercourse import lazily

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        ".exercise": "yours",
        "checks": "check_cover check_grad_cam check_hit_rate check_integrated"
        " check_own_gain",
        "covering_panel": "CoverPanel cover",
        "figures": "cascade_maps favourites in_words kinds_of_attention leads map_row"
        " randomisation_lines removal_areas replaced_maps",
        "looking_panel": "LookPanel",
        "removing_panel": "RemovalPanel",
        "scoring": "hit_rate labels_table mark_table own_gain removal_table"
        " scores_table verdict_table",
    },
)
