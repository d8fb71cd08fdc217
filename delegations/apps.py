from django.apps import AppConfig


class DelegationsConfig(AppConfig):
    name = "delegations"
    verbose_name = "délégations"

    def ready(self) -> None:
        from delegations import closing, words  # noqa: F401, PLC0415, signals and words are registered by their reading
