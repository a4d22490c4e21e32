"""What all tests share."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

HERE = Path(__file__).parent


@pytest.fixture
def shared(request):
    """The module conftest.py of the repository."""
    plugins = request.config.pluginmanager.get_plugins()
    path = str(HERE.parent / "conftest.py")
    return next(some for some in plugins if getattr(some, "__file__", "") == path)


@pytest.mark.parametrize(
    ("workers", "given", "used"),
    [(2, "no", "loadfile"), (2, "loadscope", "loadscope"), (None, "no", "no")],
)
def test_cells_of_a_lesson_stay_on_one_worker(shared, workers, given, used):
    options = SimpleNamespace(numprocesses=workers, dist=given)
    shared.pytest_cmdline_main(SimpleNamespace(option=options))
    assert options.dist == used


def test_long_files_come_first(shared):
    def item(name, slow=False):
        return SimpleNamespace(path=Path(name), get_closest_marker=lambda _: slow)

    items = [item("test_a.py"), item("test_b.py"), item("test_b.py", slow=True)]
    items += [item("00.ipynb"), item("02.ipynb"), item("02.ipynb")]
    shared.long_files_first(items)
    names = [item.path.name for item in items]
    assert names == ["02.ipynb"] * 2 + ["00.ipynb"] + ["test_b.py"] * 2 + ["test_a.py"]


def test_no_test_finds_the_data_of_this_machine():
    if os.environ["FERCOURSE_PROFILE"] == "practice":
        assert list(Path(os.environ["FERCOURSE_DATA"]).iterdir()) == []
