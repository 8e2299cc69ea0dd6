# Once at each start: CKAN's tables and the extensions' are brought up to date, and the browser's texts; accounts and API tokens are
# made when they are missing.
set -eu
python /opt/toan-canh/docker/ckan/configuration.py
ckan -c "$CKAN_INI" db upgrade
ckan -c "$CKAN_INI" db upgrade -p activity
ckan -c "$CKAN_INI" db upgrade -p ioc
ckan -c "$CKAN_INI" translation js
if [ -s /run/token-admin/ioc-admin ] && [ -s /run/token-harvest/ioc-harvest ]; then
  echo "accounts and tokens are there"
  exit 0
fi
python /opt/toan-canh/docker/ckan/accounts.py
