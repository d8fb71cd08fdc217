"""Splits one line of a delimited file. A line at a time: a stray quote costs its own line and no other."""

import csv


class LineUnreadable(Exception):
    """Why this line cannot be used, in French, without its full stop."""


def split_line(text: str, delimiter: str = ";") -> list[str]:
    """The fields of a line, quoted or not, inner quotes doubled; without runs of spaces, nor spaces around."""
    text = " ".join(text.split())
    if '"' in text:
        return [field.strip() for field in _unquoted(text, delimiter)]
    fields = text.split(delimiter)
    return [field.strip() for field in fields] if f" {delimiter}" in text or f"{delimiter} " in text else fields


def _unquoted(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        raise LineUnreadable("guillemets mal fermés") from None
