# Superset with the centre's plugins. Built from the repository's root: docker build -f docker/superset.Dockerfile .
FROM python:3.11-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc g++ libc6-dev && rm -rf /var/lib/apt/lists/*
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements/superset.txt /build/superset.txt
RUN pip install -r /build/superset.txt

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin ioc \
 && install -d -o ioc -g ioc -m 700 /var/lib/superset /run/outlines
COPY --from=build /opt/venv /opt/venv
WORKDIR /opt/toan-canh
COPY superset_config.py superset_config.py
COPY plugins/superset_ioc plugins/superset_ioc
COPY datasets/__init__.py datasets/__init__.py
COPY datasets/model datasets/model
COPY datasets/reference datasets/reference
COPY locale locale
COPY docker/superset docker/superset
COPY docker/probe.py docker/probe.py
ENV PATH=/opt/venv/bin:$PATH PYTHONPATH=/opt/toan-canh:/opt/toan-canh/plugins PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 LANG=C.UTF-8
USER 10001:10001
EXPOSE 8088
# Only the proxy reaches the port, so its word on the client's address is taken.
CMD ["gunicorn", "--config", "python:superset_ioc.gunicorn_settings", "--bind", "0.0.0.0:8088", "--forwarded-allow-ips", "*", "--worker-tmp-dir", "/tmp"]
