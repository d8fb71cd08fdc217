"""A list pasted or in a file: every line is shown with its errors and nothing is written, then the good ones are."""

import re
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.http import HttpResponse
from django.test.client import MULTIPART_CONTENT
from django.utils import timezone
from django.utils.html import strip_tags
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import JournalEntry, User
from accounts.states import AccountState
from delegations.admin import listing
from delegations.dates import end_of
from delegations.errors import Refused
from delegations.models import Delegation, GrantProposal, Origin
from delegations.registration import LONGEST_CELL, MOST_BYTES, MOST_LINES, decode, preview, read
from delegations.scopes import Scope
from delegations.services import end_referent
from tests.delegations.centre import LIST, WRITE, Cast, as_user, counts, listed, make_cast, told
from tests.factories import (
    DelegationFactory,
    InternalOrganisationFactory,
    ProfessionalFactory,
    ReferentFactory,
    StructureFactory,
)

HEAD = "RPPS ; FINESS ; Périmètre ; Jusqu’au ; Référent"


@pytest.fixture(scope="module")
def made_cast(shared: DjangoDbBlocker) -> Cast:
    with shared.unblock():
        return make_cast()


def line(cast: Cast, **changes: Any) -> str:
    holder = changes.get("holder", cast.holder.professional.rpps)
    account = changes.get("account", cast.referent.structure.finess)
    word_of = changes.get("word_of", cast.referent.account.professional.rpps)
    return f"{holder};{account};{changes.get('scope', 'dossier')};{changes.get('until', '')};{word_of}"


def sheet(*lines: str) -> str:
    return "\n".join([HEAD, *lines])


def paste(cast: Cast, text: str, origin: str = "registration") -> HttpResponse:
    response: HttpResponse = cast.client.post(LIST, {"text": text, "origin": origin})
    return response


def body(response: HttpResponse) -> str:
    """Its words, hidden fields aside, whatever space stands between them."""
    return " ".join(unescape(strip_tags(response.content.decode())).split())


def signed(response: HttpResponse) -> str:
    found = re.search(r'name="liste" value="([^"]+)"', response.content.decode())
    assert found
    return unescape(found[1])


def faults(cast: Cast, *lines: str, operator: User | None = None) -> list[list[str]]:
    read_lines = preview(operator or cast.operator, read(sheet(*lines)), Origin.REGISTRATION, timezone.now())
    return [[fault.reason.replace("\N{NO-BREAK SPACE}", " ") for fault in read_line.faults] for read_line in read_lines]


# --- From the page ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_list_is_shown_then_its_good_lines_are_written(cast: Cast) -> None:
    other = ProfessionalFactory(signed_in=True)
    day = timezone.localdate() + timedelta(days=90)
    text = sheet(
        line(cast, until=f"{day:%d/%m/%Y}"),
        line(cast, holder=other.rpps, scope="Total"),
        line(cast, holder="12345678901"),
    )
    before = counts()
    response = paste(cast, text)
    page = body(response)
    assert response.status_code == 200
    assert "2 lignes bonnes, dont 1 à confirmer par une seconde personne ; 1 ligne en erreur" in page
    assert "Délégataire « 12345678901 » : Aucune personne n’a ce numéro RPPS" in page
    assert counts() == before
    done = body(cast.client.post(WRITE, {"liste": signed(response)}))
    assert "1 délégation accordée, 1 à confirmer par une seconde personne, 0 refusée" in done
    row = Delegation.objects.get()
    assert (row.holder, row.scope, row.origin, row.period.upper) == (
        cast.holder,
        Scope.DOSSIER,
        Origin.REGISTRATION,
        end_of(day),
    )
    assert GrantProposal.objects.get().holder == other.account
    journal = JournalEntry.objects.filter(verb__in=["delegation.granted", "proposal.made"])
    assert set(journal.values_list("actor", "ground")) == {(cast.operator.pk, "service_centre")}
    assert journal.count() == 2
    assert told(cast.holder.user) and told(cast.second)


@pytest.mark.django_db
def test_written_twice_changes_nothing(cast: Cast) -> None:
    content = {"liste": signed(paste(cast, sheet(line(cast))))}
    cast.client.post(WRITE, content)
    before = counts()
    done = body(cast.client.post(WRITE, content))
    assert "0 délégation accordée" in done and "a déjà cette délégation" in done
    assert counts() == before


@pytest.mark.django_db
def test_a_line_that_went_wrong_meanwhile_stops_no_other(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = ReferentFactory()
    lines = [line(cast, account=alone.structure.finess, word_of=alone.account.professional.rpps), line(cast)]
    content = {"liste": signed(paste(cast, sheet(*lines)))}
    end_referent(cast.second, alone, "Départ.", timezone.now())
    done = body(cast.client.post(WRITE, content))
    assert "1 délégation accordée, 0 à confirmer par une seconde personne, 1 refusée" in done
    assert "n’est pas référent de cette structure" in done

    def collide(*_: object) -> None:
        raise IntegrityError

    monkeypatch.setattr(listing, "grant_by_service_centre", collide)
    assert "Un autre acte était en cours" in body(cast.client.post(WRITE, content))


@pytest.mark.django_db
def test_what_is_written_is_what_was_shown_to_this_operator(cast: Cast) -> None:
    content = signed(paste(cast, sheet(line(cast))))
    before = counts()
    changed = content[:-1] + ("A" if content[-1] != "A" else "B")
    for wrong in (changed, "", "a:b:c", "\0"):
        response = cast.client.post(WRITE, {"liste": wrong})
        assert response.status_code == 400 and "L’aperçu ne se lit plus" in body(response)
    assert as_user(cast.second).post(WRITE, {"liste": content}).status_code == 400
    assert cast.client.get(WRITE, {"liste": content}).headers["Location"] == LIST
    assert counts() == before


@pytest.mark.django_db
def test_nobody_serves_themselves_by_a_list(cast: Cast) -> None:
    own = cast.operator.account.professional.rpps
    before = counts()
    response = paste(cast, sheet(line(cast, holder=own)))
    assert "Personne ne se donne une délégation" in body(response)
    assert 'name="liste"' not in response.content.decode()
    # Shown to a colleague for whom it is good, it still binds nobody else; and its own writing checks again.
    shown = signed(as_user(cast.second).post(LIST, {"text": sheet(line(cast, holder=own)), "origin": "registration"}))
    assert cast.client.post(WRITE, {"liste": shown}).status_code == 400
    assert counts() == before


@pytest.mark.django_db
def test_a_sign_in_linked_meanwhile_gives_nothing(cast: Cast) -> None:
    """The person in the list became the operator between the preview and the writing."""
    newcomer = ProfessionalFactory()
    operator = User.objects.get(pk=cast.operator.pk)
    content = signed(paste(cast, sheet(line(cast, holder=newcomer.rpps))))
    type(operator.account).objects.filter(pk=operator.account.pk).update(user=None)
    type(operator.account).objects.filter(pk=newcomer.account.pk).update(user=operator)
    before = counts()
    assert "Personne ne se donne une délégation" in body(cast.client.post(WRITE, {"liste": content}))
    assert counts() == before


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_a_file_is_read_as_spreadsheets_write_it(cast: Cast, encoding: str, separator: str) -> None:
    text = sheet(line(cast)).replace(";", separator).replace("\n", "\r\n")
    file = SimpleUploadedFile("liste.csv", text.encode(encoding), "text/csv")
    response = cast.client.post(LIST, {"file": file, "origin": "service_centre"})
    assert "1 ligne bonne" in body(response)
    cast.client.post(WRITE, {"liste": signed(response)})
    assert Delegation.objects.get().origin == Origin.SERVICE_CENTRE


FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "Il manque : délégataire, compte, périmètre, référent"),
    "a head alone": (HEAD.encode(), "La liste est vide"),
    "without a head": (b"99900000001;120000001;total;;99900000002", "La première ligne doit nommer les colonnes"),
    "NUL": (HEAD.encode() + b"\n\0;\0;\0;\0;\0", "Ce n’est pas un fichier CSV"),
    "a spreadsheet": (b"PK\x03\x04\x14\x00\x06\x00\x81\x8d", "Ce n’est pas un fichier CSV"),
    "UTF-16": (sheet("a;b;c;d;e").encode("utf-16"), "Ce n’est pas un fichier CSV"),
    "too heavy": (b"a" * (MOST_BYTES + 1), "La liste dépasse 1 Mo"),
    "too long": (sheet(*["a;b;c;d;e"] * (MOST_LINES + 1)).encode(), "La liste dépasse 500 lignes"),
    "quotes that never close": ((HEAD + '\n"99900000001;b;c;d;e\nf;g').encode(), "Ligne 2 : cette ligne ne se lit pas"),
    "a huge cell": ((HEAD + "\n" + "x" * 200_000 + ";b;c;d;e").encode(), "Ligne 2 : cette ligne ne se lit pas"),
    "a column twice": (b"RPPS;FINESS;perimetre;referent;finess\na;b;c;d;e", "La colonne « compte » est là deux fois"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("what", FILES)
def test_a_file_that_cannot_be_read_is_refused_whole(cast: Cast, what: str) -> None:
    content, sentence = FILES[what]
    before = counts()
    response = cast.client.post(LIST, {"file": SimpleUploadedFile("x.csv", content), "origin": "registration"})
    assert response.status_code == 400 and sentence in body(response)
    assert counts() == before


@pytest.mark.django_db
def test_what_was_pasted_stays_when_it_is_refused(cast: Cast) -> None:
    response = paste(cast, "du texte sans en-tête\net une ligne")
    assert response.status_code == 400 and "du texte sans en-tête\net une ligne" in response.content.decode()
    assert "Collez une liste" in body(paste(cast, "  "))
    wrong = paste(cast, sheet(line(cast)), origin="resource_team")
    assert wrong.status_code == 400 and "Cette origine n’existe pas" in body(wrong)
    both = {"text": sheet(line(cast)), "file": SimpleUploadedFile("x.csv", b"a"), "origin": "registration"}
    response = cast.client.post(LIST, both)
    assert response.status_code == 400 and "gardez l’une des deux" in body(response)


@pytest.mark.django_db
def test_the_heaviest_list_comes_back_to_be_corrected(cast: Cast) -> None:
    """Written in an address's way, each « ; » and each accent would take three times its room, more than a form may."""
    text = sheet(line(cast) + f";{'é' * 60_000}" * 8).replace(HEAD, HEAD + ";Remarques" * 8)
    assert 0.9 < len(text.encode()) / MOST_BYTES < 1
    shown = paste(cast, text).content.decode()
    form = shown[shown.rindex("<form") :]
    words = {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}
    assert words["text"] == text
    kind = MULTIPART_CONTENT if 'enctype="multipart/form-data"' in form else "application/x-www-form-urlencoded"
    sent = words if kind == MULTIPART_CONTENT else urlencode(words)
    again = cast.client.post(LIST, sent, content_type=kind)
    assert again.status_code == 200 and text in unescape(again.content.decode())


@pytest.mark.django_db
def test_hostile_cells_are_shown_as_text(cast: Cast) -> None:
    page = paste(cast, sheet("=HYPERLINK(1);<script>alert(1)</script>;@SUM;+1;-1")).content.decode()
    assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page
    assert "=HYPERLINK(1)" in page and 'name="liste"' not in page


# --- Line by line -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_each_fault_of_a_line_is_told(cast: Cast) -> None:
    found = faults(cast, "x;y;z;hier;w", ";;;;", line(cast, until="31/02/2030"), line(cast, until="01/01/2300"))
    assert [len(reasons) for reasons in found] == [5, 1, 1]
    assert "Ce périmètre n’existe pas" in found[0][2]
    assert found[1] == found[2] == ["Écrivez une date, comme 31/03/2027, ou rien."]


@pytest.mark.django_db
def test_a_blank_line_is_nothing_but_an_empty_cell_is_a_fault(cast: Cast) -> None:
    lines = preview(cast.operator, read(sheet("", " ; ;;;", line(cast, scope=""))), Origin.REGISTRATION, timezone.now())
    assert [(found.row.number, [fault.reason for fault in found.faults]) for found in lines] == [
        (4, ["Cette case est vide."])
    ]


@pytest.mark.django_db
def test_the_number_of_a_line_is_the_one_of_the_text(cast: Cast) -> None:
    rows = read(f'{HEAD}\n"a\nb";c;d;e;f\n\n{line(cast)}').rows
    assert [row.number for row in rows] == [2, 5]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("scopes", "reason"),
    [
        (("dossier", "Dossier"), "La ligne 2 le demande déjà."),
        (("dossier", "discussions"), "Avec la ligne 2, cela fait un total"),
        (("total", "discussions"), "La ligne 2 concerne déjà cette personne et ce compte"),
    ],
)
def test_two_lines_for_the_same_pair(cast: Cast, scopes: tuple[str, str], reason: str) -> None:
    first, second = faults(cast, *(line(cast, scope=scope) for scope in scopes))
    assert not first
    assert len(second) == 1 and reason in second[0]


@pytest.mark.django_db
def test_a_part_that_makes_a_whole_with_what_is_held_takes_two(cast: Cast) -> None:
    DelegationFactory(holder=cast.holder, account=cast.account, partial=True)
    found = preview(cast.operator, read(sheet(line(cast))), Origin.REGISTRATION, timezone.now())
    assert [read_line.takes_two for read_line in found] == [True]
    cast.client.post(WRITE, {"liste": signed(paste(cast, sheet(line(cast))))})
    assert GrantProposal.objects.get().scope == Scope.DOSSIER
    assert "attend déjà d’être confirmée" in faults(cast, line(cast))[0][0]


@pytest.mark.django_db
def test_an_account_is_known_by_several_numbers(cast: Cast) -> None:
    structure = cast.referent.structure
    unit = InternalOrganisationFactory(structure=structure, account__state=AccountState.OPEN)
    owner = ProfessionalFactory(signed_in=True)
    number = structure.finess.lower()
    good = [
        line(cast, account=f"{number[:2]} {number[2:5]} {number[5:]}"),
        line(cast, account=unit.ror_id),
        line(cast, account=owner.rpps, word_of=owner.rpps),
    ]
    assert faults(cast, *good) == [[], [], []]
    by_id = line(cast, holder=cast.holder.pk, account=cast.account.pk, word_of=cast.referent.account.pk)
    assert faults(cast, by_id) == [[]]


@pytest.mark.django_db
def test_the_service_says_what_does_not_suit(cast: Cast) -> None:
    closed = StructureFactory(closed=True)
    referent = cast.referent.account.professional.rpps
    found = faults(
        cast,
        line(cast, holder=referent),
        line(cast, word_of=ProfessionalFactory().rpps),
        line(cast, account=closed.finess),
        line(cast, holder=cast.operator.account.professional.rpps),
        line(cast, holder=ProfessionalFactory().rpps, until="01/01/2020"),
    )
    sentences = [
        "ne peut pas parler pour lui-même",
        "n’est pas référent de cette structure",
        "est fermé",
        "Personne ne se donne une délégation",
        "La fin doit venir après",
    ]
    assert all(len(reasons) == 1 and said in reasons[0] for reasons, said in zip(found, sentences, strict=True)), found


@pytest.mark.django_db
def test_what_is_held_is_neither_granted_twice_nor_shortened(cast: Cast) -> None:
    DelegationFactory(holder=cast.holder, account=cast.account, dossier=True)
    assert "a déjà cette délégation" in faults(cast, line(cast))[0][0]
    assert "ne peut pas finir avant" in faults(cast, line(cast, scope="discussions", until="31/12/2098"))[0][0]


def test_people_named_by_their_number_are_mistaken_for_nobody(cast: Cast) -> None:
    ProfessionalFactory(given_name="Noe", family_name="Peyrouton")
    listed()
    cast.client.post(WRITE, {"liste": signed(paste(cast, sheet(line(cast))))})
    assert Delegation.objects.filter(holder=cast.holder, account=cast.account).exists()


def test_columns_in_any_order_and_those_that_are_not_read() -> None:
    found = read("Nom,Référent,Périmètre,Compte,Délégataire\nx,r,total,c,d\ny,r,total,c,d,trop")
    assert found.ignored == ["Nom"]
    assert found.rows[0].cells == {"word_of": "r", "scope": "total", "account": "c", "holder": "d"}
    assert found.rows[1].fault == "La ligne a plus de cases que l’en-tête."


def test_a_long_cell_is_cut_and_told() -> None:
    row = read(sheet("é" * (LONGEST_CELL + 1) + ";b;c;d;e")).rows[0]
    assert len(row.cells["holder"]) == LONGEST_CELL and "dépasse" in row.fault


def test_a_short_line_has_empty_cells() -> None:
    assert read(sheet("a;b")).rows[0].cells == {"holder": "a", "account": "b", "scope": "", "until": "", "word_of": ""}


def test_five_hundred_lines_are_read_and_no_more() -> None:
    assert len(read(sheet(*["a;b;c;d;e"] * MOST_LINES)).rows) == MOST_LINES
    with pytest.raises(Refused, match="500"):
        read(sheet(*["a;b;c;d;e"] * (MOST_LINES + 1)))


@pytest.mark.parametrize("text", ["a\0b", "é" * (MOST_BYTES // 2 + 1)])
def test_a_pasted_text_has_the_limits_of_a_file(text: str) -> None:
    with pytest.raises(Refused):
        read(text)


@pytest.mark.django_db
def test_a_line_that_is_too_wide_is_told_by_its_own_row(cast: Cast) -> None:
    found = faults(cast, line(cast) + ";trop", line(cast, word_of="x" * (LONGEST_CELL + 1)), line(cast))
    assert found == [["La ligne a plus de cases que l’en-tête."], ["Une case dépasse 100 caractères."], []]


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(Refused, match=r"1\sMo"):
        decode(b"a" * (MOST_BYTES + 1))
    with pytest.raises(Refused, match="CSV UTF-8"):
        decode(b"\x81\x8d\x8f")
