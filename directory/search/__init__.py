"""The one door to the search: `search` to find, `publish` and `withdraw` to be found.

A `SearchEntry` a thing, two GIN indexes, a dictionary of words that says which plan is the cheapest. The dictionary
only chooses the plan: a wrong estimate costs time, never an answer.
"""

from directory.search.dictionary import rebuild_dictionary
from directory.search.engine import search
from directory.search.folding import fold
from directory.search.keywords import Mark
from directory.search.publishing import publish, withdraw
from directory.search.query import COUNT_CAP, Query
from directory.search.results import Count, Hit, Match, Results, Tier, Way, WayOn

__all__ = [
    "COUNT_CAP",
    "Count",
    "Hit",
    "Mark",
    "Match",
    "Query",
    "Results",
    "Tier",
    "Way",
    "WayOn",
    "fold",
    "publish",
    "rebuild_dictionary",
    "search",
    "withdraw",
]
