"""Lesson 05, Table III, measured: its checks, figures and widgets."""

from fercourse import lazily

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "checks": "check_counts_for check_excess check_faults"
        " check_survivors check_z_of",
        "compared": "compared_runs deciding_shares",
        "figures": "both_halves cost_plot emotion_dots faces_needed_curves"
        " intervals_in_band leads_chart origins_chart priced printed_rows rank_plot"
        " two_kinds",
        "full_size": "full_size_chart",
        "own_row": "against_chance train_a_row",
        "pair_panel": "PairPanel",
        "possible": "PossiblePanel",
        "redrawing": "RedrawPanel",
        "row_chooser": "RowChooser",
        "swapping": "SwapPanel",
        "tables": "budgets by_private lead_of_the_last origins",
        "verdict": "show_verdict",
    },
)
