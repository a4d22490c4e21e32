"""Lesson 06, look inside: its checks, figures and widgets."""

from fercourse import lazily

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        ".exercise": "yours",
        "checks": "check_cover check_grad_cam check_hit_rate check_integrated"
        " check_own_gain",
        "covering_panel": "CoverPanel cover",
        "figures": "cascade_maps favourites in_words kinds_of_attention label_effects"
        " leads map_row own_and_others randomisation_lines removal_areas replaced_maps"
        " verdict_grid",
        "looking_panel": "LookPanel",
        "removing_panel": "RemovalPanel",
        "scoring": "found hit_rate own_gain removal_table verdict_table",
    },
)
