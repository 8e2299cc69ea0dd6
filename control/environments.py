"""Python environments from exact pins: CKAN and Superset cannot share one."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

from control.programs import clean_environment
from control.settings import ROOT, environment_folder, python_of
from control.steps import StepFailed

REQUIREMENTS = {"ckan": ("ckan.txt",), "superset": ("superset.txt",), "dev": ("harvest.txt", "dev.txt")}
# Folders of the checkout that each environment imports from.
PATHS = {"ckan": (".",), "superset": (".", "plugins"), "dev": (".",)}
# Folders that are made from the sources, so that they say nothing of a change.
MADE = {"__pycache__", "build"}
CKAN_EXTENSION = ROOT / "plugins" / "ckanext_ioc"


def digest(*paths: Path) -> str:
    """SHA-256 over the names and bytes of files and of all files below folders."""
    total = hashlib.sha256()
    for path in paths:
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            if MADE & set(file.parts) or any(part.endswith((".pyc", ".egg-info")) for part in file.parts):
                continue
            total.update(str(file.relative_to(ROOT)).encode())
            total.update(file.read_bytes())
    return total.hexdigest()


def make(name: str, log: Path) -> bool:
    """Makes the environment when its pins changed; returns whether it did anything. Raises StepFailed."""
    folder = environment_folder(name)
    requirements = [ROOT / "requirements" / file for file in REQUIREMENTS[name]]
    stamp = folder / ".stamp"
    wanted = str(ROOT) + digest(*requirements)
    changed = not stamp.exists() or stamp.read_text() != wanted
    if changed:
        _uv(["venv", "--quiet", "--allow-existing", "--python", python_of("harvest"), str(folder)], log)
        _uv(["pip", "sync", "--quiet", "--python", python_of(name), *map(str, requirements)], log)
        (folder / ".extension").unlink(missing_ok=True)  # a sync takes away what the pins do not name
        lines = [str((ROOT / path).resolve()) for path in PATHS[name]]
        (folder / "lib/python3.11/site-packages/toan_canh.pth").write_text("\n".join(lines) + "\n")
        stamp.write_text(wanted)
    return changed | (name == "ckan" and _install_extension(folder, log))


def _install_extension(folder: Path, log: Path) -> bool:
    """CKAN finds an extension by its entry point, and only when it is really installed, not by path."""
    stamp = folder / ".extension"
    wanted = digest(CKAN_EXTENSION)
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    _uv(["pip", "install", "--quiet", "--no-deps", "--reinstall", "--python", python_of("ckan"), str(CKAN_EXTENSION)], log)
    stamp.write_text(wanted)
    return True


def _uv(words: list[str], log: Path) -> None:
    uv = environment_folder("boot") / "bin" / "uv"
    log.parent.mkdir(parents=True, exist_ok=True)
    passed = {name: value for name, value in os.environ.items() if name.startswith(("UV_", "PIP_", "SSL_", "HTTP", "http", "HOME"))}
    with log.open("a") as out:
        done = subprocess.run([str(uv), *words], stdout=out, stderr=out, env=clean_environment(passed), check=False)
    if done.returncode != 0:
        raise StepFailed(
            f"uv {' '.join(words[:2])} ended with {done.returncode}",
            log=log,
            advice="check that the package registry is reached, then run again",
        )
