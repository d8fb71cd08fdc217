"""The browser of the tests: found, or installed by the system's own packages. `python -m spico.embedded.chromium`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = (
    "Aucun navigateur pour les tests. Installez Chromium (sous Debian ou Ubuntu : « sudo apt-get install chromium ») "
    "ou indiquez le chemin de Chromium ou de Chrome dans SPICO_CHROMIUM."
)


def find_or_install() -> Path:
    """The browser to drive; ends the process with a French sentence when there is none to be had."""
    found = find()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        install()
        found = find()
    if found is None:
        raise SystemExit(ADVICE)
    return found


def find() -> Path | None:
    """The browser named by `SPICO_CHROMIUM`, or else the first one on the path."""
    named = os.environ.get("SPICO_CHROMIUM")
    if named:
        if not os.access(named, os.X_OK):
            raise SystemExit(f"SPICO_CHROMIUM désigne « {named} », qui n'est pas un programme.")
        return Path(named)
    return next((Path(path) for name in NAMES if (path := shutil.which(name))), None)


def install() -> None:
    """Install Debian's Chromium; the lists of packages are refreshed only if the first try needs it."""
    if not apt_get("install", "--yes", "--no-install-recommends", "chromium"):
        apt_get("update")
        apt_get("install", "--yes", "--no-install-recommends", "chromium")


def apt_get(*words: str) -> bool:
    """Run apt-get without questions and say whether it worked; its output goes to the error stream."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "--quiet", *words]
    return subprocess.run(command, check=False, env=environment, stdout=sys.stderr).returncode == 0  # noqa: S603


if __name__ == "__main__":
    sys.stdout.write(f"{find_or_install()}\n")
