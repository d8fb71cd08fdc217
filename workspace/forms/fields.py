"""Days and hours with the browser's own pickers, and as people write them where there is none."""

import re
from datetime import date, time
from typing import Any

from django import forms

from delegations.forms import WRITTEN
from workspace.typed import one_line, several_lines

CLOCK = re.compile(r"\s*(\d{1,2})\s*(?:[h:.]\s*(\d{2})?)?\s*", re.IGNORECASE)
PICKED_DAY, PICKED_CLOCK = re.compile(r"\d{4}-\d{2}-\d{2}"), re.compile(r"\d{2}:\d{2}")


def too_long(longest: int) -> str:
    return f"Raccourcissez ce texte\N{NO-BREAK SPACE}: {longest} caractères au plus."


class LineField(forms.CharField):
    """One line. What may not be kept is taken out before anything is asked of it."""

    def __init__(self, longest: int, *, missing: str = "", **kwargs: Any) -> None:
        messages = {"max_length": too_long(longest), "required": missing}
        super().__init__(max_length=longest, required=bool(missing), error_messages=messages, **kwargs)

    def to_python(self, value: Any) -> str:
        return one_line(super().to_python(value) or "")

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "autocomplete": "off"}


class LinesField(LineField):
    """Several lines; line ends count as one character, here and in the browser."""

    def __init__(self, longest: int, **kwargs: Any) -> None:
        super().__init__(longest, widget=forms.Textarea(attrs={"rows": 4}), **kwargs)

    def to_python(self, value: Any) -> str:
        return several_lines(forms.CharField.to_python(self, value) or "")


class Picker(forms.TextInput):
    """A picker shows nothing of what it cannot read: then it is a plain field, and what was typed stays there."""

    picked = PICKED_DAY
    input_type = "date"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        text = context["widget"]["value"]
        if text and not self.picked.fullmatch(text):
            context["widget"]["type"] = "text"
        return context


class ClockPicker(Picker):
    picked = PICKED_CLOCK
    input_type = "time"


class DayField(forms.DateField):
    widget = Picker

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            input_formats=WRITTEN,
            error_messages={
                "invalid": "Écrivez une date, comme 31/03/2027.",
                "required": "Choisissez un jour.",
            },
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        """As the picker reads it, when it is a day at all."""
        try:
            day = value if isinstance(value, date) else super().to_python(value)
        except forms.ValidationError:
            return value
        return day.isoformat() if day else value


class ClockField(forms.Field):
    """« 14:30 », « 14 h 30 », « 14h »."""

    widget = ClockPicker
    default_error_messages = {"required": "Choisissez une heure.", "invalid": "Écrivez une heure, comme 14:30."}

    def to_python(self, value: Any) -> time | None:
        if value in self.empty_values or isinstance(value, time):
            return value or None
        found = CLOCK.fullmatch(str(value))
        try:
            return time(int(found[1]), int(found[2] or 0)) if found else self._refuse()
        except ValueError:
            return self._refuse()

    def _refuse(self) -> time:
        raise forms.ValidationError(self.error_messages["invalid"], code="invalid")

    def prepare_value(self, value: Any) -> Any:
        try:
            clock = self.to_python(value)
        except forms.ValidationError:
            return value
        return clock.strftime("%H:%M") if clock else value
