import factory
from django.contrib.auth.models import Group

from accounts.groups import SERVICE_CENTRE, sync_groups
from accounts.models import Account, AccountKind, User

PASSWORD = "une-phrase-pour-les-tests"


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        service_centre = factory.Trait(is_staff=True)

    username = factory.Sequence(lambda n: f"personne{n}")
    first_name = "Soline"
    last_name = factory.Sequence(lambda n: f"Carbonnac{n}")
    password = factory.django.Password(PASSWORD)

    @factory.post_generation
    def groups(self: User, create: bool, extracted: object, **kwargs: object) -> None:
        if create and self.is_staff and not self.is_superuser:
            sync_groups()
            self.groups.add(Group.objects.get(name=SERVICE_CENTRE))


class AccountFactory(factory.django.DjangoModelFactory):
    """For the factories of owners: the database refuses an account that has none at the end of a transaction."""

    class Meta:
        model = Account

    kind = AccountKind.PP
    name = "Soline Carbonnac"

    @classmethod
    def _create(cls, model_class: type[Account], *args: object, **kwargs: object) -> Account:
        """Not saved yet: its owner saves both in one transaction."""
        return model_class(*args, **kwargs)
