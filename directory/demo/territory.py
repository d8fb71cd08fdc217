"""Real communes, drawn by their population, and how French says « of » each of them."""

from itertools import accumulate
from random import Random

from directory.models import Commune
from directory.reference import LISTS

OF_DEPARTMENT = {
    "09": "de l’Ariège",
    "11": "de l’Aude",
    "12": "de l’Aveyron",
    "30": "du Gard",
    "31": "de la Haute-Garonne",
    "32": "du Gers",
    "34": "de l’Hérault",
    "46": "du Lot",
    "48": "de la Lozère",
    "65": "des Hautes-Pyrénées",
    "66": "des Pyrénées-Orientales",
    "81": "du Tarn",
    "82": "du Tarn-et-Garonne",
}
PREFECTURES = {
    "09": "09122",
    "11": "11069",
    "12": "12202",
    "30": "30189",
    "31": "31555",
    "32": "32013",
    "34": "34172",
    "46": "46042",
    "48": "48095",
    "65": "65440",
    "66": "66136",
    "81": "81004",
    "82": "82121",
}
ARTICLES = {"Le ": "du ", "Les ": "des ", "La ": "de la ", "L'": "de l’"}
VOWELS = "AEÉÈIOUYHÂÊÎÔ"

Pool = tuple[list[Commune], list[float]]


def of_town(name: str) -> str:
    """« d’Espalion », « du Vigan », « de Rodez »."""
    for article, said in ARTICLES.items():
        if name.startswith(article):
            return said + typographic(name.removeprefix(article))
    return ("d’" if name[0] in VOWELS else "de ") + typographic(name)


def typographic(name: str) -> str:
    return name.replace("'", "’")


class Territory:
    """Draws communes: `spread` below 1 gives villages more than their share, `smallest` leaves out the hamlets."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.communes = [row for row in LISTS[Commune]() if isinstance(row, Commune)]
        self.by_code = {commune.insee_code: commune for commune in self.communes}
        self.pools: dict[tuple[float, int, str], Pool] = {}

    def draw(self, spread: float = 1.0, smallest: int = 0, department: str = "") -> Commune:
        communes, weights = self.pool(spread, smallest, department)
        return self.random.choices(communes, cum_weights=weights)[0]

    def pool(self, spread: float, smallest: int, department: str) -> Pool:
        key = (spread, smallest, department)
        if key not in self.pools:
            rows = [row for row in self.communes if self.is_in(row, smallest, department)]
            self.pools[key] = (rows, list(accumulate((row.population or 1) ** spread for row in rows)))
        return self.pools[key]

    def is_in(self, commune: Commune, smallest: int, department: str) -> bool:
        return (commune.population or 0) >= smallest and department in ("", commune.department_id)

    def prefecture(self, department: str) -> Commune:
        return self.by_code[PREFECTURES[department]]

    def postal_code(self, commune: Commune) -> str:
        """The first of its codes; Toulouse and Montpellier share theirs out."""
        if len(commune.postal_codes) > 1:
            return self.random.choice(commune.postal_codes)
        return commune.postal_codes[0]
