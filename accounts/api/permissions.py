from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS, BasePermission

from accounts.models import ApiToken

if TYPE_CHECKING:  # `rest_framework.views` reads this module while it is itself being read
    from rest_framework.request import Request
    from rest_framework.views import APIView


class TokenMayWrite(BasePermission):
    """A token only reads, unless its owner asked that it may write too. Sessions are not concerned."""

    message = "Ce jeton ne permet que la lecture."

    def has_permission(self, request: "Request", view: "APIView") -> bool:
        return request.method in SAFE_METHODS or not isinstance(request.auth, ApiToken) or request.auth.may_write
