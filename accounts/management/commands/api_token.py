from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import User
from accounts.tokens import TokenRefused, create_token


class Command(BaseCommand):
    """For trying the API by hand and for tests: in production a token is made by its owner, from their own page."""

    help = "Crée un jeton d’API et n’écrit que lui sur la sortie. Refusé en production."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="l’identifiant de connexion à qui est le jeton")
        parser.add_argument("--name", help="le nom du jeton (par défaut : la date et l’heure)")
        parser.add_argument("--write", action="store_true", help="le jeton peut aussi écrire")

    def handle(self, *args: Any, **options: Any) -> str:
        if not settings.IS_DEMO_ALLOWED:
            raise CommandError("En production, un jeton se crée depuis la page « Mon compte » de son propriétaire.")
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"L’identifiant « {options['username']} » n’existe pas.")
        name = options["name"] or f"ligne de commande, {timezone.localtime():%d/%m/%Y %H:%M:%S.%f}"
        try:
            return create_token(user, name, options["write"])[1]
        except TokenRefused as refusal:
            raise CommandError(str(refusal)) from refusal
