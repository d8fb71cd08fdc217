from dataclasses import dataclass

from django.urls import NoReverseMatch

from spico.web.addresses import address

# Stands where a key goes; as long as a FINESS number, and a number as the other keys are.
SOME = "987654321"


@dataclass(frozen=True)
class Kind:
    """A kind of thing that can be found. Its name's first letter is its shelf in the index: two kinds never share it.

    `is_ticked`: looked for when the person has not chosen. `url_name` takes the entry's key.
    """

    name: str
    label: str
    plural: str
    none_found: str
    icon: str
    url_name: str
    is_ticked: bool = False
    is_person: bool = False

    def page_of(self, key: str) -> str:
        """The address of an entry."""
        return address_of(self.url_name, key)


_kinds: dict[str, Kind] = {}


def register_kind(kind: Kind) -> None:
    if any(other.name[0] == kind.name[0] for other in _kinds.values() if other.name != kind.name):
        raise ValueError(f"Two kinds share the first letter of {kind.name!r}.")
    _kinds[kind.name] = kind


def kind_named(name: str) -> Kind:
    """`KeyError` for a kind that nothing registers."""
    return _kinds[name]


def address_of(route: str, key: str) -> str:
    """Where a route leads with the key of an entry. It is asked with one key for all: a page holds those of dozens."""
    if key.isascii() and key.isalnum():
        try:
            before, _, after = address(route, SOME).rpartition(SOME)
        except NoReverseMatch:
            return address(route, key)
        return f"{before}{key}{after}"
    return address(route, key)


def kinds() -> dict[str, Kind]:
    """The kinds in the order in which they were registered, which is the order of the tick boxes."""
    return dict(_kinds)


register_kind(
    Kind(
        name="structure",
        label="Établissement",
        plural="Établissements",
        none_found="Aucun établissement ne correspond",
        icon="building",
        url_name="directory:structure",
        is_ticked=True,
    )
)
register_kind(
    Kind(
        name="unit",
        label="Unité",
        plural="Unités et services",
        none_found="Aucune unité ne correspond",
        icon="layers",
        url_name="directory:unit",
    )
)
register_kind(
    Kind(
        name="professional",
        label="Professionnel",
        plural="Professionnels",
        none_found="Aucun professionnel ne correspond",
        icon="user",
        url_name="directory:professional",
        is_person=True,
    )
)
