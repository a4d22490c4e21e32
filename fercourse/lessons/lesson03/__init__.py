"""Lesson 03, spatial attention: its checks, figures and widgets."""

from fercourse import lazily

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        ".exercise": "yours",
        "checks": "check_append_map check_attention_map check_mean_and_maximum"
        " check_share_on_evidence",
        "figures": "attention_block coin_tosses constant_map_curves face_and_stacks"
        " faces_and_maps own_against_others parameter_bars routes_of_map seed_gains"
        " seed_lines uses_of_map",
        "share_panel": "SharePanel",
        "tables": "decisions shapes",
        "taken_apart": "map_taken_apart",
    },
)
