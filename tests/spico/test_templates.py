"""Every template of the project, read as text: what no browser test would see on all of them."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

from spico.web.look import icon_names

ROOT = Path(settings.BASE_DIR) / "templates"
TEMPLATES = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*.html"))
TAGS = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.S)
COMMENT = re.compile(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", re.S)
CODE = {"script", "style", "code", "pre"}
DRAWN = "from django.test import Client; print(Client().get('/mentions-legales/').content.decode())"
# An ordinary space where French asks for one that does not break.
BREAKING_SPACE = re.compile(r" (?=[:;!?»](?:\s|$))|(?<=«) ")


class Reading(HTMLParser):
    """What a template writes itself: text, attributes, and the code it should not hold."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.code: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self.within: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag in CODE:
            self.within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.within and self.within[-1] == tag:
            self.within.pop()

    def handle_data(self, data: str) -> None:
        if not self.within:
            self.texts.append(data)
        elif self.within[-1] in ("script", "style") and data.strip():
            self.code.append(data)


def source_of(name: str) -> str:
    return COMMENT.sub("", (ROOT / name).read_text(encoding="utf-8"))


def read(name: str) -> Reading:
    return Reading(TAGS.sub("§", source_of(name)))


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_compiles(name: str) -> None:
    get_template(name.removeprefix("django/"))


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_holds_no_code_and_no_style(name: str) -> None:
    """The policy refuses them in the browser; here they are refused before."""
    page = read(name)
    assert not page.code
    inline = [(tag, key) for tag, key, _ in page.attributes if key.startswith("on") or key in ("style", "hx-on")]
    assert not inline
    assert not [key for _, key, _ in page.attributes if key.startswith("hx-on")]
    assert not [value for _, key, value in page.attributes if key in ("href", "src") and "javascript:" in value]


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_takes_nothing_from_elsewhere(name: str) -> None:
    loaded = [(tag, value) for tag, key, value in read(name).attributes if key in ("src", "srcset") or tag == "link"]
    assert not [(tag, value) for tag, value in loaded if value.startswith(("http:", "https:", "//"))]


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_breaks_no_line_before_french_punctuation(name: str) -> None:
    texts = [re.sub(r"\s*\n\s*", "\n", text) for text in read(name).texts]
    assert not [text for text in texts if BREAKING_SPACE.search(text)]


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_writes_real_apostrophes(name: str) -> None:
    assert not [text for text in read(name).texts if re.search(r"\w'\w", text)]


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.startswith("components/")])
def test_a_component_says_first_what_it_needs(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8").startswith("{#")


def test_every_icon_asked_for_is_drawn() -> None:
    asked = {
        found
        for name in TEMPLATES
        for found in re.findall(r'(?:\{% icon |icon_name=|tag_icon=|sign=)"([\w-]+)"', source_of(name))
    }
    assert asked <= icon_names()


def test_a_field_has_one_way_to_be_drawn() -> None:
    """Forms go through `form_field`, which ties the help and the error to their field."""
    assert not [name for name in TEMPLATES if re.search(r"form\.as_(p|div|table|ul)", source_of(name))]


@pytest.mark.parametrize("debug", ["0", "1"])
def test_a_developer_s_portal_draws_its_pages(debug: str) -> None:
    """Under its own settings, which no other test reads."""
    told = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", DRAWN],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "spico.settings.dev", "DEBUG": debug},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Mentions légales" in told.stdout, told.stderr
