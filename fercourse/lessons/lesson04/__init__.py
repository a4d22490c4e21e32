"""Lesson 04, move the block: its checks, figures and widgets."""

from fercourse import lazily

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        ".exercise": "yours",
        "checks": "check_grid_side check_only_one_right check_receptive_field"
        " check_reward reward",
        "figures": "REAL equally_good intervals_around lineup span_histogram spans"
        " trade_off two_halves",
        "growing": "FieldPanel",
        "knowledge": "Knowledge",
        "maps": "MapsPanel",
    },
)
