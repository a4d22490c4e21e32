"""Lesson 02, transfer learning: its checks, figures and widgets."""

from fercourse import lazily

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        ".exercise": "yours",
        "checks": "check_head check_parameters check_unfreezing check_variation"
        " counting",
        "figures": "above_baseline activation_grid cost_and_gain gaps"
        " knowledge_of_blocks network_drawing surest_errors",
        "filters": "FilterPanel",
        "transfer": "TABLE_II cached_features copied copy_after feature_reader fit"
        " freeze_early new_head pretrained_backbone training_cost varied whole_network",
        "unfreezing": "UnfreezePanel accuracy last_accuracy levels_and_networks"
        " measured",
    },
)
