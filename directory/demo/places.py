"""Names of places: landscapes and trees, never a person."""

from random import Random

from directory.demo.territory import OF_DEPARTMENT, of_town, typographic
from directory.demo.words import words
from directory.models import Commune

# The land of a whole department, which is rarely used; the others may stand anywhere in the region.
WIDE = {
    "09": "du pays de Foix",
    "11": "de la Montagne noire",
    "12": "du Rouergue",
    "30": "des Costières",
    "31": "de la Garonne",
    "32": "de la Gascogne",
    "34": "du Languedoc",
    "46": "du Quercy",
    "48": "du Gévaudan",
    "65": "de la Bigorre",
    "66": "du Roussillon",
    "81": "de l’Albigeois",
    "82": "du Bas-Quercy",
}
WORDS = words("places")
LANDS = ["de la {}", "de la {}", "du val de la {}", "des coteaux de la {}", "de la haute {}", "de la basse {}"]
QUARTERS = ("", " Nord", " Sud", " Est", " Ouest", " Centre")


class Places:
    """Draws names and addresses; no two establishments of one sort bear the same name."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.taken: set[str] = set()

    def name(self, label: str, naming: str, commune: Commune) -> str:
        """The first free name of a few, then one that says its town, then a rank."""
        makers = {"home": self.home, "land": self.land, "shop": self.shop, "site": self.site}
        if naming in makers:
            draws = [f"{label} {makers[naming](commune)}" for _ in range(4)]
        else:
            draws = [f"{label} {self.seat(naming, commune)}{quarter}" for quarter in QUARTERS]
        draws += [f"{label} {self.home(commune)}, {typographic(commune.name)}" for _ in range(3)]
        draws += [f"{draws[0]} {rank}" for rank in range(2, 99)]
        name = next(draw for draw in draws if draw not in self.taken)
        self.taken.add(name)
        return name

    def home(self, commune: Commune) -> str:
        base = self.word("homes")
        return f"{base} {self.word('of_homes')}" if self.random.random() < 0.45 else base

    def land(self, commune: Commune) -> str:
        if self.random.random() < 0.1:
            return WIDE[commune.department_id]
        return self.random.choice(LANDS).format(self.word("fields"))

    def shop(self, commune: Commune) -> str:
        return self.word("shops")

    def site(self, commune: Commune) -> str:
        return f"{WIDE[commune.department_id]}, site {self.home(commune)}"

    def seat(self, naming: str, commune: Commune) -> str:
        """« d’Espalion », or « de l’Aveyron »."""
        return OF_DEPARTMENT[commune.department_id] if naming == "department" else of_town(commune.name)

    def address(self) -> str:
        return f"{self.random.randint(1, 98)}, {self.word('ways')} {self.word('way_names')}"

    def word(self, kind: str) -> str:
        return self.random.choice(WORDS[kind])
