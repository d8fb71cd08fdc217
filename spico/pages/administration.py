from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator


class SpicoAdminSite(AdminSite):
    site_header = "SPICO, centre de service"
    site_title = "SPICO"
    index_title = "Administration"
    site_url = "/"

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """One door for everybody: the portal's own sign-in, with its lockout. Who is in and not staff is told so."""
        if request.user.is_authenticated:
            raise PermissionDenied("L’administration est réservée au centre de service.")
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))
