"""Lesson 08, train the real thing: its checks, figures and widgets."""

from fercourse import lazily

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "budget": "TRAINING_FACES devices_table rates_table reached step_operations",
        "checks": "check_epochs_that_fit check_gain_of_best check_next_steps"
        " check_rate_at check_target_of",
        "figures": "first_steps full_size_curves gains_of_probes luck_of_tries"
        " rate_curve target_bars",
        "head": "probe_head",
        "progress": "GOALS ablation_steps ablation_table changes_table clearly_above"
        " full_size_table pocket_changes",
        "rehearsal": "checkpoint_contents disagreement gains_of_picking gates_table"
        " stop_after temporary_folder",
        "stepping": "steps_panel",
    },
)
