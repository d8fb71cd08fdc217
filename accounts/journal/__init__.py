"""The journal: who did what, in whose name, on what ground. Append-only, and sealed (`accounts.journal.sealing`)."""

from accounts.journal.verbs import register_things, register_verbs, thing_label, verb_label
from accounts.journal.writing import entry, record, record_all, record_opening

__all__ = [
    "entry",
    "record",
    "record_all",
    "record_opening",
    "register_things",
    "register_verbs",
    "thing_label",
    "verb_label",
]
