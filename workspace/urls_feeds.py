from django.urls import path, register_converter

from workspace.views import feeds


class SecretConverter:
    """As `secrets.token_urlsafe(32)` writes it: anything else is no address at all."""

    regex = "[A-Za-z0-9_-]{43}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(SecretConverter, "secret")

app_name = "feeds"
urlpatterns = [path("<secret:secret>.ics", feeds.agenda, name="agenda")]
