from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory

from accounts.api import authentication
from accounts.models import ApiToken, User
from directory.models import Structure
from spico.web.api import ApiView
from tests.api.conftest import Token, check_problem
from tests.factories import StructureFactory

SOMEWHERE = "/api/v1/units/1/"


@pytest.fixture
def address(db: None) -> str:
    structure: Structure = StructureFactory()
    return f"/api/v1/structures/{structure.finess}/"


class Notebook(ApiView):
    """A view that writes, as later ones will."""

    http_method_names = ["get", "post"]

    def get(self, request: object) -> Response:
        return Response({})

    def post(self, request: object) -> Response:
        return Response({}, status=201)


def write(user: User | None = None, authorization: str = "", **options: bool) -> Response:
    headers = {"HTTP_AUTHORIZATION": authorization} if authorization else {}
    request = APIRequestFactory(**options).post("/api/v1/notebook/", {}, **headers)
    if user:
        request.user = user
    answer: Response = Notebook.as_view()(request)
    return answer


def test_nobody_reads_without_signing_in(bare: APIClient, address: str) -> None:
    response = bare.get(address)

    check_problem(response, 401, "authentication-required")
    assert response.headers["WWW-Authenticate"] == 'Token realm="SPICO"'


@pytest.mark.parametrize(
    "path",
    ["directory/", "units/1/", "units/1/people/", "professionals/1/", "structures/120000001/people/", "schema/",
     "problems/not-found/"],
)  # fmt: skip
def test_every_endpoint_asks_who_it_is(bare: APIClient, db: None, path: str) -> None:
    check_problem(bare.get(f"/api/v1/{path}"), 401, "authentication-required")


def test_the_documentation_sends_a_person_to_sign_in(client: Client) -> None:
    response = client.get("/api/v1/docs/")

    assert response.status_code == 302
    assert response.headers["Location"] == "/connexion/?next=/api/v1/docs/"


def test_a_session_reads(api: APIClient, address: str) -> None:
    assert api.get(address).status_code == 200


def test_a_token_reads(bare: APIClient, user: User, token_of: Token, address: str) -> None:
    assert bare.get(address, HTTP_AUTHORIZATION=token_of(user)).status_code == 200


def test_the_word_token_is_read_whatever_its_case(bare: APIClient, user: User, token_of: Token, address: str) -> None:
    authorization = token_of(user).replace("Token", "TOKEN")

    assert bare.get(address, HTTP_AUTHORIZATION=authorization).status_code == 200


def test_only_the_digest_of_a_token_is_kept(user: User, token_of: Token) -> None:
    secret = token_of(user).split()[1]
    kept = ApiToken.objects.values().get()

    assert secret not in str(kept)
    assert secret[:15] == kept["token_key"]


def test_a_token_lasts_ninety_days(bare: APIClient, user: User, token_of: Token, address: str) -> None:
    authorization = token_of(user)
    last = timezone.now() + timedelta(days=90)

    with time_machine.travel(last - timedelta(minutes=1)):
        assert bare.get(address, HTTP_AUTHORIZATION=authorization).status_code == 200
    with time_machine.travel(last + timedelta(minutes=1)):
        response = bare.get(address, HTTP_AUTHORIZATION=authorization)
    assert check_problem(response, 401, "authentication-required")["detail"] == authentication.EXPIRED


def test_reading_with_an_expired_token_deletes_nothing(
    bare: APIClient, user: User, token_of: Token, address: str
) -> None:
    token_of(user, expiry=timedelta(days=-2))

    bare.get(address, HTTP_AUTHORIZATION=token_of(user, expiry=timedelta(days=-1)))
    bare.get(address, HTTP_AUTHORIZATION=token_of(user))

    assert ApiToken.objects.filter(expiry__lt=timezone.now()).count() == 2


def test_a_token_is_found_in_one_query(
    user: User, token_of: Token, django_assert_num_queries: Callable[[int], object]
) -> None:
    secret = token_of(user).split()[1].encode()
    token_of(user)

    with django_assert_num_queries(1):
        found, _ = authentication.TokenAuthentication().authenticate_credentials(secret)
    assert found == user


def test_a_revoked_token_opens_nothing(bare: APIClient, user: User, token_of: Token, address: str) -> None:
    authorization = token_of(user)
    ApiToken.objects.all().delete()

    response = bare.get(address, HTTP_AUTHORIZATION=authorization)

    assert check_problem(response, 401, "authentication-required")["detail"] == authentication.UNKNOWN
    assert response.headers["WWW-Authenticate"] == 'Token realm="SPICO"'


def test_the_token_of_somebody_who_left_opens_nothing(
    bare: APIClient, user: User, token_of: Token, address: str
) -> None:
    authorization = token_of(user)
    User.objects.update(is_active=False)

    response = bare.get(address, HTTP_AUTHORIZATION=authorization)

    assert check_problem(response, 401, "authentication-required")["detail"] == authentication.INACTIVE


def test_the_session_of_somebody_who_left_opens_nothing(api: APIClient, address: str) -> None:
    User.objects.update(is_active=False)

    check_problem(api.get(address), 401, "authentication-required")


@pytest.mark.parametrize(
    "header",
    ["Token", "Token ", "Token a b", "Token a\tb", "Token é", "Token \xff\xfe", "Token a\x00b", "Token ''--", "token"],
)
def test_a_header_that_cannot_be_read_is_refused_in_words(bare: APIClient, db: None, header: str) -> None:
    response = bare.get(SOMEWHERE, HTTP_AUTHORIZATION=header)

    assert check_problem(response, 401, "authentication-required")["detail"] == authentication.MALFORMED


@pytest.mark.parametrize("token", ["0", "a" * 64, "f" * 5000])
def test_a_token_that_nobody_made_is_refused(bare: APIClient, db: None, token: str) -> None:
    response = bare.get(SOMEWHERE, HTTP_AUTHORIZATION=f"Token {token}")

    assert check_problem(response, 401, "authentication-required")["detail"] == authentication.UNKNOWN


@pytest.mark.parametrize("header", ["Bearer abc", "Basic YTpi", "", "Tokens abc"])
def test_another_scheme_is_nobody(bare: APIClient, db: None, header: str) -> None:
    check_problem(bare.get(SOMEWHERE, HTTP_AUTHORIZATION=header), 401, "authentication-required")


def test_a_bad_token_is_not_rescued_by_a_session(api: APIClient) -> None:
    response = api.get(SOMEWHERE, HTTP_AUTHORIZATION="Token 0")

    check_problem(response, 401, "authentication-required")


def test_a_token_opens_no_page(client: Client, user: User, token_of: Token) -> None:
    response = client.get("/annuaire/", HTTP_AUTHORIZATION=token_of(user))

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/connexion/")


def test_a_token_only_reads_unless_asked_to_write(user: User, token_of: Token) -> None:
    body = check_problem(write(authorization=token_of(user)), 403, "forbidden")

    assert body["detail"] == "Ce jeton ne permet que la lecture."


def test_a_token_that_may_write_writes(user: User, token_of: Token) -> None:
    assert write(authorization=token_of(user, may_write=True)).status_code == 201


def test_a_session_writes_with_its_csrf_token_alone(user: User) -> None:
    assert write(user).status_code == 201
    body = check_problem(write(user, enforce_csrf_checks=True), 403, "forbidden")
    assert body["detail"] == authentication.NO_CSRF


def test_a_read_only_token_is_told_so_before_the_method_is_refused(
    bare: APIClient, user: User, token_of: Token, address: str
) -> None:
    check_problem(bare.delete(address, HTTP_AUTHORIZATION=token_of(user)), 403, "forbidden")
    response = bare.delete(address, HTTP_AUTHORIZATION=token_of(user, may_write=True))
    check_problem(response, 405, "method-not-allowed")
