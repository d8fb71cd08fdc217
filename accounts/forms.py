from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, UsernameField

from accounts.models import Theme, User
from accounts.tokens import NAME_LENGTH

WRONG = "L’identifiant ou le mot de passe n’est pas le bon."


class SignInForm(AuthenticationForm):
    """One sentence for every refusal: which of the two is wrong, or whether the name exists, is never said."""

    username = UsernameField(
        label="Identifiant",
        max_length=150,
        error_messages={"required": "Indiquez votre identifiant.", "max_length": WRONG},
        widget=forms.TextInput(attrs={"autofocus": True, "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label="Mot de passe",
        strip=False,
        error_messages={"required": "Indiquez votre mot de passe."},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    error_messages = {"invalid_login": WRONG, "inactive": WRONG}


class ThemeForm(forms.ModelForm):
    theme = forms.ChoiceField(
        label="Apparence",
        choices=[(Theme.AUTO, "Comme mon appareil"), (Theme.LIGHT, "Claire"), (Theme.DARK, "Sombre")],
        required=False,
        error_messages={"invalid_choice": "Cette apparence n’existe pas."},
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )

    class Meta:
        model = User
        fields = ["theme"]


class PasswordForm(PasswordChangeForm):
    error_messages = {
        "password_mismatch": "Les deux nouveaux mots de passe diffèrent.",
        "password_incorrect": "Ce n’est pas votre mot de passe actuel.",
    }

    def __init__(self, user: User, *args: object, **kwargs: object) -> None:
        super().__init__(user, *args, **kwargs)
        words = {
            "old_password": ("Mot de passe actuel", ""),
            "new_password1": (
                "Nouveau mot de passe",
                "12 caractères au moins, pas seulement des chiffres, rien de votre nom ni de trop courant.",
            ),
            "new_password2": ("Le nouveau, une seconde fois", ""),
        }
        for name, (label, help_text) in words.items():
            self.fields[name].label = label
            self.fields[name].help_text = help_text
            self.fields[name].error_messages["required"] = "Remplissez ce champ."


class TokenForm(forms.Form):
    name = forms.CharField(
        label="Nom du jeton",
        max_length=NAME_LENGTH,
        help_text="Pour le reconnaître : le logiciel qui s’en servira, par exemple.",
        error_messages={
            "required": "Donnez un nom à ce jeton, pour le reconnaître.",
            "max_length": f"Choisissez un nom de {NAME_LENGTH} caractères au plus.",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    may_write = forms.BooleanField(
        label="Peut aussi écrire",
        required=False,
        help_text="Il peut alors tout ce que vous pouvez : écrire dans vos espaces, demander, accorder et retirer des "
        "délégations. Sans cela, il lit et ne change rien.",
    )
