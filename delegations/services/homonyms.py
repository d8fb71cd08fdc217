"""Nobody is let in for another: whoever grants says which person they mean when several have nearly the same name."""

from uuid import UUID

from accounts.models import Account
from delegations.errors import No, Refused
from delegations.homonyms import Homonyms, homonyms_of
from directory.models import Professional

WHICH = "Plusieurs personnes ont presque le même nom\N{NO-BREAK SPACE}: dites laquelle vous voulez."
ANOTHER = (
    "La demande ne vient pas de cette personne\N{NO-BREAK SPACE}: rien n’est accordé. Refusez la demande, et appelez "
    "le centre de service si vous avez un doute."
)


class Homonymous(Refused):
    """`holder`: who would be let in; `homonyms`: who else has nearly the same name. Asked again with the account of the
    person meant, the act goes on."""

    def __init__(self, holder: Professional, homonyms: Homonyms) -> None:
        super().__init__(WHICH, No.CONFLICT, "person")
        self.holder = holder
        self.homonyms = homonyms


def check_person(holder: Account, person: UUID | None, another: str = ANOTHER) -> None:
    """`person`: the account of whom the granter means, None when nobody asked them. `Refused` when it is not `holder`,
    or when nothing was said and others have nearly the same name. Three queries, none once the person is named."""
    if person is not None:
        if person != holder.pk:
            raise Refused(another, field="person")
        return
    named = Professional.objects.select_related("profession").filter(account=holder).first()
    homonyms = homonyms_of(named) if named else Homonyms([], 0)
    if named and homonyms.count:
        raise Homonymous(named, homonyms)
