"""The suspicions of lesson 08."""

from made_up import made_up_run

from fercourse.lessons.lesson08.suspects import (
    SUSPICIONS,
    reply_to,
    suspicions_table,
)


def test_each_suspicion_has_a_row_from_the_run():
    run = made_up_run()
    run.history["epochs"] |= {
        "accuracy": [30.0, 50.0, 70.0],
        "public": [40.0, 55.0, 60.0],
        "loss": [3.0, 2.0, 1.0],
    }
    _, *rows = suspicions_table(run)
    assert [name for name, *_ in rows] == list(SUSPICIONS)
    assert rows[0][2].startswith("below it in 2 of 3 epochs, 10 points above it after")
    assert rows[3][2].startswith("3.00 on average over the first epoch")


def test_every_guess_gets_a_reply_and_so_does_none():
    assert reply_to("overfitting").startswith("Worth a look")
    assert reply_to("not decided yet") == "Here is what the run recorded."
