from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from delegations.api.urls import urlpatterns as delegations_api
from directory.api.urls import urlpatterns as directory_api
from spico.web import health
from workspace.api.urls import urlpatterns as workspace_api

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("spico.pages.urls")),
    path("", include("accounts.urls")),
    path("annuaire/", include("directory.urls")),
    path("delegations/", include("delegations.urls")),
    path("espaces/", include("workspace.urls")),
    path("agenda/", include("workspace.urls_feeds")),
    path("api/v1/", include(([*directory_api, *delegations_api, *workspace_api], "api"))),
    path("administration/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]

handler400 = "spico.pages.errors.bad_request"
handler403 = "spico.pages.errors.forbidden"
handler404 = "spico.pages.errors.not_found"
handler500 = "spico.pages.errors.server_error"
