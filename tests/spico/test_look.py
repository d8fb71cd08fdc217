"""The stylesheet, and what a first visit weighs."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from accounts.models import User

CSS = (Path(settings.BASE_DIR) / "static" / "spico.css").read_text(encoding="utf-8")
BUDGET = 120_000
TOKEN = re.compile(r"(--[a-z0-9-]+|color-scheme): ?([^;]+);")


def tokens(selector: str) -> dict[str, str]:
    start = CSS.index(selector) + len(selector)
    return dict(TOKEN.findall(CSS[start : CSS.index("}", start)]))


LIGHT = tokens(":root, [data-bs-theme=light] {")
CHOSEN_DARK = tokens("\n[data-bs-theme=dark] {")
DEVICE_DARK = tokens(":root:not([data-bs-theme]) {")


def test_dark_is_the_same_whether_the_person_or_the_device_chose_it() -> None:
    assert CHOSEN_DARK == DEVICE_DARK
    assert CHOSEN_DARK["color-scheme"] == "dark"


def test_the_administration_is_as_dark_by_choice_as_by_device() -> None:
    admin = (Path(settings.BASE_DIR) / "static" / "admin.css").read_text(encoding="utf-8")
    by_choice = admin.split('html[data-theme="dark"] {')[1].split("}")[0]
    by_device = admin.split("the person chose nothing */")[1].split("}")[0]
    assert TOKEN.findall(by_choice)
    assert TOKEN.findall(by_choice) == TOKEN.findall(by_device)


def test_every_token_has_its_dark_value() -> None:
    assert set(CHOSEN_DARK) == set(LIGHT)


def test_every_colour_is_a_token() -> None:
    rules = CSS[CSS.index("/* Bootstrap's own variables */") : CSS.index("@media print")]
    assert not re.findall(r"#[0-9a-f]{3,8}\b", re.sub(r'url\("[^"]*"\)', "", rules))


def test_every_token_used_exists() -> None:
    own = {name for name in re.findall(r"var\((--[a-z0-9-]+)", CSS) if not name.startswith("--bs-")}
    assert own <= set(LIGHT)


def luminance(colour: str) -> float:
    full = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    channels = [int(full[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted([luminance(one), luminance(other)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


GROUNDS = ["--page", "--surface", "--sunken", "--primary-tint"]
TEXTS = [(ink, ground) for ink in ("--text", "--muted", "--primary") for ground in GROUNDS]
OWN = [(f"--{hue}", f"--{hue}-tint") for hue in ("name", "wait", "no", "yes")]
BANDS = [("--on-band", "--band"), ("--on-name", "--name-band"), ("--on-primary", "--primary")]


@pytest.mark.parametrize("scheme", [LIGHT, CHOSEN_DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXTS + OWN + BANDS)
def test_text_stands_out_seven_times(scheme: dict[str, str], ink: str, ground: str) -> None:
    assert contrast(scheme[ink], scheme[ground]) >= 7


@pytest.mark.parametrize("scheme", [LIGHT, CHOSEN_DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["--page", "--surface", "--sunken"])
@pytest.mark.parametrize("line", ["--edge", "--focus"])
def test_edges_of_controls_stand_out_three_times(scheme: dict[str, str], line: str, ground: str) -> None:
    assert contrast(scheme[line], scheme[ground]) >= 3


def weight(path: str) -> int:
    found = finders.find(path.removeprefix(settings.STATIC_URL))
    assert found, path
    return len(gzip.compress(Path(str(found)).read_bytes()))


@pytest.mark.parametrize("path", ["/connexion/", "/", "/mon-compte/"])
def test_a_first_visit_weighs_less_than_its_budget(client: Client, user: User, path: str) -> None:
    if path != "/connexion/":
        client.force_login(user)
    page = client.get(path).content
    assets = {found.split("#")[0] for found in re.findall(r'(?:href|src)="(/static/[^"]+)"', page.decode())}
    assert any("htmx" in asset for asset in assets)
    assert len(gzip.compress(page)) + sum(weight(asset) for asset in assets) <= BUDGET / 1.5
