"""The environment that Superset is started with, checked before anything else happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

SHORTEST_SECRET = 32
FEWEST_DIFFERENT_CHARACTERS = 10
# Values that ship with Superset, its images and its documentation, in lower case.
KNOWN_SECRETS = ("change_me", "changeme", "your_own_random", "thisismysecret", "test-guest-secret", "test_non_dev_secret", "supersetsecret")


class SettingError(SystemExit):
    """A variable of the environment is missing or may not be used; the message names it and says what to write."""


@dataclass(frozen=True)
class StoreAddress:
    """Where the store listens. Logins are chosen per viewer, so none is kept here."""

    host: str
    port: int
    database: str


@dataclass(frozen=True)
class Settings:
    """Everything that this installation decides about Superset."""

    secret_key: str
    guest_secret: str
    shared_secret: str
    database_uri: str
    redis_url: str
    store: StoreAddress
    https: bool

    def redis(self, number: int) -> str:
        """Address of one of Redis' databases."""
        return f"{self.redis_url}/{number}"


def _wanted(environ: Mapping[str, str], name: str, example: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise SettingError(f"{name} is not set. Write {name}={example}")
    return value


def strong_secret(environ: Mapping[str, str], name: str) -> str:
    """A secret that is long and that no documentation prints.

    Raises SettingError naming the variable.
    """
    value = _wanted(environ, name, "<random text, for example of: openssl rand -hex 32>")
    if any(known in value.lower() for known in KNOWN_SECRETS):
        raise SettingError(f"{name} holds a published default. Set it to a random text, for example of: openssl rand -hex 32")
    if len(value) < SHORTEST_SECRET or len(set(value)) < FEWEST_DIFFERENT_CHARACTERS:
        raise SettingError(
            f"{name} is weak: {SHORTEST_SECRET} characters or more at random are needed, for example of: openssl rand -hex 32"
        )
    return value


def store_address(url: str) -> StoreAddress:
    """Host, port and database of a PostgreSQL URL. Raises SettingError when one is missing."""
    parts = urlsplit(url)
    database = parts.path.lstrip("/")
    if not parts.hostname or not database:
        raise SettingError("IOC_STORE_URL needs a host and a database: IOC_STORE_URL=postgresql://127.0.0.1:5432/ioc")
    return StoreAddress(host=parts.hostname, port=parts.port or 5432, database=database)


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read and check the environment. Raises SettingError, which ends the start."""
    secret_key = strong_secret(environ, "SUPERSET_SECRET_KEY")
    guest_secret = strong_secret(environ, "SUPERSET_GUEST_SECRET")
    if secret_key == guest_secret:
        raise SettingError("SUPERSET_GUEST_SECRET must differ from SUPERSET_SECRET_KEY")
    uri = _wanted(environ, "SUPERSET_DATABASE_URI", "postgresql://superset:<password>@127.0.0.1:5432/superset")
    return Settings(
        secret_key=secret_key,
        guest_secret=guest_secret,
        shared_secret=strong_secret(environ, "IOC_SECRET"),
        database_uri=uri.replace("postgresql://", "postgresql+psycopg2://", 1),
        redis_url=_wanted(environ, "IOC_REDIS_URL", "redis://:<password>@127.0.0.1:6379").rstrip("/"),
        store=store_address(_wanted(environ, "IOC_STORE_URL", "postgresql://127.0.0.1:5432/ioc")),
        https=environ.get("IOC_HTTPS", "").lower() in ("1", "true", "yes"),
    )
