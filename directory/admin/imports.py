from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin import ReadOnlyAdmin
from directory.models import ImportIssue, ImportRun
from spico.web.typography import counted

SHOWN = 150


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    """What every import did. The lines set aside have a list of their own: a bad file has thousands."""

    date_hierarchy = "started_at"
    list_display = [
        *("started_at", "source", "file_name", "file_date", "state", "created", "changed", "closed", "reopened"),
        *("set_aside", "written", "is_extract", "is_dry_run"),
    ]
    list_filter = ["source", "state", "is_dry_run", "is_extract"]
    search_fields = ["file_name"]
    fields = [
        ("source", "state"),
        ("file_name", "file_date"),
        ("is_extract", "is_dry_run"),
        ("started_at", "finished_at", "started_by"),
        "message",
        ("read", "created", "changed", "unchanged"),
        ("closed", "reopened", "set_aside", "written"),
        "reported_lines",
    ]
    readonly_fields = ["reported_lines"]

    @admin.display(description="lignes signalées")
    def reported_lines(self, run: ImportRun) -> SafeString | str:
        found = run.issues.aggregate(
            aside=Count("pk", filter=Q(is_warning=False)), warned=Count("pk", filter=Q(is_warning=True))
        )
        if not any(found.values()):
            return "aucune"
        address = reverse("admin:directory_importissue_changelist", query={"run__id__exact": run.pk})
        told = f"{counted(found['aside'], 'mise de côté', 'mises de côté')}, {counted(found['warned'], 'remarque')}"
        return format_html('<a href="{}">{}</a>', address, told)


@admin.register(ImportIssue)
class ImportIssueAdmin(ReadOnlyAdmin):
    list_display = ["run", "file", "line", "reason", "beginning", "is_warning"]
    list_filter = ["is_warning", "run__source"]
    list_select_related = ["run"]
    search_fields = ["reason", "raw"]
    # By its number: « -run » would be the reverse of the runs' own order, the oldest first.
    ordering = ["-run_id", "pk"]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:  # type: ignore[override]
        return lookup == "run__id__exact" or super().lookup_allowed(lookup, value, request)

    @admin.display(description="ligne d’origine")
    def beginning(self, issue: ImportIssue) -> str:
        return issue.raw[:SHOWN]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportIssue]:
        return super().get_queryset(request).select_related("run")
