# The course's commands; `make` alone lists them. GNU make 3.81 (macOS) and 4.x understand this file.
#
# Everything is installed into .venv beside this file and nowhere else, so a system whose own
# Python is externally managed stays untouched. `make lab PYTHON=/path/to/python3.12` names the
# Python to use; otherwise the first of python3.13, python3.12, python3.11, python3 that fits.

# `make test WORKERS=8` runs so many tests at a time; two, for much of the time is waiting for one core.

SHELL   := /bin/sh
PYTHON  :=
RUN     := .venv/bin/python
WORKERS := 2

# The largest message in bytes that the servers accept: a picture that a learner chooses comes as one.
# By default it is 10 MiB, and a larger one vanishes without a word.
MESSAGES := tornado_settings={"websocket_max_message_size":268435456}

.DEFAULT_GOAL := help
.PHONY: help lab app test lessons site slides check clean install

help:  ## list the commands
	@echo 'fercourse, a course in facial expression recognition'
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' Makefile

lab: install  ## install what is missing and open lesson 00 in JupyterLab
	@options=''; \
	if [ "$$(uname)" != Darwin ] && [ -z "$${DISPLAY:-}$${WAYLAND_DISPLAY:-}" ]; then \
	    echo 'This machine has no screen: open the address that JupyterLab prints below in a browser.'; \
	    options='--no-browser'; \
	fi; \
	if [ "$$(id -u)" -eq 0 ]; then options="$$options --allow-root"; fi; \
	exec $(RUN) -m jupyterlab --LabApp.default_url=/lab/tree/lessons/00_start_here.ipynb '--ServerApp.$(MESSAGES)' $$options

app: install  ## the attention panel alone, as a local web page; needs no internet
	@options=''; \
	if [ "$$(uname)" != Darwin ] && [ -z "$${DISPLAY:-}$${WAYLAND_DISPLAY:-}" ]; then options='--no-browser'; fi; \
	JUPYTER_PATH=lessons/app JUPYTER_CONFIG_PATH=lessons/app exec $(RUN) -m voila lessons/app/attention_panel.ipynb '--Voila.$(MESSAGES)' $$options

test: install  ## everything that must pass: lint, types, tests, and the lessons with their outputs
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(RUN) -m pytest -n $(WORKERS) --nbval tests lessons

lessons: install  ## build the notebooks from lessons/source and execute them
	$(RUN) lessons/build.py

site: install  ## the lessons as web pages in _site; they need no server and no internet, but for the interactive one
	$(RUN) -m sphinx -q -W --keep-going -b html -c lessons/site lessons _site
	$(RUN) lessons/site/export.py _site/panel

slides: install  ## slides of lessons 03 and 04 in _slides, for instructors
	$(RUN) instructors/slides.py

check: install  ## does this machine have what the lessons need?
	@$(RUN) -m fercourse check

clean:  ## remove .venv and every cache; data and results stay
	rm -rf .venv build _site _slides jupyter_execute *.egg-info .pytest_cache .ruff_cache
	find . -name .git -prune -o \( -name __pycache__ -o -name .ipynb_checkpoints \) -type d -prune -exec rm -rf {} +

# ---------------------------------------------------------------------------------------------
# .venv/installed tells what is installed: the folder it was made in, then pyproject.toml as it
# was. While the two agree nothing happens. .venv/installing stands there during an installation;
# one that is found at the start was interrupted, and .venv is made anew.

install:
	@sh -c "$$INSTALL"

# What a Python answers: "ok" and its path, "version" and its version, or "lacks" and a module.
define PROBE
import sys
version = sys.version_info
if not (3, 11) <= version[:2] < (3, 14):
    sys.stdout.write("version %d.%d" % version[:2])
else:
    try:
        import venv, ensurepip
        sys.stdout.write("ok " + (getattr(sys, "_base_executable", None) or sys.executable))
    except ImportError:
        sys.stdout.write("lacks %d.%d" % version[:2])
endef
export PROBE

define INSTALL
set -u

fail() { printf '%s\n' "$$*" >&2; exit 1; }
probe() { "$$1" -c "$$PROBE" 2>/dev/null; }
wanted() { pwd -P; cat pyproject.toml; }

named='$(PYTHON)'
ours=$$(probe $(RUN))
case $$ours in ok\ *) ours=$${ours#ok } ;; *) ours='' ;; esac
if [ -n "$$ours" ] && [ -z "$$named" ] && wanted | cmp -s - .venv/installed; then
    exit 0
fi

# A Python that fits: the named one, else that of a working .venv, else the newest here.
if [ -n "$$named" ]; then set -- "$$named"
elif [ -n "$$ours" ]; then set -- "$$ours"
else set -- python3.13 python3.12 python3.11 python3 python
fi
python='' lacks='' other=''
for candidate do
    answer=$$(probe "$$candidate")
    case $$answer in
        ok\ *) python=$${answer#ok }; break ;;
        lacks\ *) lacks=$${lacks:-$${answer#lacks }} ;;
        version\ *) other=$${other:-$$candidate is Python $${answer#version }} ;;
    esac
done
if [ -z "$$python" ]; then
    [ -z "$$lacks" ] || fail "Python $$lacks is here but cannot make a virtual environment: install its venv module (Debian and Ubuntu: apt install python3-venv python$$lacks-venv) and call make again."
    [ -z "$$named" ] || fail "PYTHON=$$named does not serve ($${other:-it does not run}): fercourse needs Python 3.11, 3.12 or 3.13."
    fail "fercourse needs Python 3.11, 3.12 or 3.13 and finds none ($${other:-no python3 on the PATH}): install one, or name it with 'make lab PYTHON=/path/to/python3.12'."
fi
if [ "$$ours" -ef "$$python" ] && wanted | cmp -s - .venv/installed; then
    exit 0
fi

# A .venv that works: half-made, moved, or of another Python than the one named, it is made anew.
if [ -e .venv ]; then
    if [ -e .venv/installing ] || ! [ "$$ours" -ef "$$python" ] \
        || { [ -e .venv/installed ] && [ "$$(sed -n 1p .venv/installed)" != "$$(pwd -P)" ]; } \
        || ! $(RUN) -m pip --version >/dev/null 2>&1; then
        echo 'The .venv here is incomplete or of another Python: making it anew.'
        rm -rf .venv || fail "The old .venv cannot be removed: remove it yourself and call make again."
    fi
fi
if [ ! -e .venv ]; then
    mkdir .venv && : > .venv/installing || fail "This folder cannot be written to, and .venv belongs in it: copy the course to a folder of yours."
    "$$python" -m venv .venv || fail "$$python could not make a virtual environment; its message stands above."
fi

# The packages. pip downloads all of them before it installs the first, so without network nothing changes.
if [ -e .venv/installed ]; then
    echo 'Bringing .venv up to date with pyproject.toml.'
    quietly=--quiet
else
    echo "Installing the course into .venv with $$($(RUN) -V): about 3 GB, a few minutes."
    quietly=
fi
: > .venv/installing
rm -f .venv/pip.log
if ! PIP_USER=0 $(RUN) -m pip install $$quietly --disable-pip-version-check --log .venv/pip.log -e '.[lab,dev]'; then
    if grep -Eq 'No space left on device' .venv/pip.log; then
        fail "The disk is full: fercourse needs about 3 GB here, and as much again for pip's downloads."
    elif grep -Eq 'NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|ProxyError|connection broken|Failed to establish' .venv/pip.log; then
        rm -f .venv/installing
        fail "No network: pip cannot reach its package index, so connect this machine (or set the proxy) and call make again."
    fi
    fail "pip could not install the course: its last lines above say why, and .venv/pip.log says it in full."
fi
rm -f .venv/pip.log
# What the interactive page of `make site` is made with, while there is a network.
if command -v npm >/dev/null && [ -e lessons/site/panel/package.json ]; then
    (cd lessons/site/panel && npm ci --silent) || echo "npm could not install the website's packages: make site will try again."
fi
wanted > .venv/installing && mv .venv/installing .venv/installed
endef
export INSTALL
