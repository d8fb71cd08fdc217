"""What is typed to begin a conversation and to answer in it. The rules on texts are the services'."""

from typing import Any

from django import forms
from django.forms.utils import ErrorDict

from delegations.errors import Refused
from workspace.forms.fields import KeyField, LineField
from workspace.services.discussions import LONGEST_TITLE, NO_TITLE
from workspace.services.messages import read_text
from workspace.typed import several_lines


class MessageField(forms.CharField):
    """Kept as typed; only what may not be stored is taken out."""

    def __init__(self, rows: int = 3, **kwargs: Any) -> None:
        super().__init__(required=False, strip=False, widget=forms.Textarea(attrs={"rows": rows}), **kwargs)

    def to_python(self, value: Any) -> str:
        return several_lines(str(value or ""))


class ReplyForm(forms.Form):
    text = MessageField(label="Répondre")
    client_key = KeyField()


class TitleForm(forms.Form):
    """`seen`: the title that the person had before their eyes."""

    title = LineField(LONGEST_TITLE, missing=NO_TITLE, label="Titre", help_text="Sans nom de patient.")
    seen = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)


class BeginForm(forms.Form):
    """Recipients are chosen beside it, by `workspace.forms.participants`. `is_choosing`: while one looks for them,
    nothing is said of what is missing yet."""

    title = LineField(
        LONGEST_TITLE, missing=NO_TITLE, label="Titre", help_text="De quoi il s’agit, sans nom de patient."
    )
    text = MessageField(rows=6, label="Message")
    client_key = KeyField()

    def __init__(self, *args: Any, is_choosing: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_choosing = is_choosing

    def clean_text(self) -> str:
        """Told with what else is missing, rather than once that is there."""
        try:
            return read_text(self.cleaned_data["text"])
        except Refused as refused:
            raise forms.ValidationError(refused.sentence) from refused

    def full_clean(self) -> None:
        if self.is_bound and self.is_choosing:
            self._errors, self.cleaned_data = ErrorDict(), {}
        else:
            super().full_clean()
