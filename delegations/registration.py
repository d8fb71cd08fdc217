"""A list of delegations to grant, pasted or in a CSV file, read line by line. Nothing here writes: what a line asks
is told, with what does not suit, by the very check of the service that will grant it."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from accounts.models import Account, User
from delegations.dates import LAST_YEAR, end_of, last_day
from delegations.errors import Refused
from delegations.models import Origin
from delegations.scopes import Scope, union
from delegations.services.common import UNKNOWN_SCOPE
from delegations.services.service_centre import Word, check_not_proposed, check_word, needs_two
from directory.models import InternalOrganisation, Professional, Structure
from directory.search import fold

MOST_LINES = 500
MOST_BYTES = 1_000_000
LONGEST_CELL = 100
SEPARATORS = ";\t,"
COLUMNS = {
    "holder": "délégataire",
    "account": "compte",
    "scope": "périmètre",
    "until": "jusqu’au",
    "word_of": "référent",
}
OPTIONAL = {"until"}
# The heads of columns, folded: those of the model first, then what people write.
HEADS = {
    "holder": {"delegataire", "rpps", "numero rpps", "rpps delegataire", "personne", "rpps du delegataire"},
    "account": {"compte", "finess", "numero finess", "structure", "unite", "compte delegue"},
    "scope": {"perimetre"},
    "until": {"jusqu au", "jusquau", "fin", "date de fin"},
    "word_of": {"referent", "rpps referent", "rpps du referent", "sur la parole de", "parole de"},
}
DAYS = [
    (re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})"), (3, 2, 1)),
    (re.compile(r"(\d{4})-(\d\d)-(\d\d)"), (1, 2, 3)),
]
SCOPES = {fold(name): scope for scope in Scope for name in (scope.value, scope.label)}
NOT_TEXT = (
    "Ce n’est pas un fichier CSV. Dans le tableur, choisissez «\N{NO-BREAK SPACE}Enregistrer sous\N{NO-BREAK SPACE}», "
    "puis «\N{NO-BREAK SPACE}CSV UTF-8\N{NO-BREAK SPACE}»."
)
TOO_HEAVY = "La liste dépasse 1\N{NO-BREAK SPACE}Mo\N{NO-BREAK SPACE}: partagez-la en plusieurs."


@dataclass(frozen=True)
class Row:
    """One line as it was written. `number`: where it begins in the text, the head being line 1."""

    number: int
    cells: dict[str, str]
    fault: str = ""


@dataclass(frozen=True)
class Sheet:
    """`ignored`: the heads of the columns that are not read."""

    rows: list[Row]
    ignored: list[str]


@dataclass(frozen=True)
class Fault:
    column: str
    value: str
    reason: str


@dataclass
class Line:
    """What a line asks: a word to grant, or why not. `takes_two`: a second operator would have to confirm."""

    row: Row
    holder: Account | None = None
    account: Account | None = None
    word: Word | None = None
    takes_two: bool = False
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return self.word is not None and not self.faults

    @property
    def until_cell(self) -> str:
        return self.row.cells.get("until", "")

    @property
    def last_day(self) -> date | None:
        return last_day(self.word.until) if self.word and self.word.until else None

    def refuse(self, column: str, reason: str) -> None:
        self.faults.append(Fault(COLUMNS.get(column, ""), self.row.cells.get(column, ""), reason))


# --- From bytes to rows -----------------------------------------------------------------------------------------------


def decode(content: bytes) -> str:
    """UTF-8, with or without its mark, or the Windows-1252 of older spreadsheets."""
    if len(content) > MOST_BYTES:
        raise Refused(TOO_HEAVY, field="file")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Refused(NOT_TEXT, field="file")


def read(text: str) -> Sheet:
    """The rows of a list with a head; `Refused` when it cannot be read at all."""
    if len(text.encode(errors="replace")) > MOST_BYTES:
        raise Refused(TOO_HEAVY, field="text")
    if "\0" in text:
        raise Refused(NOT_TEXT, field="text")
    lines = _cut(text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}"))
    _, head = next(lines, (0, []))
    places, ignored = _places(head)
    rows = [_row(number, cells, places, len(head)) for number, cells in lines]
    if not rows:
        raise Refused("La liste est vide\N{NO-BREAK SPACE}: il faut une ligne par délégation, sous l’en-tête.")
    return Sheet(rows, ignored)


def _cut(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each line that is not blank, with its number in the text. Quotes must close."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(SEPARATORS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number, count = 1, 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                count += 1
                if count > MOST_LINES + 1:
                    raise Refused(f"La liste dépasse {MOST_LINES} lignes\N{NO-BREAK SPACE}: partagez-la en plusieurs.")
                yield number, [cell.strip() for cell in cells]
            number = reader.line_num + 1
    except csv.Error as error:
        raise Refused(
            f"Ligne {number}\N{NO-BREAK SPACE}: cette ligne ne se lit pas. Des guillemets y sont ouverts sans être "
            "fermés, ou une case est démesurée."
        ) from error


def _places(head: list[str]) -> tuple[dict[str, int], list[str]]:
    """Where each column stands, and the heads that mean nothing here."""
    places: dict[str, int] = {}
    ignored = []
    for place, name in enumerate(head):
        column = next((column for column, names in HEADS.items() if fold(name) in names), None)
        if column is None:
            ignored.append(name[:LONGEST_CELL])
        elif column in places:
            raise Refused(f"La colonne «\N{NO-BREAK SPACE}{COLUMNS[column]}\N{NO-BREAK SPACE}» est là deux fois.")
        else:
            places[column] = place
    missing = [COLUMNS[column] for column in COLUMNS if column not in places and column not in OPTIONAL]
    if missing:
        raise Refused(f"La première ligne doit nommer les colonnes. Il manque\N{NO-BREAK SPACE}: {', '.join(missing)}.")
    return places, [name for name in ignored if name]


def _row(number: int, cells: list[str], places: dict[str, int], width: int) -> Row:
    read_cells = {column: cells[place] if place < len(cells) else "" for column, place in places.items()}
    shown = {column: cell[:LONGEST_CELL] for column, cell in read_cells.items()}
    if any(cells[width:]):
        return Row(number, shown, "La ligne a plus de cases que l’en-tête.")
    if any(len(cell) > LONGEST_CELL for cell in cells):
        return Row(number, shown, f"Une case dépasse {LONGEST_CELL} caractères.")
    return Row(number, shown)


# --- From rows to what they ask ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Book:
    """The accounts that a sheet speaks of, found at once whatever its length: by number, then by identifier."""

    by_rpps: dict[str, Account]
    by_finess: dict[str, Account]
    by_unit: dict[str, Account]
    by_id: dict[UUID, Account]

    @classmethod
    def of(cls, rows: Iterable[Row]) -> "Book":
        cells = {cell for row in rows for cell in row.cells.values() if cell}
        numbers = {_number(cell) for cell in cells}
        ids = {found for cell in cells if (found := _uuid(cell))}
        people = Professional.objects.filter(rpps__in=numbers).select_related("account")
        structures = Structure.objects.filter(finess__in=numbers).select_related("account")
        units = InternalOrganisation.objects.filter(ror_id__in=cells).select_related("account")
        return cls(
            {str(person.rpps): person.account for person in people},
            {structure.finess: structure.account for structure in structures},
            {str(unit.ror_id): unit.account for unit in units},
            Account.objects.in_bulk(ids),
        )

    def person(self, cell: str) -> Account | None:
        return self.by_rpps.get(_number(cell)) or self._known(cell)

    def account(self, cell: str) -> Account | None:
        return self.by_finess.get(_number(cell)) or self.by_unit.get(cell) or self.person(cell)

    def _known(self, cell: str) -> Account | None:
        found = _uuid(cell)
        return self.by_id.get(found) if found else None


def _number(cell: str) -> str:
    return re.sub(r"\s", "", cell).upper()


def _uuid(cell: str) -> UUID | None:
    try:
        return UUID(cell)
    except ValueError:
        return None


def preview(operator: User, sheet: Sheet, origin: Origin, at: datetime) -> list[Line]:
    """Every line with its faults, checked as the service will. Writes nothing."""
    book = Book.of(sheet.rows)
    lines = [_line(row, book, origin) for row in sheet.rows]
    _refuse_twice(lines)
    for line in lines:
        if line.word and not line.faults:
            _check(operator, line, line.word, at)
    return lines


def _line(row: Row, book: Book, origin: Origin) -> Line:
    line = Line(row)
    if row.fault:
        line.refuse("", row.fault)
        return line
    line.holder = _find(
        line, "holder", book.person, "Aucune personne n’a ce numéro RPPS, ni cet identifiant de compte."
    )
    line.account = _find(
        line, "account", book.account, "Aucun compte n’a ce numéro FINESS ou RPPS, ni cet identifiant."
    )
    scope = _scope(line)
    until = _until(line)
    word_of = _find(line, "word_of", book.person, "Aucune personne n’a ce numéro RPPS, ni cet identifiant de compte.")
    if line.holder and line.account and word_of and scope and not line.faults:
        # Named by a number, that no other person has.
        line.word = Word(line.holder, line.account, scope, until, origin, word_of, person=line.holder.pk)
    return line


def _find(line: Line, column: str, find: Callable[[str], Account | None], none: str) -> Account | None:
    cell = line.row.cells[column]
    found = find(cell) if cell else None
    if found is None:
        line.refuse(column, none if cell else "Cette case est vide.")
    return found


def _scope(line: Line) -> Scope | None:
    cell = line.row.cells["scope"]
    scope = SCOPES.get(fold(cell))
    if scope is None:
        line.refuse("scope", UNKNOWN_SCOPE if cell else "Cette case est vide.")
    return scope


def _until(line: Line) -> datetime | None:
    cell = line.row.cells.get("until", "")
    day = read_day(cell) if cell else None
    if cell and (day is None or day.year > LAST_YEAR):
        line.refuse("until", "Écrivez une date, comme 31/03/2027, ou rien.")
        return None
    return end_of(day) if day else None


def read_day(text: str) -> date | None:
    for pattern, (year, month, day) in DAYS:
        if found := pattern.fullmatch(text):
            try:
                return date(int(found[year]), int(found[month]), int(found[day]))
            except ValueError:
                return None
    return None


def _refuse_twice(lines: list[Line]) -> None:
    """Two lines for the same person and account: one of them is enough, and two parts are a whole."""
    first: dict[tuple[UUID, UUID], Line] = {}
    for line in lines:
        if line.word is None:
            continue
        before = first.setdefault((line.word.holder.pk, line.word.account.pk), line)
        if before is line or before.word is None:
            continue
        number = before.row.number
        if line.word.scope == before.word.scope:
            line.refuse("", f"La ligne {number} le demande déjà.")
        elif union(line.word.scope, before.word.scope) == Scope.TOTAL and Scope.TOTAL not in (
            line.word.scope,
            before.word.scope,
        ):
            line.refuse(
                "scope",
                f"Avec la ligne {number}, cela fait un total\N{NO-BREAK SPACE}: écrivez une seule ligne "
                "«\N{NO-BREAK SPACE}total\N{NO-BREAK SPACE}», qu’une seconde personne confirmera.",
            )
        else:
            line.refuse(
                "", f"La ligne {number} concerne déjà cette personne et ce compte\N{NO-BREAK SPACE}: gardez-en une."
            )


def _check(operator: User, line: Line, word: Word, at: datetime) -> None:
    try:
        check_word(operator, word, at)
        line.takes_two = needs_two(word, at)
        if line.takes_two:
            check_not_proposed(word)
    except Refused as refused:
        line.refuse(refused.field, refused.sentence)
