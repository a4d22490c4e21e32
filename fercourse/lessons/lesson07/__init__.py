"""Lesson 07, Limits and responsibility: its checks, figures and widgets."""

from fercourse import lazily

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        ".exercise": "yours",
        "checks": "check_card check_gap check_share_right check_soft_accuracy"
        " check_tempered check_uses soft_accuracy",
        "crowd": "CrowdPanel false_alarm_curves share_right",
        "figures": "change_plots opinion_table reliability_plot vote_bars",
        "findings": "law_diagram paired_scores shares_of_all",
        "groups": "gap gap_intervals group_examples group_gaps groups_of guessed_gaps"
        " smallest_p wrong_guesses",
        "own_face": "OwnFacePanel",
        "proposals": "Proposals",
        "shifting": "CHANGES ChangePanel disappearing measured_changes",
        "temperature": "TemperaturePanel",
    },
)
