"""What can be done, as the journal tells it: each app registers its own verbs once, when it is ready."""

import re
from collections.abc import Mapping

FORM = re.compile(r"[a-z_]+\.[a-z_]+")
LONGEST = 40
_verbs: dict[str, str] = {}


def register_verbs(sentences: Mapping[str, str]) -> None:
    """`{"delegation.granted": "a accordé une délégation"}`: what was done, in the past, after the actor's name."""
    for verb, sentence in sentences.items():
        if not FORM.fullmatch(verb) or len(verb) > LONGEST:
            raise ValueError(f"{verb!r} is no verb: thing.done, {LONGEST} characters at most.")
        if _verbs.setdefault(verb, sentence) != sentence:
            raise ValueError(f"Two sentences for the verb {verb!r}.")


def verb_label(verb: str) -> str:
    """The sentence; the verb itself when no app registers it any more, since what it told stays in the journal."""
    return _verbs.get(verb, verb)


def verbs() -> dict[str, str]:
    return dict(_verbs)


def check_verb(verb: str) -> None:
    if verb not in _verbs:
        raise ValueError(f"Unknown verb: {verb!r}. Register it first.")
