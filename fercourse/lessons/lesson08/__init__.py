"""Lesson 08, train the real thing: its checks, figures and widgets."""

from fercourse import lazily

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "budget": "DEVICES TRAINING_FACES checkpoint_bytes hours rates_table reached"
        " recipe_work step_operations training_memory",
        "checks": "check_epochs_that_fit check_gain_of_best check_next_steps"
        " check_rate_at check_target_of",
        "figures": "luck_of_tries rate_curves target_bars",
        "progress": "GOALS ablation_steps ablation_text changes_table commands_text"
        " full_size_table missing_commands pocket_changes",
        "rehearsal": "checkpoint_contents disagreement gates_table stop_after"
        " temporary_folder",
    },
)
