from workspace.models.agenda import CalendarFeed, Event, EventKind
from workspace.models.authored import Authored
from workspace.models.discussions import (
    LONGEST_TEXT,
    Conversation,
    ConversationOrigin,
    Message,
    Participant,
    ReadMark,
)
from workspace.models.dossiers import CircleMember, Departure, Dossier, DossierMark, IdentityChange, Informed, Sex
from workspace.models.entries import Confidentiality, ContentType, Document, Entry, EntryKind, EntryVersion
from workspace.models.tasks import Task

__all__ = [
    "LONGEST_TEXT",
    "Authored",
    "CalendarFeed",
    "CircleMember",
    "Confidentiality",
    "ContentType",
    "Conversation",
    "ConversationOrigin",
    "Departure",
    "Document",
    "Dossier",
    "DossierMark",
    "Entry",
    "EntryKind",
    "EntryVersion",
    "Event",
    "EventKind",
    "IdentityChange",
    "Informed",
    "Message",
    "Participant",
    "ReadMark",
    "Sex",
    "Task",
]
