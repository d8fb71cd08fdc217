"""What can be done, as the journal tells it: each app registers its own verbs once, when it is ready."""

_verbs: dict[str, str] = {}


def register_verbs(sentences: dict[str, str]) -> None:
    """`{"delegation.granted": "a accordé une délégation"}`: the sentence follows the actor's name."""
    _verbs.update(sentences)


def verb_label(verb: str) -> str:
    return _verbs.get(verb, verb)


def verbs() -> dict[str, str]:
    return dict(_verbs)


def check_verb(verb: str) -> None:
    if verb not in _verbs:
        raise ValueError(f"Unknown verb: {verb!r}. Register it first.")
