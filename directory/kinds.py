from dataclasses import dataclass


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


_kinds: dict[str, Kind] = {}


def register_kind(kind: Kind) -> None:
    if any(other.name[0] == kind.name[0] for other in _kinds.values() if other.name != kind.name):
        raise ValueError(f"Two kinds share the first letter of {kind.name!r}.")
    _kinds[kind.name] = kind


def kind_named(name: str) -> Kind:
    """`KeyError` for a kind that nothing registers."""
    return _kinds[name]


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
