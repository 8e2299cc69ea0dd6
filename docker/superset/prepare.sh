# Once at each start: Superset's tables, permissions, roles and administrator. Only one container may run this at a time.
set -eu
# The outlines of countries that Superset ships: the job `apply` draws the schematic map inside one of them.
cp "$(python -c 'import importlib.util, pathlib; print(pathlib.Path(importlib.util.find_spec("superset").origin).parent)')"/static/assets/*.geojson /run/outlines/
python /opt/toan-canh/docker/superset/accounts.py | python -m superset_ioc.provision
