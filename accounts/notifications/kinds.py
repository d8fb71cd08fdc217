"""What people are told of: each app registers its own kinds once, when it is ready."""

import re

_subjects: dict[str, str] = {}
KIND = re.compile(r"[a-z_]+(?:\.[a-z_]+)+")
LONGEST_KIND = 40
# Of a kind that was registered when its mail was written, and no longer is.
OTHERWISE = "Une notification vous attend"


def register_kinds(subjects: dict[str, str]) -> None:
    """`{"delegation.requested": "Une demande de délégation vous attend"}`: a kind, and the subject of its mail.

    The texts of the mail are those of `templates/emails/notification_*.txt`, or of `<kind>_*.txt` where there is one.
    """
    for kind in subjects:
        if not KIND.fullmatch(kind) or len(kind) > LONGEST_KIND:
            raise ValueError(f"A kind of notification is written like « delegation.requested », not {kind!r}.")
    _subjects.update(subjects)


def check_kind(kind: str) -> None:
    if kind not in _subjects:
        raise ValueError(f"Unknown kind of notification: {kind!r}. Register it first.")


def subject_of(kind: str) -> str:
    return _subjects.get(kind, OTHERWISE)
