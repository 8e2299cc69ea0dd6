# CKAN with the centre's extension. Built from the repository's root: docker build -f docker/ckan.Dockerfile .
FROM python:3.11-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev libpq-dev && rm -rf /var/lib/apt/lists/*
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements/ckan.txt /build/ckan.txt
RUN pip install -r /build/ckan.txt
# CKAN finds an extension only when it is really installed.
COPY plugins/ckanext_ioc /build/ckanext_ioc
RUN pip install --no-deps /build/ckanext_ioc

FROM python:3.11-slim-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends libpq5 libmagic1 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin ioc \
 && install -d -o ioc -g ioc -m 700 /var/lib/ckan /run/ckan /run/token-admin /run/token-harvest
COPY --from=build /opt/venv /opt/venv
WORKDIR /opt/toan-canh
COPY datasets/__init__.py datasets/__init__.py
COPY datasets/model datasets/model
COPY locale locale
COPY control/services/templates control/services/templates
COPY plugins/ckanext_ioc/ckan-settings.ini plugins/ckanext_ioc/ckan-settings.ini
COPY docker/ckan docker/ckan
COPY docker/probe.py docker/probe.py
ENV PATH=/opt/venv/bin:$PATH PYTHONPATH=/opt/toan-canh PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 LANG=C.UTF-8
USER 10001:10001
EXPOSE 5000
CMD ["sh", "/opt/toan-canh/docker/ckan/serve.sh"]
