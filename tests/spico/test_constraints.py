import re
import threading
from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from accounts.models import Account, AccountKind
from directory.models import InternalOrganisation
from tests.constraints import BROKEN, REFUSED
from tests.factories import InternalOrganisationFactory
from tests.workspace import constraints, constraints_discussions

OUR_APPS = ("accounts", "delegations", "directory")
WORKSPACE = (*constraints.MODELS, *constraints_discussions.MODELS)


def our_models() -> list[type]:
    return [*(model for label in OUR_APPS for model in apps.get_app_config(label).get_models()), *WORKSPACE]


def test_every_constraint_has_a_row_that_breaks_it() -> None:
    named = {constraint.name for model in our_models() for constraint in model._meta.constraints}
    assert named == set(BROKEN)


def test_every_constraint_says_what_to_do_in_french() -> None:
    for model in our_models():
        for constraint in model._meta.constraints:
            sentence = str(constraint.violation_error_message)
            assert sentence.endswith("."), constraint.name
            assert "La contrainte" not in sentence, constraint.name


def test_every_trigger_has_an_act_that_it_refuses() -> None:
    # The three that ask for an owner differ only by its table: one test below plays them all.
    named = {trigger.name for model in our_models() for trigger in getattr(model._meta, "triggers", [])}
    played = {name.split(" ")[0] for name in REFUSED}
    assert {name for name in named if not name.endswith("account_has_an_owner")} == played


def test_a_trigger_that_several_models_of_the_spaces_carry_has_an_act_for_each() -> None:
    carried = [(trigger.name, model) for model in WORKSPACE for trigger in getattr(model._meta, "triggers", [])]
    names = [name for name, _ in carried]
    shared = {f"{name} ({model._meta.model_name}" for name, model in carried if names.count(name) > 1}
    assert not [start for start in shared if not any(key.startswith((f"{start})", f"{start},")) for key in REFUSED)]


@pytest.mark.django_db
@pytest.mark.parametrize("name", BROKEN)
def test_the_database_refuses_the_row(name: str) -> None:
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        BROKEN[name]()
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert name in str(refusal.value)


@pytest.mark.django_db
@pytest.mark.parametrize("name", REFUSED)
def test_the_trigger_refuses_the_act(name: str) -> None:
    act, sentence = REFUSED[name]
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        act()
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert re.search(sentence, str(refusal.value))


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [AccountKind.PP, AccountKind.STRUCTURE, AccountKind.UNIT])
def test_no_account_stays_without_an_owner(kind: AccountKind) -> None:
    with pytest.raises(IntegrityError, match="sans propriétaire"), transaction.atomic():
        Account.objects.create(kind=kind, name="Personne")
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db(transaction=True)
def test_two_moves_at_once_cannot_close_a_circle_together() -> None:
    one = InternalOrganisationFactory()
    two = InternalOrganisationFactory(structure=one.structure)
    barrier = threading.Barrier(2)
    refusals: list[str] = []

    def move(unit: InternalOrganisation, under: InternalOrganisation) -> Callable[[], None]:
        def run() -> None:
            try:
                with transaction.atomic():
                    barrier.wait(timeout=5)
                    InternalOrganisation.objects.filter(pk=unit.pk).update(parent=under)
            except DatabaseError as error:
                refusals.append(str(error))
            finally:
                connections.close_all()

        return run

    threads = [threading.Thread(target=move(one, two)), threading.Thread(target=move(two, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refusals) == 1
    assert InternalOrganisation.objects.filter(parent=None).count() == 1
