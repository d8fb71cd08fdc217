from typing import TYPE_CHECKING

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, Q

if TYPE_CHECKING:
    from directory.models import Attachment, InternalOrganisation, Structure  # noqa: F401, named in types


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def current(self) -> "AttachmentQuerySet":
        """Those that have not ended, whatever became of the person."""
        return self.filter(until=None)

    def open(self) -> "AttachmentQuerySet":
        return self.current().filter(professional__closed_on=None)

    def in_structure(self, structure: "Structure") -> "AttachmentQuerySet":
        """To the structure itself or to any of its units, at whatever depth.

        Its units come as one array, so that the two indexes of attachments answer together; a join reads them all.
        """
        units = structure.internal_organisations.order_by().values("pk")
        to_a_unit = models.Func(
            F("internal_organisation_id"),
            ArraySubquery(units),
            template="%(expressions)s)",
            arg_joiner=" = ANY (",
            output_field=models.BooleanField(),
        )
        return self.filter(Q(structure=structure) | Q(to_a_unit))

    def in_unit(self, unit: "InternalOrganisation") -> "AttachmentQuerySet":
        return self.filter(internal_organisation=unit)

    def with_units(self) -> "AttachmentQuerySet":
        """With the unit, for a page that is about its structure."""
        return self.select_related("internal_organisation").order_by("pk")

    def with_places(self) -> "AttachmentQuerySet":
        """With the place and its town; what is still open comes first."""
        return self.select_related(
            "structure__commune", "internal_organisation__structure__commune", "internal_organisation__type"
        ).order_by(F("until").desc(nulls_first=True), F("since").desc(nulls_last=True), "pk")


class InternalOrganisationQuerySet(models.QuerySet["InternalOrganisation"]):
    def open(self) -> "InternalOrganisationQuerySet":
        return self.filter(closed_on=None)

    def for_tree(self) -> "models.QuerySet[InternalOrganisation, tuple[int, str, int | None]]":
        """The columns of `directory.trees.UnitLine`, in the order of names."""
        return self.order_by("name", "pk").values_list("pk", "name", "parent_id")

    def shown(self) -> "InternalOrganisationQuerySet":
        return self.select_related("account", "type").order_by("name", "pk")

    def above(self, unit: "InternalOrganisation") -> "list[InternalOrganisation]":
        """What holds this unit, from the top down, in one query."""
        rows = self.raw(
            """
            WITH RECURSIVE above AS (
                SELECT id, parent_id, 0 AS height FROM directory_internalorganisation WHERE id = %s
                UNION ALL
                SELECT u.id, u.parent_id, height + 1
                FROM directory_internalorganisation u JOIN above ON u.id = above.parent_id
            )
            SELECT u.* FROM directory_internalorganisation u JOIN above USING (id) WHERE height > 0 ORDER BY height DESC
            """,
            [unit.pk],
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
