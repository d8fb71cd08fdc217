from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from directory.models import Attachment, InternalOrganisation, Professional, Structure


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def open(self) -> "AttachmentQuerySet":
        return self.filter(until=None, professional__closed_on=None)

    def in_structure(self, structure: "Structure") -> "AttachmentQuerySet":
        """To the structure itself or to any of its units, at whatever depth."""
        return self.filter(Q(structure=structure) | Q(internal_organisation__structure=structure))

    def of(self, professional: "Professional") -> "AttachmentQuerySet":
        """Their places, the present ones first; the place and its town come along."""
        return self.filter(professional=professional).select_related(
            "structure__commune", "internal_organisation__structure__commune", "internal_organisation__type"
        )

    def shown(self) -> "AttachmentQuerySet":
        """With the people and places that a row shows, in the order of names."""
        return self.select_related("professional__profession", "internal_organisation", "structure").order_by(
            "professional__family_name", "professional__given_name", "professional_id", "pk"
        )


class InternalOrganisationQuerySet(models.QuerySet["InternalOrganisation"]):
    def open(self) -> "InternalOrganisationQuerySet":
        return self.filter(closed_on=None)

    def shown(self) -> "InternalOrganisationQuerySet":
        return self.select_related("account", "type").order_by("name", "pk")

    def above(self, unit: "InternalOrganisation") -> "list[InternalOrganisation]":
        """What holds this unit, from the top down, in one query."""
        rows = self.raw(
            """
            WITH RECURSIVE above AS (
                SELECT id, parent_id, 0 AS height FROM directory_internalorganisation WHERE id = %s
                UNION ALL
                SELECT u.id, u.parent_id, height + 1 FROM directory_internalorganisation u JOIN above ON u.id = above.parent_id
            )
            SELECT u.* FROM directory_internalorganisation u JOIN above USING (id) WHERE height > 0 ORDER BY height DESC
            """,
            [unit.parent_id and unit.pk],
        )
        return list(rows)

    def below(self, unit: "InternalOrganisation") -> "InternalOrganisationQuerySet":
        """What this unit holds, at whatever depth; the tree has no circle, the database sees to it."""
        return self.filter(
            pk__in=models.expressions.RawSQL(
                """
                WITH RECURSIVE below AS (
                    SELECT id FROM directory_internalorganisation WHERE parent_id = %s
                    UNION ALL
                    SELECT u.id FROM directory_internalorganisation u JOIN below ON u.parent_id = below.id
                )
                SELECT id FROM below
                """,
                [unit.pk],
            )
        )
