"""Splits one line of a delimited file. A line at a time: a stray quote costs its own line and no other."""

import csv


class LineUnreadable(Exception):
    """Why this line cannot be used, in French, without its full stop."""


def split_line(text: str, delimiter: str = ";") -> list[str]:
    """The fields of a line, quoted or not, inner quotes doubled; without runs of spaces, nor spaces around."""
    if '"' not in text:
        return split_plain(text, delimiter)
    try:
        fields = next(csv.reader([" ".join(text.split())], delimiter=delimiter, strict=True))
    except csv.Error:
        raise LineUnreadable("guillemets mal fermés") from None
    return [field.strip() for field in fields]


def split_plain(text: str, delimiter: str) -> list[str]:
    """The same for a format without quotes, where a quote is a letter like another."""
    text = " ".join(text.split())
    fields = text.split(delimiter)
    return [field.strip() for field in fields] if f" {delimiter}" in text or f"{delimiter} " in text else fields
