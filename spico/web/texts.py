"""What people type, whatever it is for."""

import unicodedata

# Letters and a sign for Unicode, and yet nothing is drawn: fillers of Hangul, and the braille cell without a dot.
BLANK = set("\u115f\u1160\u2800\u3164\uffa0")


def says_something(text: str) -> bool:
    """Whether at least one character is drawn: a zero-width space, or a mark alone, is no reason for anybody."""
    return any(unicodedata.category(letter)[0] in "LNPS" and letter not in BLANK for letter in text)
