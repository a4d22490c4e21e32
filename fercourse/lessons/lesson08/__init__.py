"""Lesson 08, train the real thing: its checks, figures and widgets."""

from fercourse import lazily

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        ".exercise": "yours",
        "blending": "BlendPanel",
        "budget": "TRAINING_FACES rates_table reached step_operations",
        "checks": "check_epochs_that_fit check_gain_of_best check_next_steps"
        " check_rate_at check_reach epochs gain rate reach",
        "decision": "NextRunPanel next_runs_table",
        "evidence": "evidence_table recipe_table short_trainings students_table",
        "figures": "against_goals always_happy full_size_curves loss_curves"
        " luck_of_tries rate_curve reach_valley resumed_losses"
        " scale_or_rate threshold_line two_networks",
        "head": "probe_head",
        "picking": "PickingPanel",
        "progress": "GOALS clearly_above full_size_table",
        "rehearsal": "checkpoint_contents disagreement gains_of_picking stop_after"
        " targets_in_words temporary_folder thresholds_table training_batch",
        "reports": "Reports",
        "stepping": "StepsPanel reach_table",
        "suspects": "SUSPICIONS reply_to suspicions_table",
        "times": "TimesPanel",
    },
)
