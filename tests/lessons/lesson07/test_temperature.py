"""The temperatures of lesson 07."""

from fercourse.lessons.lesson07.temperature import TEMPERATURES, TemperaturePanel
from fercourse.results.calibration import tempered
from fercourse.results.runs import read_run
from fercourse.results.statistics import calibration_curve


def test_the_panel_shows_the_error_at_each_temperature():
    run = read_run("pocket-none-pocket-seed0")
    other = read_run("pocket-block4-concat-pocket-seed0")
    answers = run.single["public"]
    panel = TemperaturePanel({"pocket": run, "other": other})
    stills = set()
    for temperature in (TEMPERATURES[0], 1, TEMPERATURES[-1]):
        panel.temperature.value = temperature
        changed = tempered(answers.probabilities, temperature)
        error = calibration_curve(changed, answers.correct).error
        assert f"pocket, temperature {temperature:g}: {error:.1f} points off" in repr(
            panel
        )
        stills.add(panel.still())
    assert len(stills) == 3
    panel.network.value = "other"
    assert "other, temperature" in repr(panel) and panel.still() not in stills
