import gc
from collections.abc import Iterator
from contextlib import ExitStack
from copy import deepcopy
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.template.backends.jinja2 import Template
from django.test.signals import template_rendered
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import User
from directory.reference import load_reference
from spico.web.memory import settle
from tests.database import copy_of_the_model
from tests.delegations.people import make_cast
from tests.emptying import emptied_by_rows, undone_after_the_module
from tests.factories import ProfessionalFactory, UserFactory


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones begin first: at the end, no worker waits for another."""
    items.sort(key=lambda item: item.get_closest_marker("soak") is None)


def pytest_sessionstart() -> None:
    gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Thousands of tests stay to the end, with all that they import: walked through again and again, they took a
    quarter of the time."""
    settle()
    gc.enable()


@pytest.fixture(autouse=True, scope="session")
def contexts_are_told() -> Iterator[None]:
    """`response.context`, which Django fills for its own language alone."""
    draw = Template.render

    def told(self: Template, context: Any = None, request: Any = None) -> Any:
        template_rendered.send(sender=self, template=self, context=dict(context or {}))
        return draw(self, context, request)

    Template.render = told  # type: ignore[method-assign]
    yield
    Template.render = draw  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


@pytest.fixture(scope="session")
def django_db_createdb(
    request: pytest.FixtureRequest,
    django_db_createdb: bool,
    django_db_keepdb: bool,
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
) -> bool:
    """`--reuse-db --create-db` with several workers: each has its copy already, which is used as it is."""
    worker = getattr(request.config, "workerinput", None)
    if not (worker and django_db_createdb and django_db_keepdb):
        return django_db_createdb
    with django_db_blocker.unblock():
        copy_of_the_model(worker["testrunuid"])
    return False


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The reference lists are there once for all."""
    with ExitStack() as emptied:
        with django_db_blocker.unblock():
            load_reference()
            emptied.enter_context(emptied_by_rows())
        yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        # A thread that served a browser may still hold its connection, and the database could not be dropped.
        cursor.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()"""
        )


@pytest.fixture(scope="module")
def shared(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[DjangoDbBlocker]:
    """For a cast that a whole module plays with: made once inside `shared.unblock()`, undone after the module."""
    with undone_after_the_module(django_db_blocker):
        yield django_db_blocker


@pytest.fixture(scope="module")
def made_cast(shared: DjangoDbBlocker) -> object:
    """The cast of the module; one that plays with another gives its own fixture of this name."""
    with shared.unblock():
        made = make_cast()
        made.all()
    return made


@pytest.fixture
def cast(made_cast: object, db: None) -> object:
    """As it was made: what a test changes of it, in the database or in memory, is that test's alone."""
    return deepcopy(made_cast)


@pytest.fixture
def user(db: None) -> User:
    return ProfessionalFactory(signed_in=True).account.user


@pytest.fixture
def service_centre(db: None) -> User:
    return UserFactory(service_centre=True)
