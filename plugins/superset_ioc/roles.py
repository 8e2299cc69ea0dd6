"""Our roles in Superset and what each may do in the application. What data they read is the store's affair (see audience).

A role that only names an audience (`aud_agency_so_y_te`) holds no permission at all. Nobody below the administrator has SQL Lab.
"""

from __future__ import annotations

from typing import Any

from datasets.model.audience import AUDIENCE_PREFIX, SUPERSET_LEADER, SUPERSET_OFFICIAL, SUPERSET_OPERATOR

Permission = tuple[str, str]

PUBLIC_ROLE = "Public"

# What a page with a dashboard asks for, of everyone.
SEE_DASHBOARDS: frozenset[Permission] = frozenset(
    {
        ("can_read", "Dashboard"),
        ("can_read", "Chart"),
        ("can_dashboard", "Superset"),
        ("can_explore_json", "Superset"),
        ("can_language_pack", "Superset"),
        ("can_log", "Superset"),
        ("can_read", "DashboardFilterStateRestApi"),
        ("can_write", "DashboardFilterStateRestApi"),
        ("can_read", "DashboardPermalinkRestApi"),
        ("can_write", "DashboardPermalinkRestApi"),
        ("can_dashboard_permalink", "Superset"),
        ("can_time_range", "Api"),
        ("can_read", "Theme"),
        ("can_read", "AdvancedDataType"),
        ("can_read", "IocHome"),
        ("can_read", "IocMap"),
        ("can_read", "IocIndicators"),
        ("menu_access", "IocHome"),
    }
)

READ_DASHBOARDS: frozenset[Permission] = SEE_DASHBOARDS | {
    ("menu_access", "Dashboards"),  # without an account Superset's list is empty; the home page lists the open ones
    ("can_read", "IocSupplyBoard"),
    ("menu_access", "IocSupplyBoard"),
    ("can_slice", "Superset"),
    ("can_get_embedded", "Dashboard"),
    ("can_view_chart_as_table", "Dashboard"),
    ("can_drill", "Dashboard"),  # to the rows; the store says to which
    ("can_get_drill_info", "Dataset"),
    ("can_samples", "Datasource"),
    ("can_query_form_data", "Api"),
    ("can_query", "Api"),
    ("can_get", "Datasource"),
    ("can_read", "Annotation"),
    ("can_read", "CurrentUserRestApi"),
    ("can_read", "SecurityRestApi"),  # the CSRF token; guest tokens need a permission of their own
    ("can_write", "CurrentUserRestApi"),
    ("can_fetch_datasource_metadata", "Superset"),
    ("can_csv", "Superset"),
    ("can_export_data", "Superset"),
    ("can_export_image", "Superset"),
    ("can_read", "user"),
    ("can_userinfo", "UserDBModelView"),
    ("resetmypassword", "UserDBModelView"),
    ("can_this_form_get", "ResetMyPasswordView"),
    ("can_this_form_post", "ResetMyPasswordView"),
    ("can_recent_activity", "Log"),
}

OPERATE: frozenset[Permission] = READ_DASHBOARDS | {
    ("can_read", "Dataset"),
    ("can_read", "Log"),
    ("menu_access", "Charts"),
}

PERMISSIONS_OF_ROLE: dict[str, frozenset[Permission]] = {
    PUBLIC_ROLE: SEE_DASHBOARDS,
    SUPERSET_OFFICIAL: READ_DASHBOARDS,
    SUPERSET_LEADER: READ_DASHBOARDS,
    SUPERSET_OPERATOR: OPERATE,
}


def give_permissions(security_manager: Any) -> dict[str, int]:
    """Make our roles hold exactly their permissions; ones that this Superset does not have are left out.

    Returns the number of permissions by role. The caller commits.
    """
    given = {}
    for name, wanted in PERMISSIONS_OF_ROLE.items():
        role = security_manager.find_role(name) or security_manager.add_role(name)
        found = (security_manager.find_permission_view_menu(*permission) for permission in sorted(wanted))
        role.permissions = [permission_view for permission_view in found if permission_view is not None]
        given[name] = len(role.permissions)
    for role in security_manager.get_all_roles():
        if role.name.startswith(AUDIENCE_PREFIX):
            role.permissions = []
    return given
