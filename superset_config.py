"""Apache Superset's settings for Toàn Cảnh: they are read from the environment, and what is added lives in `plugins/superset_ioc`.

Superset imports this file by the name it expects (`SUPERSET_CONFIG_PATH`). A missing or weak secret stops the start with the name of
the variable to set.
"""

import os
from datetime import timedelta
from typing import Any

from flask_appbuilder.const import AUTH_DB

from superset_ioc import mutate
from superset_ioc.appearance import D3_NUMBERS, D3_TIMES, LANGUAGES_SHOWN, LINES_SCHEME, REFRESH_INTERVALS, THEME
from superset_ioc.audience import connect_as_audience
from superset_ioc.headers import content_security_policy
from superset_ioc.language import TRANSLATIONS
from superset_ioc.persons import for_administrators
from superset_ioc.security import IocSecurityManager
from superset_ioc.settings import read_settings

_settings = read_settings(os.environ)

SECRET_KEY = _settings.secret_key
GUEST_TOKEN_JWT_SECRET = _settings.guest_secret
SQLALCHEMY_DATABASE_URI = _settings.database_uri
SQLALCHEMY_ENGINE_OPTIONS = {"pool_size": 5, "max_overflow": 10, "pool_pre_ping": True}
SQLALCHEMY_EXAMPLES_URI = "sqlite://"  # no example data is ever loaded; this only keeps a file from being made
IOC_SETTINGS = _settings

# Who may enter -------------------------------------------------------------------------------------------------------------
AUTH_TYPE = AUTH_DB
AUTH_RATE_LIMITED = True
AUTH_RATE_LIMIT = "10 per minute"
RATELIMIT_ENABLED = True
RATELIMIT_APPLICATION = "300 per second"  # for each address: an office behind one, where several walls and desks refresh at once
RATELIMIT_STORAGE_URI = _settings.redis(3)
CUSTOM_SECURITY_MANAGER = IocSecurityManager
EXTRA_RELATED_QUERY_FILTERS = {"user": for_administrators, "role": for_administrators}
AUTH_ROLE_PUBLIC = "Public"  # who has not logged in: open dashboards, and nothing else (superset_ioc.roles)
PUBLIC_ROLE_LIKE = None
FAB_API_SWAGGER_UI = False
FAB_ADD_SECURITY_PERMISSION_VIEW = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = _settings.https
PERMANENT_SESSION_LIFETIME = timedelta(hours=12)
WTF_CSRF_ENABLED = True
WTF_CSRF_TIME_LIMIT = int(timedelta(hours=12).total_seconds())
ENABLE_PROXY_FIX = _settings.https
TALISMAN_ENABLED = True
TALISMAN_CONFIG = content_security_policy(https=_settings.https)
CONTENT_SECURITY_POLICY_WARNING = False
ENABLE_CORS = False
PREVENT_UNSAFE_DB_CONNECTIONS = True
DATASET_IMPORT_ALLOWED_DATA_URLS: list[str] = []
SHOW_STACKTRACE = False

# The store, and answers that follow its edition ----------------------------------------------------------------------------
DB_CONNECTION_MUTATOR = connect_as_audience
SQLLAB_CTAS_NO_LIMIT = False
ROW_LIMIT = 10_000
SQL_MAX_ROW = 100_000
_cache = {"CACHE_TYPE": "RedisCache", "CACHE_REDIS_URL": _settings.redis(0), "CACHE_KEY_PREFIX": "superset_"}
# One prefix and one database for both: a forced invalidation looks for the data's keys through CACHE_CONFIG.
CACHE_CONFIG: dict[str, Any] = {**_cache, "CACHE_DEFAULT_TIMEOUT": int(timedelta(minutes=5).total_seconds())}
DATA_CACHE_CONFIG: dict[str, Any] = {**_cache, "CACHE_DEFAULT_TIMEOUT": int(timedelta(hours=1).total_seconds())}
STORE_CACHE_KEYS_IN_METADATA_DB = True
_state = {"CACHE_TYPE": "RedisCache", "CACHE_REDIS_URL": _settings.redis(2)}
FILTER_STATE_CACHE_CONFIG: dict[str, Any] = {
    **_state,
    "CACHE_KEY_PREFIX": "superset_filter_",
    "CACHE_DEFAULT_TIMEOUT": int(timedelta(days=90).total_seconds()),
}
EXPLORE_FORM_DATA_CACHE_CONFIG: dict[str, Any] = {
    **_state,
    "CACHE_KEY_PREFIX": "superset_explore_",
    "CACHE_DEFAULT_TIMEOUT": int(timedelta(days=7).total_seconds()),
}
DASHBOARD_AUTO_REFRESH_MODE = "fetch"  # "force" would by-pass the cache for every viewer
DASHBOARD_AUTO_REFRESH_INTERVALS = REFRESH_INTERVALS
CELERY_CONFIG = None  # no asynchronous queries and no reports yet

# What is seen --------------------------------------------------------------------------------------------------------------
APP_NAME = "Toàn Cảnh"
LANGUAGES = LANGUAGES_SHOWN
BABEL_DEFAULT_LOCALE = "vi"
BABEL_TRANSLATION_DIRECTORIES = f"translations;{TRANSLATIONS}"
D3_FORMAT = D3_NUMBERS
D3_TIME_FORMAT = D3_TIMES
CURRENCIES = ["VND", "USD", "EUR"]
EXTRA_CATEGORICAL_COLOR_SCHEMES = [LINES_SCHEME]
THEME_DEFAULT = THEME
THEME_DARK = None
ENABLE_UI_THEME_ADMINISTRATION = False
APP_ICON = "/ioc/static/logo.svg"
FAVICONS = [{"href": "/ioc/static/mark.svg"}]
LOGO_TARGET_PATH = None  # with a path, Superset adds a link of its own to a first page that we do not have
LOGO_TOOLTIP = "Toàn Cảnh"
DECKGL_BASE_MAP = [["", "Không có nền"]]  # no tiles of other hosts; the list may not be empty
DOCUMENTATION_URL = None
BUG_REPORT_URL = None
FEATURE_FLAGS = {
    "CACHE_QUERY_BY_USER": True,  # the key holds the audience and the edition: superset_ioc.edition
    "DASHBOARD_RBAC": True,
    "DYNAMIC_PLUGINS": True,  # our chart types: superset_ioc.charts
    "ENABLE_TEMPLATE_PROCESSING": False,
    "EMBEDDABLE_CHARTS": False,
    "ALERT_REPORTS": False,
    "LISTVIEWS_DEFAULT_CARD_VIEW": True,
    "CSS_TEMPLATES": False,
}
FLASK_APP_MUTATOR = mutate
