from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "comptes"

    def ready(self) -> None:
        from accounts import receivers  # noqa: F401, PLC0415, signals are registered by their reading
