from collections.abc import Iterator
from operator import itemgetter
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ERROR_FLAG, ChangeList
from django.db import DataError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.text import capfirst

from accounts.journal.verbs import thing_label, verb_label, verbs
from accounts.models import Account, ApiToken, JournalEntry, OutgoingMail, User


class ReadOnlyAdmin(admin.ModelAdmin):
    """What the service centre reads. Nothing is typed into a state: acts have their own services and pages."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:  # type: ignore[override]
        """By the filters on the page alone: `?password__startswith=` would tell a digest letter by letter."""
        filters = [found[0] if isinstance(found, tuple) else found for found in self.list_filter]
        shown = {str(name).partition("__")[0] for name in (*filters, self.date_hierarchy) if name}
        return lookup.partition("__")[0] in shown and super().lookup_allowed(lookup, value, request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Under its own name. A filter that the database cannot read, such as a NUL, gives the list without it."""
        shown = {"title": capfirst(self.opts.verbose_name_plural), **(extra_context or {})}
        try:
            return super().changelist_view(request, shown)
        except (DataError, OverflowError):
            return HttpResponseRedirect(f"{request.path}?{ERROR_FLAG}=1")


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    list_display = ["username", "first_name", "last_name", "is_active", "is_staff", "last_login"]
    list_filter = ["is_active", "is_staff", "groups"]
    fields = ["username", "first_name", "last_name", "email", "is_active", "is_staff", "groups", "last_login"]
    search_fields = ["username", "first_name", "last_name", "email"]
    ordering = ["username"]


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ["name", "kind", "state", "user"]
    list_filter = ["kind", "state"]
    list_select_related = ["user"]
    search_fields = ["name", "user__username"]
    fields = ["id", "kind", "state", "name", "user", "created_at"]


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Whose keys are in force; the keys themselves are nowhere."""

    list_display = ["name", "user", "may_write", "created", "expiry"]
    list_filter = ["may_write"]
    list_select_related = ["user"]
    search_fields = ["name", "user__username"]
    fields = ["name", "user", "may_write", "created", "expiry"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).order_by("-created")


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnlyAdmin):
    """Which mails wait or were given up, and why; what they say is between the portal and their reader."""

    list_display = ["recipient", "kind", "state", "attempts", "next_attempt_at", "sent_at", "last_error"]
    list_filter = ["state"]
    list_select_related = ["recipient"]
    search_fields = ["recipient__username", "message_id"]
    fields = [
        "message_id",
        "created_at",
        "recipient",
        "kind",
        "state",
        "attempts",
        "next_attempt_at",
        "sent_at",
        "last_error",
    ]
    ordering = ["-created_at", "-pk"]


class VerbFilter(admin.ChoicesFieldListFilter):
    """By what was done, in the words of the journal: those that the apps registered, without reading the rows."""

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        yield {
            "selected": self.lookup_val is None,
            "query_string": changelist.get_query_string(remove=[self.lookup_kwarg]),
            "display": "Tout",
        }
        for verb, sentence in sorted(verbs().items(), key=itemgetter(1)):
            yield {
                "selected": self.lookup_val is not None and verb in self.lookup_val,
                "query_string": changelist.get_query_string({self.lookup_kwarg: verb}),
                "display": sentence,
            }


@admin.register(JournalEntry)
class JournalEntryAdmin(ReadOnlyAdmin):
    """Who did what, in whose name. What was acted on is told by its key alone."""

    list_display = ["at", "actor", "actor_account", "what", "account", "ground", "thing", "object_key"]
    list_filter = ["ground", ("verb", VerbFilter)]
    list_select_related = ["actor", "actor_account", "account"]
    date_hierarchy = "at"
    ordering = ["-at", "-pk"]
    fields = [
        *("at", "actor", "actor_account", "what", "account", "ground", "delegation"),
        *("thing", "object_key", "details", "request_id"),
    ]

    @admin.display(description="acte", ordering="verb")
    def what(self, entry: JournalEntry) -> str:
        return verb_label(entry.verb)

    @admin.display(description="objet")
    def thing(self, entry: JournalEntry) -> str:
        return thing_label(entry.object_kind)
