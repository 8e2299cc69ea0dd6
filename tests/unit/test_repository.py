"""The code and its documents, as a whole: what is documented, what is linked, how long a module is, and who owns the name `datasets`."""

from __future__ import annotations

import importlib.metadata
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from typer.main import get_command

from control.cli import app
from control.reasons_page import PAGE, current

ROOT = Path(__file__).resolve().parents[2]
LONGEST_MODULE = 350
MADE_FOLDERS = {".git", ".envs", "var", "build", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"}
WRITTEN_BY_AN_OPERATOR = {"docker/accounts/accounts.yaml"}
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}
# Looks like a variable of the environment and is a key of Superset's own configuration.
NOT_VARIABLES = {"IOC_SETTINGS"}

pytestmark = pytest.mark.unit


@cache
def all_files() -> tuple[Path, ...]:
    """Files of the project: what git holds and what is new and not ignored; without git, all outside of folders that are made."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        found = [path for path in ROOT.rglob("*") if not MADE_FOLDERS & set(path.relative_to(ROOT).parts)]
        return tuple(path for path in found if path.is_file() and not any(part.endswith(".egg-info") for part in path.parts))
    words = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file())


def files(*suffixes: str) -> tuple[Path, ...]:
    """Files of the project with these suffixes."""
    return tuple(path for path in all_files() if not suffixes or path.suffix in suffixes)


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def variables_in(path: Path) -> set[str]:
    """IOC_ variables that a file reads or sets: quoted in Python, after $ in a shell, a key or ${…} in YAML."""
    text = path.read_text()
    if path.suffix == ".py":
        return set(re.findall(r"""["'](IOC_[A-Z_]+)["']""", text))
    return set(re.findall(r"\$\{?(IOC_[A-Z_]+)", text)) | set(re.findall(r"^\s*(IOC_[A-Z_]+)[:=]", text, re.MULTILINE))


def test_every_variable_of_the_environment_is_documented() -> None:
    documented = set(re.findall(r"`(IOC_[A-Z_]+)`", (ROOT / "docs" / "reference" / "settings.md").read_text()))
    programs = [*files(".py", ".sh", ".yaml", ".env"), ROOT / "ioc"]
    used = {name: shown(path) for path in programs for name in variables_in(path)}
    missing = {name: where for name, where in used.items() if name not in documented | NOT_VARIABLES}
    assert not missing, f"write these into docs/reference/settings.md: {missing}"
    assert not documented - set(used), f"docs/reference/settings.md speaks of {documented - set(used)}, which nothing reads"


def test_every_variable_of_the_containers_is_documented() -> None:
    documented = (ROOT / "docs" / "reference" / "settings.md").read_text()
    named = set(re.findall(r"^([A-Z_]+)=", (ROOT / "docker" / "example.env").read_text(), re.MULTILINE))
    missing = {name for name in named if f"`{name}`" not in documented}
    assert named and not missing, f"write these into docs/reference/settings.md: {missing}"


def test_every_service_is_documented() -> None:
    listed = re.search(r"^Services: (.+)\.$", (ROOT / "docs" / "reference" / "commands.md").read_text(), re.MULTILINE)
    assert listed is not None
    programs = [path.read_text() for path in (ROOT / "control" / "services").glob("*.py")]
    assert set(re.findall(r"`(\w+)`", listed[1])) == {
        name for text in programs for name in re.findall(r"^ +name=\"(\w+)\",$", text, re.MULTILINE)
    }


def test_every_command_and_option_is_documented() -> None:
    text = (ROOT / "docs" / "reference" / "commands.md").read_text()
    command = get_command(app)
    for name, sub in command.commands.items():  # type: ignore[attr-defined]
        assert f"`./ioc {name}" in text, f"docs/reference/commands.md does not speak of ./ioc {name}"
        for parameter in sub.params:
            for option in parameter.secondary_opts if parameter.default is True else parameter.opts:
                assert not option.startswith("-") or f"`{option}`" in text, f"commands.md does not speak of ./ioc {name} {option}"


CALL = re.compile(r"\./ioc ([a-z][^\n`|#;&)]*)")


@pytest.mark.parametrize("page", files(".md"), ids=shown)
def test_every_command_that_a_page_shows_is_there_with_its_options(page: Path) -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    for call in CALL.findall(page.read_text()):
        name, *words = call.split()
        assert name in commands, f"{shown(page)} shows ./ioc {call}, and there is no command {name}"
        called = [commands[name]]
        called += [called[0].commands[word] for word in words[:1] if word in getattr(called[0], "commands", {})]
        known = {option for one in called for parameter in one.params for option in parameter.opts + parameter.secondary_opts}
        unknown = [word for word in words if word.startswith("-") and word.rstrip(".,") not in known | {"--help"}]
        assert name == "test" or not unknown, f"{shown(page)} shows ./ioc {call}, and {unknown} is no option of it"


def test_every_reason_of_a_receipt_is_documented() -> None:
    assert PAGE.read_text() == current(), "the catalogues have changed: run .envs/dev/bin/python -m control.reasons_page"


LINK = re.compile(r"(?<!`)!?\[[^\]]*\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", files(".md"), ids=shown)
def test_every_link_leads_to_a_file(page: Path) -> None:
    for target in LINK.findall(page.read_text()):
        if re.match(r"[a-z]+:", target) or target.startswith("#"):
            continue
        path = (page.parent / target.split("#")[0]).resolve()
        assert path.exists(), f"{shown(page)} links to {target}, which is not there"


def anchors(page: Path) -> set[str]:
    """Anchors of a page's headings, as GitHub and GitLab make them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    headings = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", found) for found in re.findall(r"^#+ +(.+?) *$", text, re.MULTILINE)]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", files(".md"), ids=shown)
def test_every_link_to_a_heading_finds_it(page: Path) -> None:
    for target in LINK.findall(page.read_text()):
        name, mark, anchor = target.partition("#")
        if not mark or re.match(r"[a-z]+:", target):
            continue
        linked = (page.parent / name).resolve() if name else page
        assert anchor in anchors(linked), f"{shown(page)} links to {target}, and {shown(linked)} has no such heading"


OWN_PATH = re.compile(
    r"`((?:bench|ckan_harvesters|control|dashboards_export|datasets|docker|docs|locale|migrations|plugins|tests)/[\w./-]+)`"
)


@pytest.mark.parametrize("page", files(".md"), ids=shown)
def test_every_path_that_a_page_names_is_there(page: Path) -> None:
    for name in OWN_PATH.findall(page.read_text()):
        assert (ROOT / name).exists() or name in WRITTEN_BY_AN_OPERATOR, f"{shown(page)} speaks of {name}, which is not there"


def test_every_page_can_be_reached_from_the_index() -> None:
    index = ROOT / "docs" / "README.md"
    seen, waiting = {index}, [index]
    while waiting:
        page = waiting.pop()
        for target in LINK.findall(page.read_text()):
            path = (page.parent / target.split("#")[0]).resolve()
            if path.suffix == ".md" and path.is_file() and path not in seen:
                seen.add(path)
                waiting.append(path)
    lost = [shown(page) for page in files(".md") if page.is_relative_to(ROOT / "docs") and page not in seen]
    assert not lost, f"link these from docs/README.md or docs/decisions/README.md: {lost}"


def test_a_decision_fits_on_one_screen() -> None:
    for page in (ROOT / "docs" / "decisions").glob("*.md"):
        assert len(page.read_text().splitlines()) <= 60, f"{shown(page)} is longer than a screen"


def test_no_file_holds_the_path_of_a_checkout() -> None:
    home = re.compile(rf"{re.escape(str(ROOT))}(?![\w-])|/home/[a-z]+/|/root/")
    for path in files():
        if path.suffix in {".png", ".xlsx", ".gz", ".gpkg", ".po", ".mo"}:
            continue
        found = home.search(path.read_bytes().decode(errors="replace"))
        assert found is None or path == Path(__file__).resolve(), f"{shown(path)} holds {found and found[0]}"


@pytest.mark.parametrize("module", files(".py"), ids=shown)
def test_a_module_fits_on_a_few_screens_and_has_a_name(module: Path) -> None:
    lines = len(module.read_text().splitlines())
    assert lines <= LONGEST_MODULE, f"{shown(module)} has {lines} lines; divide it by what it does"
    assert not VAGUE_NAMES & {module.stem, *module.relative_to(ROOT).parts}, f"{shown(module)}: a name says what is inside"


def test_no_installed_package_supplies_our_module_datasets() -> None:
    owners = [
        distribution.metadata["Name"]
        for distribution in importlib.metadata.distributions()
        for file in distribution.files or []
        if file.parts[0] == "datasets"
    ]
    assert not owners, f"installed packages bring a module `datasets` of their own: {sorted(set(owners))}"
    done = subprocess.run([sys.executable, "-c", "import datasets; print(datasets.__file__)"], capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()).parent == ROOT / "datasets"


def test_only_its_own_plugin_imports_a_host() -> None:
    hosts = {"ckan": "plugins/ckanext_ioc", "superset": "plugins/superset_ioc"}
    for module in files(".py"):
        for host, home in hosts.items():
            if not re.search(rf"^\s*(from|import) {host}(\.| )", module.read_text(), re.MULTILINE) or module.is_relative_to(ROOT / home):
                continue
            assert shown(module) == "control/services/templates/ckan_wsgi.py", f"{shown(module)} imports {host}"


def test_the_plugin_of_ckan_has_the_licence_of_ckan() -> None:
    assert "Apache License" in (ROOT / "LICENSE").read_text()
    assert "GNU AFFERO GENERAL PUBLIC LICENSE" in (ROOT / "plugins" / "ckanext_ioc" / "LICENSE").read_text()
