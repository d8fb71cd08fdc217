"""Splits one line of a delimited file. A line at a time: a stray quote costs its own line and no other."""

import csv


class LineUnreadable(Exception):
    """Why this line cannot be used, in French, without its full stop."""


def split_line(text: str, delimiter: str = ";") -> list[str]:
    """The fields of a line, quoted or not, inner quotes doubled."""
    if '"' not in text:
        return text.split(delimiter)
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        raise LineUnreadable("guillemets mal fermés") from None
