# Once at each start: Superset's tables, permissions, roles and administrator. Only one container may run this at a time.
set -eu
python /opt/toan-canh/docker/superset/accounts.py | python -m superset_ioc.provision
