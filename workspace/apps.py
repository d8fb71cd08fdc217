from django.apps import AppConfig


class WorkspaceConfig(AppConfig):
    name = "workspace"
    verbose_name = "espaces"

    def ready(self) -> None:
        from workspace import words  # noqa: F401, PLC0415, the journal's words are registered by their reading
