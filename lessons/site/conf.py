"""How Sphinx makes the course's website from the executed notebooks: `make site`.

Nothing is executed, and no page needs the internet: formulas become MathML here rather
than in the reader's browser.
"""

import re
import tomllib
from pathlib import Path

from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[2]
REPOSITORY = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"][
    "urls"
]["Repository"]

project = html_title = "fercourse"
author = "The fercourse authors"
copyright = f"{author}; code under the MIT licence, lessons under CC BY 4.0"
language = "en"

extensions = ["myst_nb", "sphinx_external_toc"]
external_toc_path = "site/toc.yml"
exclude_patterns = ["source", "app", "images", "solutions", "site"]
nb_execution_mode = "off"
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3
html_math_renderer = "mathml"
html_static_path = ["static"]
html_css_files = ["lessons.css"]
html_theme = "sphinx_book_theme"
html_theme_options = {
    "repository_url": REPOSITORY,
    "path_to_docs": "lessons",
    "use_repository_button": True,
    "use_download_button": True,
    "launch_buttons": {"colab_url": "https://colab.research.google.com"},
    "show_toc_level": 1,
    "announcement": 'Move the attention block <a href="panel/index.html">in your '
    "browser</a>: nothing to install.",
}


def setup(app: Sphinx) -> None:
    """Called by Sphinx before it reads the first page."""
    app.connect("source-read", _link_to_repository)
    app.add_html_math_renderer("mathml", (_inline_math, None), (_block_math, None))


def _link_to_repository(_app: Sphinx, _page: str, source: list[str]) -> None:
    # Files outside the lessons are no pages of the site: (../data/README.md) → GitHub.
    source[0] = re.sub(r"\]\(\.\./(?=\w)", f"]({REPOSITORY}/blob/main/", source[0])


def _inline_math(writer, node) -> None:
    _write_math(writer, node, as_block=False)


def _block_math(writer, node) -> None:
    _write_math(writer, node, as_block=True)


def _write_math(writer, node, as_block: bool) -> None:
    from docutils import nodes

    # MathML's parentheses grow by themselves, and the converter knows no \big.
    formula = re.sub(r"\\[bB]ig(?=[()])", "", node.astext())
    writer.body.append(tex2mathml(formula, as_block=as_block))
    raise nodes.SkipNode  # the formula's own text must not follow it
