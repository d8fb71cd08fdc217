from http import HTTPStatus
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRefresh

from accounts.forms import PasswordForm, SignInForm, ThemeForm, TokenForm
from accounts.models import User
from accounts.tokens import TokenRefused, create_token, find_token, revoke_token, tokens_of
from spico.web.acts import act_of


def _way(*names: tuple[str, str]) -> list[tuple[str, str]]:
    """The breadcrumb of a page under Mon compte: names and addresses."""
    return [(name, reverse(route)) for name, route in (("Mon compte", "pages:my_account"), *names)]


class SignIn(LoginView):
    """A fragment asked by a page whose session has ended reloads that page, which then leads here."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.headers.get("HX-Request") == "true":
            return HttpResponseClientRefresh()
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        logins = settings.DEMO_LOGINS if settings.IS_DEMO_ALLOWED else []
        return super().get_context_data(demo_logins=logins, demo_password=settings.DEMO_PASSWORD, **kwargs)


@login_not_required
@act_of("accounts:sign_in")
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.success(request, "Votre session est fermée.")
    return redirect(settings.LOGOUT_REDIRECT_URL)


def locked_out(request: HttpRequest, *args: object) -> HttpResponse:
    """The door stays closed for `AXES_COOLOFF_TIME`, even to the right password."""
    wait = int(settings.AXES_COOLOFF_TIME.total_seconds())
    context = {"wait_minutes": wait // 60, "failures": settings.AXES_FAILURE_LIMIT}
    response = render(request, "accounts/locked_out.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = str(wait)
    return response


@act_of("pages:my_account")
def theme(request: HttpRequest) -> HttpResponse:
    form = ThemeForm(request.POST, instance=cast(User, request.user))
    if form.is_valid():
        form.instance.save(update_fields=["theme"])
        messages.success(request, "L’apparence est enregistrée.")
    else:
        messages.error(request, "Cette apparence n’existe pas : rien n’a changé.")
    return redirect("pages:my_account")


class ChangePassword(PasswordChangeView):
    """Django keeps this session and ends the others of the same person."""

    template_name = "accounts/password.html"
    form_class = PasswordForm
    success_url = reverse_lazy("pages:my_account")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(crumbs=_way(), **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, "Le mot de passe est changé. Vos autres appareils sont déconnectés.")
        return super().form_valid(form)


def _tokens_page(request: HttpRequest, form: TokenForm, **more: object) -> HttpResponse:
    context = {"form": form, "tokens": tokens_of(cast(User, request.user)), "crumbs": _way(), **more}
    return render(request, "accounts/tokens.html", context)


@never_cache
@require_safe
def tokens(request: HttpRequest) -> HttpResponse:
    return _tokens_page(request, TokenForm())


@never_cache
@act_of("accounts:tokens")
def token_create(request: HttpRequest) -> HttpResponse:
    """Shows the key in its own answer and nowhere else: neither in a session nor in a message."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _tokens_page(request, form)
    try:
        token, key = create_token(cast(User, request.user), **form.cleaned_data)
    except TokenRefused as refusal:
        form.add_error("name", str(refusal))
        return _tokens_page(request, form)
    return _tokens_page(request, TokenForm(), new=token, key=key)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def token_revoke(request: HttpRequest, handle: str) -> HttpResponse:
    user = cast(User, request.user)
    token = find_token(user, handle)
    if token is None:
        raise Http404
    if request.method != "POST":
        crumbs = _way(("Jetons d’API", "accounts:tokens"))
        return render(request, "accounts/token_revoke.html", {"token": token, "crumbs": crumbs})
    revoke_token(user, handle)
    messages.success(request, f"Le jeton « {token.name} » est révoqué.")
    return redirect("accounts:tokens")
