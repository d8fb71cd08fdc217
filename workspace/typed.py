"""What people type, made safe to keep: no control character, no mark that turns the direction of the text around."""

import re
import unicodedata

from spico.web.texts import says_something

# Bidirectional embeddings, overrides, isolates and marks: « exe.fdp » can be made to look like « pdf.exe » with them.
TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Half a pair of UTF-16, as JSON can carry, is no character that can be stored.
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def several_lines(text: str) -> str:
    """Lines end with a line feed; tabulations stay. A text of which nothing is drawn is empty."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    kept = TURNING.sub("", CONTROLS.sub("", lines)).strip()
    return kept if says_something(kept) else ""


def one_line(text: str) -> str:
    """Spaces and line ends become one space each."""
    return re.sub(r"\s+", " ", several_lines(text))
