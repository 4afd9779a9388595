"""The ``quiz`` directive: questions that a reader answers on the page, with an answer to every wrong turn.

In a chapter::

    ```{quiz} 02-sigmoid
    ```

reads ``quizzes/02-sigmoid.toml`` beside it: five entries ``[[question]]`` with a ``text``, the title of the
section that answers it (``see``), perhaps some ``code`` or a ``picture``, and entries ``[[question.option]]``
with ``text``, ``feedback``, and ``right = true`` for one of them.

Everything stands in the page when it is built. Without scripts the answers are folded below each question;
``quiz.js``, loaded only where a quiz is, gives each question a button that checks the choice.
"""

from __future__ import annotations

import hashlib
import shutil
import tomllib
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from markup import details, summary
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from activations.figures import plot_lines, subplots
from activations.figures.display import figure_html
from activations.functions import get_activation

FILES = Path(__file__).resolve().parent.parent / "quiz"
FOLDER = "quiz"
LETTERS = "ABCDEF"
# A sign and a word beside each other: the verdict is never told by colour alone.
VERDICTS = {True: ("✓", "Right."), False: ("✗", "Not quite.")}
LOGGER = logging.getLogger(__name__)


class quiz_block(nodes.General, nodes.Element):  # noqa: N801 (docutils calls its nodes so)
    """All questions of a chapter."""


class quiz_question(nodes.General, nodes.Element):  # noqa: N801
    """One question: a group of choices under its text."""


class quiz_legend(nodes.TextElement):  # noqa: N801
    """The text of a question, which names its group of choices."""


class quiz_option(nodes.TextElement):  # noqa: N801
    """One choice."""


class quiz_check(nodes.General, nodes.Element):  # noqa: N801
    """The button, and the place where the answer to a choice is spoken."""


class Quiz(SphinxDirective):
    """Make the questions of one file."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the quiz as one node."""
        _, path = self.env.relfn2path(f"quizzes/{self.arguments[0]}.toml")
        self.env.note_dependency(path)
        entries = tomllib.loads(Path(path).read_text(encoding="utf-8"))["question"]
        whole = quiz_block("")
        whole += [self.question(number, len(entries), entry) for number, entry in enumerate(entries, 1)]
        return [whole]

    def question(self, number: int, count: int, entry: dict[str, Any]) -> quiz_question:
        """Return the node of one question."""
        node = quiz_question("")
        node += quiz_legend(
            "", "", nodes.strong("", f"Question {number} of {count}. "), *self.words(entry["text"])
        )
        if "code" in entry:
            code = entry["code"].strip()
            node += nodes.literal_block(code, code, language="python")
        if "picture" in entry:
            node += nodes.raw("", draw(entry["picture"]), format="html")
        answers = details("", classes=["quiz-answer"])
        answers += summary("", f"Answer to question {number}")
        for at, choice in enumerate(entry["option"]):
            node += quiz_option(
                "",
                "",
                *self.words(choice["text"]),
                group=f"{self.arguments[0]}-{number}",
                letter=LETTERS[at],
                right=choice.get("right", False),
            )
            answers += self.feedback(entry, choice, LETTERS[at])
        node += quiz_check("", number=number)
        node += answers
        return node

    def feedback(self, entry: dict[str, Any], choice: dict[str, Any], letter: str) -> nodes.paragraph:
        """Return what is said to a reader who made a choice: a verdict, a reason, and where to look again."""
        right = choice.get("right", False)
        sign, verdict = VERDICTS[right]
        said = nodes.paragraph("", classes=["quiz-feedback", "quiz-right" if right else "quiz-wrong"])
        said += nodes.inline("", f"{letter} ", classes=["quiz-letter"])
        said += nodes.strong("", f"{sign} {verdict} ")
        said += self.words(choice["feedback"])
        if not right:
            see = choice.get("see", entry["see"])
            link = nodes.reference("", see, internal=True, quiz_section=see)
            self.set_source_info(link)
            said += [nodes.Text(" See "), link, nodes.Text(".")]
        return said

    def words(self, text: str) -> list[nodes.Node]:
        """Return the nodes of one paragraph of Markdown."""
        holder = nodes.Element()
        self.state.nested_parse(StringList([text]), 0, holder)
        if [type(child) for child in holder.children] != [nodes.paragraph]:
            raise self.error(f"quiz: a text is no single paragraph, got {text!r}; rephrase it")
        return list(holder.children[0].children)


def draw(picture: dict[str, Any]) -> str:
    """Return the HTML of a picture: curves of the catalog's functions, unnamed or by letters."""
    low, high = picture.get("x", (-4.0, 4.0))
    x = [low + (high - low) * step / 400 for step in range(401)]
    fig, ax = subplots(height=2.6)
    curves = {}
    for label, name in picture["curves"].items():
        activation = get_activation(name.removesuffix("′"))
        curves[label] = (activation.derivative if name.endswith("′") else activation.function)(x)
    plot_lines(ax, x, curves, xlabel="x", ylabel="")
    return figure_html(fig, picture["alt"])


def link_sections(_app: Sphinx, doctree: nodes.document) -> None:
    """Point the links of a page's quiz to its sections, and complain about those that it does not have."""
    links = [link for link in doctree.findall(nodes.reference) if "quiz_section" in link]
    anchors = {}
    for section in doctree.findall(nodes.section) if links else ():
        if isinstance(section.children[0], nodes.title):
            anchors[section.children[0].astext().replace("’", "'")] = section["ids"][0]
    for link in links:
        title = link.attributes.pop("quiz_section")
        if title in anchors:
            link["refid"] = anchors[title]
        else:
            LOGGER.warning("quiz: the page has no section %r", title, location=link, type="quiz")


def open_quiz(self: HTML5Translator, _node: nodes.Element) -> None:
    """Open the quiz."""
    self.body.append('<div class="quiz">\n')


def close_quiz(self: HTML5Translator, _node: nodes.Element) -> None:
    """Close the quiz."""
    self.body.append("</div>\n")


def open_question(self: HTML5Translator, _node: nodes.Element) -> None:
    """Open the group of choices."""
    self.body.append('<fieldset class="quiz-question">\n')


def close_question(self: HTML5Translator, _node: nodes.Element) -> None:
    """Close the group."""
    self.body.append("</fieldset>\n")


def open_legend(self: HTML5Translator, _node: nodes.Element) -> None:
    """Open the text of a question."""
    self.body.append("<legend>")


def close_legend(self: HTML5Translator, _node: nodes.Element) -> None:
    """Close the text."""
    self.body.append("</legend>\n")


def open_option(self: HTML5Translator, node: nodes.Element) -> None:
    """Write the radio button, and open its label."""
    letter, group = node["letter"], node["group"]
    right = " data-right" if node["right"] else ""
    self.body.append(
        f'<label class="quiz-option"><input type="radio" name="{group}" value="{letter}"{right}>'
        f'<span class="quiz-letter">{letter}</span> <span>'
    )


def close_option(self: HTML5Translator, _node: nodes.Element) -> None:
    """Close the label."""
    self.body.append("</span></label>\n")


def write_check(self: HTML5Translator, node: nodes.Element) -> None:
    """Write the button and the live region, both for the script."""
    number = node["number"]
    self.body.append(
        '<button class="quiz-check" type="button" hidden>Check'
        f'<span class="visually-hidden"> question {number}</span></button>\n'
        '<div class="quiz-status" role="status"></div>\n'
    )
    raise nodes.SkipNode


def add_to_page(app: Sphinx, _page: str, _template: str, _context: dict[str, Any], doctree: Any) -> None:
    """Load script and style sheet where there is a quiz."""
    if doctree is not None and doctree.next_node(quiz_block) is not None:
        app.add_css_file(f"{FOLDER}/quiz.css")
        app.add_js_file(f"{FOLDER}/quiz.js", loading_method="defer")


def copy_files(app: Sphinx, *_: object) -> None:
    """Put script and style sheet beside the pages."""
    if app.builder.format == "html":
        folder = Path(app.outdir) / "_static" / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("quiz.css", "quiz.js"):
            shutil.copyfile(FILES / name, folder / name)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive and its nodes, and connect the steps to the build."""
    version = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:10]
    # The questions are part of the pages that Sphinx keeps between builds: new code makes it read them anew.
    app.add_config_value("quiz_version", version, "env")
    app.add_directive("quiz", Quiz)
    app.add_node(quiz_block, html=(open_quiz, close_quiz))
    app.add_node(quiz_question, html=(open_question, close_question))
    app.add_node(quiz_legend, html=(open_legend, close_legend))
    app.add_node(quiz_option, html=(open_option, close_option))
    app.add_node(quiz_check, html=(write_check, None))
    app.connect("builder-inited", copy_files)
    app.connect("doctree-read", link_sections)
    app.connect("html-page-context", add_to_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
