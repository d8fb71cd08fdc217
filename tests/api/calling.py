"""Who calls the API, and a day to come."""

from rest_framework.test import APIClient

from accounts.models import User

SPRING = "2099-03-31"


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_login(user)
    return client
