from django.apps import AppConfig


class WorkspaceConfig(AppConfig):
    name = "workspace"
    verbose_name = "espaces"

    def ready(self) -> None:
        from workspace import closing, journal_telling, words  # noqa: F401, PLC0415, they register themselves
