"""Sessions in the database, as Django's own; what every request asks of them is written to SQL once."""

from datetime import datetime

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.prepared import Prepared

_sessions = Prepared(
    lambda *, key, now: Session.objects.filter(session_key=key, expire_date__gt=now), key=str, now=datetime
)


class SessionStore(DatabaseStore):
    def _get_session_from_db(self) -> Session | None:
        found = _sessions.first(key=self.session_key, now=timezone.now())
        if found is None:
            # A key that opens nothing is never taken as it is for a new session.
            self._session_key = None
        return found
