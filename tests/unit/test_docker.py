"""The production deployment in docker/, read by a compose parser and checked against the official schema. No container is run."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
COMPOSE = DOCKER / "compose.yaml"
DOWNLOADS = DOCKER / "compose.downloads.yaml"
BIN = Path(sys.executable).parent
DOCKERFILES = sorted(DOCKER.glob("*.Dockerfile"))
VALUE = "valuefortests"

pytestmark = pytest.mark.unit


def settings(text: str) -> dict[str, str]:
    """NAME=value lines of an environment file."""
    return dict(line.split("=", 1) for line in text.splitlines() if re.match(r"^[A-Z_]+=", line))


EXAMPLE = settings((DOCKER / "example.env").read_text())
REQUIRED = sorted(name for name, value in EXAMPLE.items() if not value)


def parse(folder: Path, values: dict[str, str], *files: Path) -> subprocess.CompletedProcess[str]:
    """What the compose parser says to these files with these settings, and nothing else of the caller's environment."""
    environment = folder / "test.env"
    environment.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    words = [word for file in files or (COMPOSE,) for word in ("-f", str(file))]
    return subprocess.run(
        [str(BIN / "podman-compose"), "--dry-run", "--env-file", str(environment), *words, "config"],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8"},
        cwd=folder,
        timeout=60,
        check=False,
    )


def filled() -> dict[str, str]:
    return {name: value or VALUE for name, value in EXAMPLE.items()}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Services by name, as the parser understands them."""
    done = parse(tmp_path_factory.mktemp("compose"), filled())
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, Any]] = yaml.safe_load(done.stdout)["services"]
    return found


def is_job(service: dict[str, Any]) -> bool:
    """A job runs once and ends; others wait for its success."""
    return str(service["restart"]) == "no"


@cache
def raw() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return loaded


@pytest.mark.parametrize("file", [COMPOSE, DOWNLOADS], ids=lambda f: f.name)
def test_the_official_schema_holds(file: Path) -> None:
    done = subprocess.run(
        [str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec", str(file)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_example_holds_no_secret() -> None:
    assert len(REQUIRED) >= 10
    for name, value in EXAMPLE.items():
        assert not value or not re.search("PASSWORD|SECRET|KEY|TOKEN", name), f"{name} has a value in example.env"


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_setting_is_refused_by_name(name: str, tmp_path: Path) -> None:
    done = parse(tmp_path, filled() | {name: ""})
    assert done.returncode != 0
    assert name in done.stderr


def test_every_variable_is_in_the_example() -> None:
    used = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", COMPOSE.read_text()))
    assert used == set(EXAMPLE), f"not in both: {sorted(used ^ set(EXAMPLE))}"


def test_every_service_restarts_and_tells_its_health(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        if is_job(service):
            waiting = [s["depends_on"][name]["condition"] for s in services.values() if name in s.get("depends_on", {})]
            assert waiting and set(waiting) == {"service_completed_successfully"}, f"nothing waits for the success of {name}"
        else:
            assert service["restart"] == "unless-stopped", name
            assert service["healthcheck"]["test"], name


def test_services_wait_for_health_not_for_start(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            wanted = "service_completed_successfully" if is_job(services[other]) else "service_healthy"
            assert how["condition"] == wanted, f"{name} → {other}"


def test_superset_is_asked_for_its_login_page(services: dict[str, dict[str, Any]]) -> None:
    test = " ".join(services["superset"]["healthcheck"]["test"])
    assert "/login/" in test
    assert "/health" not in test


def test_every_service_is_confined(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        assert service["mem_limit"], name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert "privileged" not in service and "cap_add" not in service, name
        assert service["logging"]["options"]["max-size"], name
        assert service["read_only"] is True or name == "solr", name
        assert not any("docker.sock" in str(volume) for volume in service.get("volumes", [])), name


def test_no_container_runs_as_root(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        if "build" in service:
            last = [line for line in (ROOT / service["build"]["dockerfile"]).read_text().splitlines() if line.startswith("USER ")][-1]
            user = last.removeprefix("USER ")
        else:
            user = str(service["user"])
        assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user), f"{name} runs as {user}"


def test_only_the_proxy_is_published(services: dict[str, dict[str, Any]]) -> None:
    assert [name for name, service in services.items() if service.get("ports")] == ["caddy"]
    outside = [name for name, network in raw()["networks"].items() if not network.get("internal")]
    for name, service in services.items():
        reached = set(service["networks"])
        assert name == "caddy" or not reached & set(outside), f"{name} reaches the outside"
    assert not set(services["caddy"]["networks"]) & set(services["postgres"]["networks"])


def test_no_secret_is_written_in_the_files() -> None:
    for file in (COMPOSE, DOWNLOADS):
        for line in file.read_text().splitlines():
            found = re.match(r"^\s+(\w*(?:PASSWORD|SECRET|TOKEN)\w*|CKAN_SECRET_KEY):\s*(\S.*)$", line)
            if found and not found[1].endswith("_FILE"):
                assert found[2].startswith("${"), line.strip()
            assert not re.search(r"://[^:/\s]*:(?!\$\{)[^@\s]+@", line), line.strip()


def test_secrets_are_on_no_command_line(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        assert VALUE not in " ".join(str(word) for word in service.get("command", [])), name


def test_every_image_is_pinned_by_tag(services: dict[str, dict[str, Any]]) -> None:
    images = [service["image"] for service in services.values()]
    for file in DOCKERFILES:
        images += [line.split()[1] for line in file.read_text().splitlines() if line.startswith("FROM ")]
    for image in images:
        tag = image.rsplit("/", 1)[-1].partition(":")[2]
        assert tag and tag != "latest", image


def test_built_images_are_built_from_the_repository_root(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        if "build" in service:
            assert (DOCKER / service["build"]["context"]).resolve() == ROOT, name
            assert (ROOT / service["build"]["dockerfile"]).is_file(), name


def test_the_option_for_downloads_asks_for_its_host(tmp_path: Path) -> None:
    refused = parse(tmp_path, filled(), COMPOSE, DOWNLOADS)
    assert refused.returncode != 0
    assert "IOC_DOWNLOAD_HOST" in refused.stderr
    taken = parse(tmp_path, filled() | {"IOC_DOWNLOAD_HOST": "tai-ve.example.vn"}, COMPOSE, DOWNLOADS)
    assert taken.returncode == 0, taken.stderr
    caddy = yaml.safe_load(taken.stdout)["services"]["caddy"]
    assert "https" not in caddy["environment"]["IOC_DOWNLOAD_HOST"]
    for volume in DOWNLOADS.read_text().split():
        if volume.startswith("./"):
            assert (DOCKER / volume.split(":")[0]).is_file()


def test_the_proxy_sends_its_headers_and_limits_uploads() -> None:
    text = (DOCKER / "caddy" / "Caddyfile").read_text()
    for wanted in ("Strict-Transport-Security", "X-Content-Type-Options", "Referrer-Policy", "max_size", "sandbox", "admin off"):
        assert wanted in text
    assert text.count("import headers") == 2


def test_ckan_gets_the_configuration_of_the_template(tmp_path: Path) -> None:
    """The container's ckan.ini is made from the same template and the same settings of the extension as elsewhere."""
    ini = tmp_path / "ckan.ini"
    environment = {
        "PATH": "/usr/bin:/bin",
        "CKAN_INI": str(ini),
        "IOC_CKAN_PUBLIC_URL": "https://du-lieu.example.vn",
        "IOC_SUPERSET_PUBLIC_URL": "https://dieu-hanh.example.vn",
        "IOC_CKAN_DATABASE_URL": f"postgresql://ckan:{VALUE}@postgres:5432/ckan",
        "IOC_REDIS_URL": f"redis://:{VALUE}@redis:6379",
        "IOC_SOLR_URL": "http://solr:8983/solr/ckan",
        "IOC_DESK_URL": "http://desk:8505",
        "IOC_DESK_TOKEN": VALUE,
        "CKAN_SECRET_KEY": VALUE,
    }
    subprocess.run([sys.executable, str(DOCKER / "ckan" / "configuration.py")], env=environment, check=True, timeout=60)
    text = ini.read_text()
    assert ini.stat().st_mode & 0o077 == 0
    assert "ckan.site_url = https://du-lieu.example.vn" in text
    assert "SESSION_COOKIE_SECURE = true" in text
    assert re.search(r"^ckan\.plugins = .*\bioc\b", text, re.MULTILINE)


def test_superset_takes_the_settings_of_its_services(services: dict[str, dict[str, Any]]) -> None:
    """The environment that compose gives is one that Superset's settings accept, once the secrets are real ones."""
    # Its package imports Superset, which is not in the environment of the tests: the one module is read by its path.
    read_settings = runpy.run_path(str(ROOT / "plugins" / "superset_ioc" / "settings.py"))["read_settings"]
    secret = "0123456789abcdefghijklmnopqrstuvwxyzABCD"
    environment = {name: str(value) for name, value in services["superset"]["environment"].items()}
    environment |= {"SUPERSET_SECRET_KEY": secret, "SUPERSET_GUEST_SECRET": secret[::-1], "IOC_SECRET": secret.upper()}
    found = read_settings(environment)
    assert found.https
    assert (found.store.host, found.store.port, found.store.database) == ("postgres", 5432, "ioc")


def test_the_harvest_takes_the_settings_of_its_services(services: dict[str, dict[str, Any]]) -> None:
    from ckan_harvesters.settings import Settings

    for name in ("worker", "beat"):
        environment = {key: str(value) for key, value in services[name]["environment"].items()}
        found = Settings.from_environment(environment | {"IOC_CKAN_TOKEN": VALUE})
        assert found.files == Path("/var/lib/ioc/files")
        assert found.broker_url.endswith("@redis:6379/4")


def test_every_queue_has_a_worker(services: dict[str, dict[str, Any]]) -> None:
    from ckan_harvesters.queues import Queues

    command = services["worker"]["command"]
    assert set(command[command.index("--queues") + 1].split(",")) == set(Queues.ALL)
