"""Lesson 08, train the real thing: its checks, figures and widgets."""

from fercourse import lazily

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        ".exercise": "yours",
        "blending": "BlendPanel",
        "budget": "TRAINING_FACES rates_table reached step_operations",
        "checks": "check_epochs_that_fit check_gain_of_best check_next_steps"
        " check_rate_at check_target_of gain rate",
        "decision": "NextRunPanel next_runs_table",
        "figures": "against_goals full_size_curves head_accuracies logit_steps"
        " loss_curves luck_of_tries network_accuracies rate_curve resumed_losses"
        " threshold_line two_networks",
        "folded": "folded_table",
        "head": "probe_head",
        "ladder": "evidence_ladder",
        "picking": "PickingPanel",
        "progress": "GOALS ablation_steps ablation_table clearly_above full_size_table",
        "rehearsal": "checkpoint_contents disagreement gains_of_picking stop_after"
        " targets_in_words temporary_folder thresholds_table variations",
        "stepping": "StepsPanel all_settings",
        "tiles": "show_tiles variation_tiles",
        "times": "TimesPanel",
    },
)
