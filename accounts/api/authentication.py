"""Who is asking: a session, as in the pages, or a token in `Authorization: Token …`."""

from django.conf import settings
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication as KnoxAuthentication
from knox.crypto import hash_token
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from accounts.models import ApiToken, User

MALFORMED = "L’en-tête « Authorization » ne se lit pas : écrivez « Token », une espace, puis le jeton."
UNKNOWN = "Ce jeton n’existe pas, ou a été révoqué."
EXPIRED = "Ce jeton a expiré : créez-en un autre."
INACTIVE = "L’identifiant de connexion de ce jeton n’est plus actif."
NO_CSRF = "La session ne suffit pas pour écrire : joignez le jeton CSRF dans l’en-tête « X-CSRFToken »."


class TokenAuthentication(KnoxAuthentication):
    """Knox's tokens, found by their digest: nothing is written, and one that ended stays for its owner to see."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        header = authentication.get_authorization_header(request).split()
        if not header or header[0].lower() != b"token":
            return None
        if len(header) != 2:
            raise exceptions.AuthenticationFailed(MALFORMED)
        return self.authenticate_credentials(header[1])

    def authenticate_credentials(self, token: bytes) -> tuple[User, ApiToken]:
        if not token.isalnum():
            raise exceptions.AuthenticationFailed(MALFORMED)
        found = ApiToken.objects.select_related("user").filter(digest=hash_token(token.decode("ascii"))).first()
        if found is None:
            raise exceptions.AuthenticationFailed(UNKNOWN)
        return self.validate_user(found)

    def validate_user(self, auth_token: ApiToken) -> tuple[User, ApiToken]:
        """Why it is refused is told only to whoever holds the whole token."""
        if auth_token.is_expired(timezone.now()):
            raise exceptions.AuthenticationFailed(EXPIRED)
        if not auth_token.user.is_active:
            raise exceptions.AuthenticationFailed(INACTIVE)
        return auth_token.user, auth_token

    def authenticate_header(self, request: Request) -> str:
        return 'Token realm="SPICO"'


class SessionAuthentication(authentication.SessionAuthentication):
    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied as error:
            raise exceptions.PermissionDenied(NO_CSRF) from error


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = TokenAuthentication
    name = "jeton"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "« Token », une espace, puis un jeton créé dans « Mon compte » ; il dure 90 jours.",
        }


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = SessionAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "La session ouverte en se connectant aux pages.",
        }
