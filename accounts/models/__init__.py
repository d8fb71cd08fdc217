from accounts.models.accounts import Account, AccountKind
from accounts.models.journal import JournalEntry, JournalQueue, JournalSeal
from accounts.models.notifications import MailState, Notification, OutgoingMail
from accounts.models.tokens import ApiToken
from accounts.models.users import SpicoUserManager, Theme, User

__all__ = [
    "Account",
    "AccountKind",
    "ApiToken",
    "JournalEntry",
    "JournalQueue",
    "JournalSeal",
    "MailState",
    "Notification",
    "OutgoingMail",
    "SpicoUserManager",
    "Theme",
    "User",
]
