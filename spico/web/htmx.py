from django.http import HttpRequest


def wants_fragment(request: HttpRequest) -> bool:
    """Did htmx ask, for a part of the page? Going back in history asks for all of it, as does a boosted link."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )
