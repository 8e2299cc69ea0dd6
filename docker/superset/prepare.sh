# Once at each start: Superset's tables, permissions and administrator. Only one container may run this at a time.
set -eu
superset db upgrade
superset init
superset fab create-admin --username ioc-admin --firstname "Quản trị" --lastname "Toàn Cảnh" \
  --email ioc-admin@localhost.localdomain --password "$SUPERSET_ADMIN_PASSWORD"
