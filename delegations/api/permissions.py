from django.conf import settings
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import ApiToken


class MayActByToken(BasePermission):
    """Whether a token gives or takes access: the one switch is `ACTS_BY_TOKEN`. Sessions are not concerned."""

    message = "Un jeton ne suffit pas pour donner ou retirer un accès : ouvrez une session."

    def has_permission(self, request: Request, view: APIView) -> bool:
        is_by_token = isinstance(request.auth, ApiToken)
        return request.method in SAFE_METHODS or not is_by_token or bool(settings.ACTS_BY_TOKEN)
