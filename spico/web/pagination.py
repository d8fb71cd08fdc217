from typing import Any

from django.core.paginator import Page


def page_numbers(page: Page[Any]) -> list[int | None]:
    """The pages worth a link: the ends, and those around this one. None where some are left out."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return [number if isinstance(number, int) else None for number in numbers]
