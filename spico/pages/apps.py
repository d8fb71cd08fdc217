from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "spico.pages"
    label = "pages"
    verbose_name = "pages"
