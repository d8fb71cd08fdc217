from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError

from directory.demo import cast
from directory.demo.build import SCALE, SEED, build
from directory.demo.region import Region
from directory.demo.write import DemoRefusedError, present, recipe, write_once
from spico.web.typography import thousands


class Command(BaseCommand):
    help = "Crée une Occitanie fictive : structures, unités, professionnels et six identifiants de connexion."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-missing", action="store_true", help="ne fait rien si une région est déjà là")
        parser.add_argument("--logins", action="store_true", help="affiche seulement les identifiants de connexion")
        parser.add_argument("--seed", type=int, default=SEED, help="même graine, même région")
        parser.add_argument("--scale", type=a_scale, default=SCALE, help="0.01 : une région cent fois plus petite")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.IS_DEMO_ALLOWED:
            raise CommandError("La région de démonstration est refusée ici : elle n’a pas sa place en production.")
        if options["logins"]:
            self.stdout.write(logins())
            return
        try:
            self.make(options["seed"], options["scale"], options["if_missing"])
        except DemoRefusedError as error:
            raise CommandError(str(error)) from error
        except ProgrammingError as error:
            raise CommandError("La base n’est pas prête : lancez d’abord « manage.py migrate ».") from error

    def make(self, seed: int, scale: float, is_if_missing: bool) -> None:
        if is_if_missing and present():
            return
        region = write_once(lambda: build(seed, scale), recipe(seed, scale))
        self.stdout.write(summary(region) if region else "La région de démonstration est déjà là : rien n’a changé.")


def a_scale(text: str) -> float:
    """Above nothing and up to the whole region."""
    try:
        scale = float(text)
    except ValueError:
        scale = 0.0
    if not 0 < scale <= 1:
        raise ArgumentTypeError(f"« {text} » n’est pas une échelle : un nombre au-dessus de 0, et 1 au plus.")
    return scale


def summary(region: Region) -> str:
    counts = {
        "structures": len(region.structures),
        "unités": len(region.units),
        "professionnels": len(region.professionals),
        "rattachements": len(region.attachments),
        "offres": len(region.offers),
    }
    said = ", ".join(f"{thousands(count)} {name}" for name, count in counts.items())
    return f"Région de démonstration : {said}."


def logins() -> str:
    width = max(len(name) for name in cast.ROLES)
    lines = [f"  {name.ljust(width)}  {role}" for name, role in cast.ROLES.items()]
    return "\n".join(["Identifiants de démonstration :", *lines, f"Mot de passe de chacun : {cast.PASSWORD}"])
