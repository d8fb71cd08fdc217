"""What an entry is found by beside its name: one line a thing, its first character saying what the line is.

The characters are no part of any word, so the index does not see them; the reader of a hit does.
"""

from enum import StrEnum


class Mark(StrEnum):
    OTHER_NAME = "="
    ACRONYM = "+"
    NATURE = "#"
    SPECIALITY = "*"
    PLACE = "@"
    STRUCTURE = ">"


def lines(keywords: str) -> list[tuple[Mark | None, str]]:
    """Each line with its mark; a line without one is of no known sort."""
    marks = {mark.value: mark for mark in Mark}
    found = []
    for line in keywords.splitlines():
        mark = marks.get(line[:1])
        found.append((mark, line[1:] if mark else line))
    return found
