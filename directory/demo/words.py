import tomllib
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("words.toml")


@cache
def words(part: str) -> dict[str, list[str]]:
    """The lists of one part of `words.toml`."""
    part_of_file: dict[str, list[str]] = tomllib.loads(FILE.read_text(encoding="utf-8"))[part]
    return part_of_file
