"""What can be done and to what, as the journal tells it: each app registers its own words once, when it is ready."""

import re
from collections.abc import Mapping

FORM = re.compile(r"[a-z_]+\.[a-z_]+")
LONGEST = 40
OTHERS = "Autres actes"
_verbs: dict[str, str] = {}
_groups: dict[str, str] = {}
_things: dict[str, str] = {}


def register_verbs(sentences: Mapping[str, str], group: str = OTHERS) -> None:
    """`{"delegation.granted": "a accordé une délégation"}`: what was done, in the past, after the actor's name.

    `group`: under which words they stand where one chooses among all of them."""
    for verb, sentence in sentences.items():
        if not FORM.fullmatch(verb) or len(verb) > LONGEST:
            raise ValueError(f"{verb!r} is no verb: thing.done, {LONGEST} characters at most.")
        if _verbs.setdefault(verb, sentence) != sentence:
            raise ValueError(f"Two sentences for the verb {verb!r}.")
        _groups[verb] = group


def verb_label(verb: str) -> str:
    """The sentence; the verb itself when no app registers it any more, since what it told stays in the journal."""
    return _verbs.get(verb, verb)


def verbs() -> dict[str, str]:
    return dict(_verbs)


def grouped_verbs() -> dict[str, dict[str, str]]:
    """By group, in the order in which the apps registered them."""
    found: dict[str, dict[str, str]] = {}
    for verb, sentence in _verbs.items():
        found.setdefault(_groups[verb], {})[verb] = sentence
    return found


def check_verb(verb: str) -> None:
    if verb not in _verbs:
        raise ValueError(f"Unknown verb: {verb!r}. Register it first.")


def register_things(words: Mapping[str, str]) -> None:
    """`{"request": "demande de délégation"}`: what an act was done to, by the `object_kind` of its entry."""
    _things.update(words)


def thing_label(kind: str) -> str:
    """The word; the kind itself when no app registers it any more."""
    return _things.get(kind, kind)
