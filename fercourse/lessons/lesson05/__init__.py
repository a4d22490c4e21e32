"""Lesson 05, Table III, measured: its checks, figures and widgets."""

from fercourse import lazily

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "checks": "check_counts_for check_excess check_faults"
        " check_survivors check_z_of",
        "compared": "compared_runs deciding_shares",
        "figures": "both_halves cost_plot emotion_dots faces_needed_curves"
        " intervals_in_band origins_chart pair_matrix priced rank_plot"
        " two_kinds",
        "pair_panel": "PairPanel",
        "possible": "PossiblePanel",
        "redrawing": "RedrawPanel",
        "row_chooser": "RowChooser pair_in_words",
        "swapping": "SwapPanel",
        "tables": "against_others budgets by_public full_size lead_of_the_last origins",
    },
)
