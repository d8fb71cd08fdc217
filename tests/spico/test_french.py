"""French as it is printed, in what Python shows: no plain space before « : ; ! ? », nor inside guillemets.

Sentences of forms, services, models and the API, its help texts included.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS = ("accounts", "delegations", "directory", "workspace", "spico")
# Lines of a terminal or of a log, where a space that does not break is one more thing to copy wrong.
TERMINAL = (
    *("accounts/journal/heads.py", "accounts/journal/verification.py", "delegations/checking.py"),
    *("directory/demo/write.py", "spico/embedded/"),
)
NOT_SHOWN = ("/management/commands/", "/migrations/", "directory/search/matching.py")
SQL = re.compile(r"\b(SELECT|RAISE|CREATE|FROM|USING|AND|concat_ws)\b")
PLAIN = re.compile(r" [:;!?»](?![\w=~*])|« ")
Where = tuple[str, int, str]


def sources() -> Iterator[Path]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(TERMINAL) and not any(part in name for part in NOT_SHOWN):
                yield path


def docstrings(tree: ast.AST) -> set[int]:
    """For whoever reads the code."""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    first = [node.body[0] for node in ast.walk(tree) if isinstance(node, owners) and node.body]
    return {id(one.value) for one in first if isinstance(one, ast.Expr)}


def faults(source: str, name: str = "") -> list[Where]:
    """Literals, those of f-strings included, that a line could break where French never does."""
    tree = ast.parse(source)
    told = docstrings(tree)
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in told)
    return [
        (name, node.lineno, node.value)
        for node in texts
        if isinstance(node.value, str) and PLAIN.search(node.value) and not SQL.search(node.value)
    ]


def test_what_python_says_never_breaks_before_a_sign() -> None:
    found = [fault for path in sources() for fault in faults(path.read_text(), path.relative_to(ROOT).as_posix())]
    assert not found, "\n".join(f"{name}:{line}: {text}" for name, line, text in found)


@pytest.mark.parametrize(
    "source",
    ['"Rien n’a changé : relisez."', '"Pourquoi ?"', '"« Total »"', 'f"{name} : {count}"', 'f"Dit « {name}\xa0»"'],
)
def test_a_plain_space_is_seen(source: str) -> None:
    assert faults(f"said = {source}")


@pytest.mark.parametrize(
    "source",
    [
        '"""Une « docstring » : lue dans le code."""',
        '"Rien\xa0: relisez\u202f; «\xa0Total\xa0»."',
        '"EPSG[ :_]*"',
        "a[1 :2]",
    ],
)
def test_what_is_right_or_not_shown_is_left(source: str) -> None:
    assert not faults(source)
