"""What people type in a space: words made safe to keep, days and hours as they write them."""

import re
import uuid
from datetime import date, time
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from delegations.forms import WRITTEN
from workspace.typed import one_line, several_lines

CLOCK = re.compile(r"\s*(\d{1,2})\s*(?:[h:.]\s*(\d{2})?)?\s*", re.IGNORECASE)
NUMERIC = {"inputmode": "numeric", "autocomplete": "off"}


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


class PlainSelect(forms.Select):
    """Django draws each option by a template of its own: three hundred colleagues would take longer than their page."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        chosen, selected = set(self.format_value(value) or ()), SafeString(" selected")
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((key, selected if str(key) in chosen else "", label) for key, label in self.choices),
        )
        given = self.build_attrs(self.attrs, {"name": name, **(attrs or {})})
        return format_html("<select{}>{}</select>", flatatt(given), options)


class DayField(forms.DateField):
    """« 31/03/2027 », read and shown alike whatever the language of the browser."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            input_formats=WRITTEN,
            widget=forms.TextInput(attrs=NUMERIC),
            error_messages={"invalid": "Écrivez une date, comme 31/03/2027.", "required": "Choisissez un jour."},
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        return value.strftime("%d/%m/%Y") if isinstance(value, date) else value


class ClockField(forms.Field):
    """« 14:30 », « 14 h 30 », « 14h »."""

    default_error_messages = {"required": "Choisissez une heure.", "invalid": "Écrivez une heure, comme 14:30."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs=NUMERIC), **kwargs)

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
        return value.strftime("%H:%M") if isinstance(value, time) else value


class KeyField(forms.UUIDField):
    """Made by the page at each rendering. One that is not a key is replaced: nothing is lost for it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, initial=uuid.uuid4, **{"widget": forms.HiddenInput, **kwargs})

    def clean(self, value: Any) -> uuid.UUID:
        try:
            return super().clean(value) or uuid.uuid4()
        except forms.ValidationError:
            return uuid.uuid4()


class _NewInput(forms.HiddenInput):
    def format_value(self, value: Any) -> str:
        return str(uuid.uuid4())


class NewKeyField(KeyField):
    """Where a form that comes back wrote nothing: what it sends next is another thing."""

    def __init__(self) -> None:
        super().__init__(widget=_NewInput)
