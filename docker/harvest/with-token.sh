# The harvest's token is made by CKAN at the first start and kept in a volume; it is read from there into the environment.
set -eu
if [ -n "${IOC_CKAN_TOKEN_FILE:-}" ]; then
  IOC_CKAN_TOKEN=$(cat "$IOC_CKAN_TOKEN_FILE")
  export IOC_CKAN_TOKEN
fi
exec "$@"
