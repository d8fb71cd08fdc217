"""Telling people: in the portal at once, by mail afterwards. Written with the act, so an act undone tells nobody."""

from accounts.notifications.kinds import register_kinds, subject_of
from accounts.notifications.telling import tell, unread_count

__all__ = ["register_kinds", "subject_of", "tell", "unread_count"]
