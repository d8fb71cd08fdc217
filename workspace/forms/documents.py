from typing import Any

from django import forms

from spico.web.typography import NBSP
from workspace.files import EMPTY, MEGABYTES, MISSING
from workspace.forms.dossiers import EntryForm

AGAIN = f"Choisissez de nouveau votre fichier{NBSP}: un navigateur ne le garde pas."


class DocumentForm(EntryForm):
    """An entry with its file. What the file is, the service reads."""

    number = None  # type: ignore[assignment]
    file = forms.FileField(
        label="Fichier",
        help_text=f"Un PDF, ou une image PNG ou JPEG, de {MEGABYTES}{NBSP}Mo au plus.",
        widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}),
        error_messages={"required": MISSING, "invalid": MISSING, "missing": MISSING, "empty": EMPTY},
    )
    field_order = ["file", "title"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = "Ce qu’il faut savoir de ce document"
        self.fields["text"].help_text, self.fields["text"].required = "Facultatif.", False
        self.fields["text"].widget.attrs["rows"] = 4

    @property
    def said(self) -> dict[str, Any]:
        return {**super().said, "file": self.cleaned_data["file"]}

    def ask_again(self) -> None:
        """A form that comes back has lost its file: say so, unless the file has its own sentence."""
        if "file" in self.files and "file" not in self.errors:
            self.add_error("file", AGAIN)
