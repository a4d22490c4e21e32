"""Lesson 02, transfer learning: its checks, figures and widgets."""

from fercourse import lazily

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        ".exercise": "yours",
        "checks": "check_head check_parameters check_unfreezing check_variation"
        " counting",
        "figures": "activation_grid curves_of_runs filtered gaps knowledge_of_blocks"
        " network_drawing parameter_bars",
        "filters": "FilterPanel",
        "transfer": "EpochBar TABLE_II cached_features copy_after feature_reader"
        " freeze_early new_head pretrained_backbone varied",
        "unfreezing": "accuracy measured UnfreezePanel",
    },
)
