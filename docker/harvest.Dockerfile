# Harvest worker, beat, migrations and apply: one image. Built from the repository's root: docker build -f docker/harvest.Dockerfile .
FROM python:3.11-slim-bookworm AS build
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements/harvest.txt /build/harvest.txt
RUN pip install -r /build/harvest.txt

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin ioc \
 && install -d -o ioc -g ioc -m 700 /var/lib/ioc /var/lib/ioc/files /var/lib/ioc/beat /run/token
COPY --from=build /opt/venv /opt/venv
WORKDIR /opt/toan-canh
COPY datasets datasets
COPY ckan_harvesters ckan_harvesters
COPY control control
COPY dashboards_export dashboards_export
COPY migrations migrations
COPY locale locale
COPY docker/apply.py docker/probe.py docker/
COPY docker/harvest docker/harvest
ENV PATH=/opt/venv/bin:$PATH PYTHONPATH=/opt/toan-canh PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 LANG=C.UTF-8
USER 10001:10001
ENTRYPOINT ["sh", "/opt/toan-canh/docker/harvest/with-token.sh"]
CMD ["celery", "-A", "ckan_harvesters.app", "worker", "--queues", "harvest"]
