import pytest

from spico.web.texts import says_something


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \t\n",
        "\0",
        "\u00a0",
        "\u200b",
        "\u2060",
        "\u202e",
        "\u2028\u2029",
        "\ufeff",
        "\u0301",
        "\ufe0f",
        "\u3164",
        "\ud83d",
    ],
    ids=ascii,
)
def test_what_is_not_drawn_says_nothing(text: str) -> None:
    assert not says_something(text)


@pytest.mark.parametrize("text", ["a", "\u200bDépart.", "7", "?", "🙂", "\u202eאבג", "\u2060…"], ids=ascii)
def test_one_character_that_is_drawn_says_something(text: str) -> None:
    assert says_something(text)
