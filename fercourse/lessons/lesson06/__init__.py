"""Lesson 06, look inside: its checks, figures and widgets."""

from fercourse import lazily

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "..plots.tables": "signed",
        ".exercise": "yours",
        "checks": "check_cover check_grad_cam check_integrated check_own_gain"
        " check_stays",
        "covering_panel": "CoverPanel cover",
        "figures": "cascade_maps favourites in_words label_effects leads map_row"
        " own_and_others places_read randomisation_lines removal_areas replaced_maps"
        " verdict_grid",
        "looking_panel": "LookPanel",
        "removing_panel": "RemovalPanel",
        "scoring": "GRAD_CAMS block_maps block_table found gain hit_or_miss lost_peaks"
        " mark_row own_gain pointing_lead removal_table replacements stays"
        " verdict_table",
    },
)
