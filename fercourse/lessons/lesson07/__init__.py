"""Lesson 07, Limits and responsibility: its checks, figures and widgets."""

from fercourse import lazily

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "checks": "check_card check_share_right check_soft_accuracy check_tempered"
        " check_uses",
        "crowd": "CrowdPanel false_alarm_curves",
        "figures": "calibration_in_words change_plots group_gaps law_dates"
        " reliability_plot smallest_p vote_bars",
        "own_face": "OwnFacePanel",
        "shifting": "CHANGES ChangePanel measured_changes strongest_changes",
        "temperature": "TemperaturePanel",
    },
)
