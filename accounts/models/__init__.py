from accounts.models.accounts import Account, AccountKind
from accounts.models.tokens import ApiToken
from accounts.models.users import SpicoUserManager, Theme, User

__all__ = ["Account", "AccountKind", "ApiToken", "SpicoUserManager", "Theme", "User"]
