from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import ApiToken


class TokenMayWrite(BasePermission):
    """A token only reads, unless its owner asked that it may write too. Sessions are not concerned."""

    message = "Ce jeton ne permet que la lecture."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.method in SAFE_METHODS or not isinstance(request.auth, ApiToken) or request.auth.may_write
