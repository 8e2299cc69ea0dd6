"""How gunicorn serves Superset: two workers that share what was loaded before the fork."""

import os
from typing import Any

wsgi_app = "superset.app:create_app()"
bind = os.environ.get("IOC_SUPERSET_BIND", "127.0.0.1:8501")
workers = int(os.environ.get("IOC_SUPERSET_WORKERS", "2"))
worker_class = "gthread"
threads = 8
timeout = 120
graceful_timeout = 20
# Longer than clients pause: a connection closed at the moment a POST is sent is an error that may not be tried again.
keepalive = 65
preload_app = True
forwarded_allow_ips = "127.0.0.1"
control_socket_disable = True


def post_fork(server: Any, worker: Any) -> None:
    """Forget the connections that the parent opened: two processes on one socket would read each other's answers."""
    from superset.extensions import db

    app = server.app.wsgi()
    with app.app_context():
        db.engine.dispose(close=False)
