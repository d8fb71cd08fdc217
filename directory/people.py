"""The people attached to a place, each once, with their places there."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db import models
from django.utils.text import capfirst

from directory.models import Attachment, Professional
from directory.querysets import AttachmentQuerySet


@dataclass(frozen=True)
class AttachedPerson:
    professional: Professional
    attachments: list[Attachment]

    @cached_property
    def name(self) -> str:
        return self.professional.display_name

    @cached_property
    def initials(self) -> str:
        return self.professional.initials

    @cached_property
    def url(self) -> str:
        return self.professional.get_absolute_url()

    @cached_property
    def civility(self) -> str:
        return self.professional.civility

    @cached_property
    def line(self) -> str:
        """« Infirmière · Cardiologie · Cadre de santé »: what they are, then each unit and function here."""
        said = [capfirst(self.professional.occupation)]
        for attachment in self.attachments:
            said += [attachment.internal_organisation.name] if attachment.internal_organisation else []
            said += [attachment.function] if attachment.says_more else []
        return " · ".join(said)

    @property
    def is_declared_only(self) -> bool:
        """Nobody and no source but the person says it."""
        return all(attachment.is_declared_only for attachment in self.attachments)


def people_of(attachments: AttachmentQuerySet) -> models.QuerySet[Professional]:
    """Those of the directory's people whom these attachments hold, in the order of names."""
    return (
        Professional.objects.filter(closed_on=None, pk__in=attachments.values("professional"))
        .select_related("profession")
        .order_by("family_name", "given_name", "pk")
    )


def with_attachments(people: Iterable[Professional], attachments: AttachmentQuerySet) -> list[AttachedPerson]:
    """One query more, whatever the number of people; `attachments` brings along what its rows show of a place."""
    chosen = list(people)
    return attached(chosen, attachments.filter(professional__in=chosen))


def attached(chosen: list[Professional], attachments: Iterable[Attachment]) -> list[AttachedPerson]:
    """Each person with those of these attachments that are theirs."""
    by_person: dict[int, list[Attachment]] = defaultdict(list)
    for attachment in attachments:
        by_person[attachment.professional_id].append(attachment)
    for person in chosen:
        for attachment in by_person[person.pk]:
            attachment.professional = person
    return [AttachedPerson(person, by_person[person.pk]) for person in chosen]
