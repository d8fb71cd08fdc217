from typing import Any

from django.core.management.base import BaseCommand

from directory.reference import load_reference


class Command(BaseCommand):
    help = "Charge les listes de référence (départements, communes, catégories, professions, types d’organisation)."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, count in load_reference().items():
            self.stdout.write(f"{name} : {count}")
