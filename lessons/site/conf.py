"""How Sphinx makes the course's website from the executed notebooks: `make site`.

Nothing is executed, and no page needs the internet: formulas become MathML here rather
than in the reader's browser.
"""

import re
import tomllib
from functools import partial
from pathlib import Path

from docutils import nodes
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
myst_enable_extensions = ["dollarmath", "amsmath", "html_image"]
myst_heading_anchors = 3
html_math_renderer = "mathml"
html_static_path = ["static"]
templates_path = ["templates"]
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


NO_PROSE = (nodes.title, nodes.reference, nodes.literal, nodes.literal_block)
NO_PROSE += (nodes.raw, nodes.math, nodes.math_block, nodes.table)
EVERYDAY = {"head", "kernel", "precision", "run", "shortcut", "significant", "split"}
EVERYDAY |= {"emotion", "label", "view"}
"""Words of the glossary whose first use on a page may mean something else, or needs no
explanation: they get no link."""


def setup(app: Sphinx) -> None:
    """Called by Sphinx before it reads the first page."""
    app.connect("source-read", _link_to_repository)
    app.connect("doctree-resolved", _link_to_glossary)
    inline = partial(_write_math, as_block=False)
    block = partial(_write_math, as_block=True)
    app.add_html_math_renderer("mathml", (inline, None), (block, None))


def _link_to_repository(_app: Sphinx, _page: str, source: list[str]) -> None:
    # Files outside the lessons are no pages of the site: (../data/README.md) → GitHub.
    source[0] = re.sub(r"\]\(\.\./(?=\w)", f"]({REPOSITORY}/blob/main/", source[0])


def _link_to_glossary(app: Sphinx, tree: nodes.document, page: str) -> None:
    """Link the first use of each term in a lesson."""
    if not page[:2].isdigit():
        return
    terms = _terms(app)
    longest_first = "|".join(re.escape(term) for term in sorted(terms, key=len)[::-1])
    word = re.compile(rf"(?<![\w-])({longest_first})s?(?![\w-])", re.IGNORECASE)
    address = app.builder.get_relative_uri(page, "glossary")
    for text in list(tree.findall(nodes.Text)):
        if not _is_prose(text):
            continue
        end, parts = 0, []
        for found in word.finditer(text):
            # Each term is taken out of the table by its first use.
            if not (term := terms.pop(found[1].lower(), None)):
                continue
            link = nodes.reference(
                "",
                found[0],
                refuri=f"{address}#{term['ids'][0]}",
                reftitle=term[1].astext().partition(" Lesson ")[0],
                classes=["term"],
                internal=True,
            )
            parts += [nodes.Text(text[end : found.start()]), link]
            end = found.end()
        if parts:
            text.parent.replace(text, [*parts, nodes.Text(text[end:])])


def _terms(app: Sphinx) -> dict[str, nodes.section]:
    """The glossary's sections by their term: a title and a paragraph each."""
    sections = app.env.get_doctree("glossary").findall(nodes.section)
    terms = {section[0].astext().lower(): section for section in sections}
    return {
        term: section
        for term, section in terms.items()
        if len(section) == 2
        and isinstance(section[1], nodes.paragraph)
        and term not in EVERYDAY
    }


def _is_prose(text: nodes.Text) -> bool:
    node = text.parent
    while node is not None:
        references = isinstance(node, nodes.section) and "references" in node["ids"]
        if references or isinstance(node, NO_PROSE):
            return False
        node = node.parent
    return True


def _write_math(writer, node, as_block: bool) -> None:
    # MathML's parentheses grow by themselves, and the converter knows no \big.
    formula = re.sub(r"\\[bB]ig(?=[()])", "", node.astext())
    writer.body.append(tex2mathml(formula, as_block=as_block))
    raise nodes.SkipNode  # the formula's own text must not follow it
