"""Lesson 07, Limits and responsibility: its checks and figures."""

from fercourse import lazily

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "checks": "check_card check_share_right check_soft_accuracy check_tempered"
        " check_uses",
        "figures": "false_alarm_curves group_errors reliability_plots shift_plots"
        " smallest_p",
    },
)
