"""Lesson 07, Limits and responsibility: its checks, figures and widgets."""

from fercourse import lazily

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "checks": "check_card check_share_right check_soft_accuracy check_tempered"
        " check_uses",
        "crowd": "CrowdPanel",
        "figures": "calibration_in_words change_plots false_alarm_curves group_errors"
        " law_dates reliability_plots smallest_p vote_bars",
        "shifting": "CHANGES ChangePanel measured_changes",
        "temperature": "TemperaturePanel",
    },
)
