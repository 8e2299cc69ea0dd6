"""Superset's security manager, with the permissions of this package kept out of the roles that Superset fills by itself."""

from __future__ import annotations

from typing import Any

from superset.security import SupersetSecurityManager

OUR_VIEW_PREFIX = "Ioc"
"""Every view and API of this package names its permissions so; they are granted to our own roles only."""


SAMPLES = "/datasource/samples"
"""Where a dashboard asks for the rows behind a figure (drill to detail)."""


class IocSecurityManager(SupersetSecurityManager):  # type: ignore[misc]
    """Without this, `superset init` gives each new permission of a plugin to the role Gamma, and readers of a dashboard cannot drill."""

    def _is_ours(self, permission_view: Any) -> bool:
        return str(permission_view.view_menu.name).startswith(OUR_VIEW_PREFIX)

    def _is_gamma_pvm(self, pvm: Any) -> bool:
        return not self._is_ours(pvm) and super()._is_gamma_pvm(pvm)

    def _is_alpha_pvm(self, pvm: Any) -> bool:
        return not self._is_ours(pvm) and super()._is_alpha_pvm(pvm)

    def raise_for_access(self, *positional: Any, **subjects: Any) -> None:
        """As Superset's; rows are asked for on behalf of the dashboard that the question names.

        Superset passes that on for embedded guests only, so that people who have a dashboard by its roles could not drill. It then
        checks that they may see the dashboard and that the dataset is on it.
        """
        context = subjects.get("query_context")
        if context is not None and not context.form_data:
            dashboard = _drilled_dashboard()
            if dashboard is not None:
                context.form_data = {"dashboardId": dashboard}
        super().raise_for_access(*positional, **subjects)


def _drilled_dashboard() -> int | None:
    """Dashboard that the request for rows names, if the request is one."""
    from flask import has_request_context, request

    if not has_request_context() or request.path.rstrip("/") != SAMPLES:
        return None
    number: int | None = request.args.get("dashboard_id", type=int)
    return number
