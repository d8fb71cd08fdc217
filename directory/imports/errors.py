"""Why an import stops. Each carries the French sentence that the person at the keyboard reads."""


class ImportRefused(Exception):
    """The file is not what it should be, or something else stands in the way: nothing is written."""


class ImportHeld(ImportRefused):
    """The file would close too much: it goes in with `--confirm` only."""
