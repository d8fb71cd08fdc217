from django.contrib.admin.apps import AdminConfig


class SpicoAdminConfig(AdminConfig):
    """Read before the apps are ready: the site itself, which needs them, is elsewhere."""

    default_site = "spico.pages.administration.SpicoAdminSite"
