"""Why an act is not done: a French sentence for the person, and which kind of no it is."""

from enum import Enum


class No(Enum):
    """`INVALID`: what was given does not suit. `FORBIDDEN`: not for this person. `CONFLICT`: not any more, not yet."""

    INVALID = 400
    FORBIDDEN = 403
    CONFLICT = 409


class Refused(Exception):
    """Nothing was written. `sentence` is for the person; `field` names the value that does not suit, if one does."""

    def __init__(self, sentence: str, no: No = No.INVALID, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.no = no
        self.field = field

    @property
    def status(self) -> int:
        return self.no.value


def forbidden(sentence: str) -> Refused:
    return Refused(sentence, No.FORBIDDEN)


def conflict(sentence: str, field: str = "") -> Refused:
    return Refused(sentence, No.CONFLICT, field)
