from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig


class SpicoAdminSite(AdminSite):
    site_header = "SPICO, centre de service"
    site_title = "SPICO"
    index_title = "Administration"
    site_url = "/"


class SpicoAdminConfig(AdminConfig):
    default_site = "spico.pages.admin_site.SpicoAdminSite"
