"""The images of docker/: what their Dockerfiles copy is there, is enough, and comes from the pins. No image is built."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
DOCKERFILES = sorted(DOCKER.glob("*.Dockerfile"))

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("file", DOCKERFILES, ids=lambda f: f.name)
def test_a_dockerfile_copies_what_there_is(file: Path) -> None:
    for line in file.read_text().splitlines():
        if line.startswith("COPY ") and "--from=" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), f"{file.name} copies {source}"


@pytest.mark.parametrize("name", ["ckan", "superset", "harvest"])
def test_an_image_is_made_from_the_pins_of_its_environment(name: str) -> None:
    text = (DOCKER / f"{name}.Dockerfile").read_text()
    assert f"COPY requirements/{name}.txt" in text
    assert f"pip install -r /build/{name}.txt" in text


def test_what_is_copied_into_an_image_is_not_ignored() -> None:
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for file in DOCKERFILES:
        for line in file.read_text().splitlines():
            if line.startswith("COPY ") and "--from=" not in line:
                for source in line.split()[1:-1]:
                    assert any(Path(source).match(rule) or Path(source).is_relative_to(rule) for rule in allowed), (
                        f"{source} is in .dockerignore"
                    )


def copied(dockerfile: Path, target: Path) -> Path:
    """A folder with what a Dockerfile copies from the repository into /opt/toan-canh."""
    for line in dockerfile.read_text().splitlines():
        if not line.startswith("COPY ") or "--from=" in line:
            continue
        *sources, to = line.split()[1:]
        for source in sources:
            if to.startswith("/"):
                continue
            place = target / to / Path(source).name if to.endswith("/") else target / to
            place.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, place, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
            else:
                shutil.copy(ROOT / source, place)
    return target


def imports_of(folder: Path) -> list[str]:
    """Modules of `datasets` that the Python files below a folder import."""
    found = {
        name for path in folder.rglob("*.py") for name in re.findall(r"^\s*from (datasets[\w.]*) import", path.read_text(), re.MULTILINE)
    }
    return sorted(found)


@pytest.mark.parametrize(
    ("name", "modules"),
    [
        ("ckan", imports_of(ROOT / "plugins" / "ckanext_ioc")),
        ("superset", imports_of(ROOT / "plugins" / "superset_ioc")),
        ("harvest", ["ckan_harvesters.tasks", "ckan_harvesters.harvest", "control.compile.store", "control.compile.ckan", "docker.apply"]),
    ],
)
def test_what_an_image_copies_is_enough_to_import(name: str, modules: list[str], tmp_path: Path) -> None:
    """Without the checkout on the path (-S leaves out the .pth files), from the copied files and installed packages alone."""
    home = copied(DOCKER / f"{name}.Dockerfile", tmp_path)
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    assert modules
    program = f"import sys; sys.path[:0] = [{str(home)!r}, {packages!r}]; import " + ", ".join(modules)
    done = subprocess.run(
        [sys.executable, "-S", "-c", program],
        capture_output=True,
        text=True,
        cwd=home,
        env={"PATH": "/usr/bin:/bin"},
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def probe(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(DOCKER / "probe.py"), *words],
        env={"IOC_REDIS_URL": "redis://127.0.0.1:1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_probe_tells_what_does_not_answer() -> None:
    silent = probe("page", "http://127.0.0.1:1/login/", "csrf_token")
    assert silent.returncode == 1
    assert "does not answer" in silent.stderr
    clock = probe("beat")
    assert clock.returncode == 1
    assert "Redis does not answer" in clock.stderr
