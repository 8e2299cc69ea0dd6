# CKAN behind the proxy.
set -eu
python /opt/toan-canh/docker/ckan/configuration.py
exec gunicorn --workers "${CKAN_WORKERS:-2}" --worker-class gthread --threads 4 --timeout 120 --graceful-timeout 10 --keep-alive 65 \
  --bind 0.0.0.0:5000 --forwarded-allow-ips '*' --worker-tmp-dir /tmp --no-control-socket --chdir /opt/toan-canh/docker/ckan \
  --pythonpath /opt/toan-canh/control/services/templates behind_proxy:application
