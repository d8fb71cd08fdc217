"""Why an act in a space is not done, beyond what `delegations.errors` already says."""

from delegations.errors import No, Refused


class Outdated(Refused):
    """Somebody wrote meanwhile over what this person had read. Nothing was written; pages answer 409, the API 412."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, No.CONFLICT)
