"""The addresses of templates are those of Django's `reverse`, whatever is asked."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import override_settings
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse, set_script_prefix
from hypothesis import given
from hypothesis import strategies as st

from delegations.scopes import Space
from spico.jinja import environment
from spico.web.addresses import address
from tests.spico.test_matrix import named_routes

VALUES = st.one_of(
    st.uuids(), st.integers(min_value=-5), st.text(max_size=12), st.sampled_from([*Space]), st.booleans(), st.none()
)
ROUTES = sorted(named_routes(get_resolver()))


def asked(find: Any, view: str, *args: Any, **kwargs: Any) -> str | None:
    try:
        return str(find(view, *args, **kwargs))
    except NoReverseMatch:
        return None


def by_django(view: str, *args: Any, **kwargs: Any) -> str:
    return reverse(view, args=args or None, kwargs=kwargs or None)


@given(view=st.sampled_from(ROUTES), args=st.lists(VALUES, max_size=3))
def test_any_value_gives_what_django_gives(view: str, args: list[Any]) -> None:
    assert asked(address, view, *args) == asked(by_django, view, *args)


def parameters(view: str) -> dict[str, Any]:
    """By name, a converter of each parameter of a route."""
    found: URLPattern | URLResolver = next(iter(_patterns(get_resolver(), view)))
    return dict(found.pattern.converters)


def _patterns(resolver: Any, view: str) -> Any:
    namespace, _, name = view.rpartition(":")
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver) and (one.namespace or "") in ("", namespace):
            yield from _patterns(one, name if one.namespace else view)
        elif isinstance(one, URLPattern) and one.name == name and not namespace:
            yield one


@pytest.mark.parametrize("view", [view for view in ROUTES if view.startswith("spaces:")])
def test_every_route_of_the_spaces_with_any_keys(view: str) -> None:
    names = parameters(view)
    for _ in range(2):
        keys = {name: _value(converter) for name, converter in names.items()}
        assert address(view, **keys) == reverse(view, kwargs=keys)
        backwards = dict(reversed(keys.items()))
        assert address(view, **backwards) == reverse(view, kwargs=keys)


def _value(converter: Any) -> Any:
    kind = type(converter).__name__
    if kind == "UUIDConverter":
        return uuid4()
    return 42 if kind == "IntConverter" else "dossiers" if kind == "SpaceConverter" else "observation"


def test_two_keys_are_not_taken_for_one_another() -> None:
    account, dossier = uuid4(), uuid4()
    there = reverse("spaces:dossier", args=[account, dossier])
    assert address("spaces:dossier", account, dossier) == there
    assert address("spaces:dossier", dossier=dossier, account=account) == there


def test_what_cannot_be_kept_is_asked_of_django() -> None:
    with pytest.raises(NoReverseMatch):
        address("spaces:dossier", [], {})


def test_the_prefix_of_the_site_counts() -> None:
    plain = address("pages:home")
    set_script_prefix("/portail/")
    try:
        assert address("pages:home") == f"/portail{plain}" == reverse("pages:home")
    finally:
        set_script_prefix("/")


def drawn(text: str, **context: Any) -> str:
    return str(environment().from_string(text).render(context))


def test_templates_ask_for_the_same_addresses() -> None:
    key = UUID("0190a5b0-0000-7000-8000-000000000001")
    there = reverse("delegations:access", args=[key])
    assert drawn('{{ url_for("delegations:access", key) }}', key=key) == there
    assert drawn('{{ url_for("delegations:access", account=key) }}', key=key) == there
    with pytest.raises(NoReverseMatch):
        drawn('{{ url_for("nowhere") }}')


@override_settings(ROOT_URLCONF="tests.spico.few_addresses")
def test_an_address_is_escaped_as_any_text() -> None:
    assert drawn('{{ url_for("named", name) }}', name="a&b") == "/a&amp;b/"
