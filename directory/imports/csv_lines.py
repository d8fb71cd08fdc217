"""Splits one line of a delimited file. A line at a time: a stray quote costs its own line and no other."""

import csv
import re

# They turn the reading order round or part a word unseen: a name could pass for another, and no search finds it.
UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


class LineUnreadable(Exception):
    """Why this line cannot be used, in French, without its full stop."""


def split_line(text: str, delimiter: str = ";") -> list[str]:
    """The fields of a line, quoted or not, inner quotes doubled; without runs of spaces, nor spaces around."""
    if '"' not in text:
        return split_plain(text, delimiter)
    try:
        fields = next(csv.reader([tidy(text)], delimiter=delimiter, strict=True))
    except csv.Error:
        raise LineUnreadable("guillemets mal fermés") from None
    return [field.strip() for field in fields]


def split_plain(text: str, delimiter: str) -> list[str]:
    """The same for a format without quotes, where a quote is a letter like another."""
    text = tidy(text)
    fields = text.split(delimiter)
    return [field.strip() for field in fields] if f" {delimiter}" in text or f"{delimiter} " in text else fields


def tidy(text: str) -> str:
    """Without runs of spaces, nor letters that nobody sees."""
    return " ".join((text if text.isascii() else UNSEEN.sub("", text)).split())
