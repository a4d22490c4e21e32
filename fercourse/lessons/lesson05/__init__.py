"""Lesson 05, Table III, measured: its checks, figures and widgets."""

from fercourse import lazily

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "checks": "check_counts_for check_excess check_faults"
        " check_survivors check_z_of",
        "compared": "compared_runs deciding_shares near_the_best",
        "figures": "both_halves emotion_dots excess_dots faces_needed_curves"
        " intervals_in_band leads_chart origins_chart printed_rows rank_plot"
        " what_is_known",
        "full_size": "full_size_chart views_of",
        "own_row": "against_others_like_it against_their_mean train_a_row",
        "pair_panel": "PairPanel",
        "possible": "PossiblePanel",
        "redrawing": "RedrawPanel",
        "row_chooser": "RowChooser",
        "swapping": "SwapPanel",
        "tables": "by_private lead_of_the_last networks origins",
        "verdict": "show_verdict",
    },
)
