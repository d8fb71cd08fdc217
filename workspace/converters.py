"""The four spaces, as addresses say them in French. Read before any address that uses it."""

from django.urls import register_converter

from delegations.scopes import Space

WORDS = {Space.DOSSIERS: "dossiers", Space.AGENDA: "agenda", Space.TASKS: "taches", Space.DISCUSSIONS: "discussions"}
SPACES = {word: space for space, word in WORDS.items()}


class SpaceConverter:
    regex = "|".join(SPACES)

    def to_python(self, value: str) -> Space:
        return SPACES[value]

    def to_url(self, value: Space | str) -> str:
        return WORDS[Space(value)]


register_converter(SpaceConverter, "space")
