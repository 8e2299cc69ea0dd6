"""Superset's security manager, with the permissions of this package kept out of the roles that Superset fills by itself."""

from __future__ import annotations

from typing import Any

from superset.security import SupersetSecurityManager

OUR_VIEW_PREFIX = "Ioc"
"""Every view and API of this package names its permissions so; they are granted to our own roles only."""


class IocSecurityManager(SupersetSecurityManager):  # type: ignore[misc]
    """Without this, `superset init` gives each new permission of a plugin to the role Gamma."""

    def _is_ours(self, permission_view: Any) -> bool:
        return str(permission_view.view_menu.name).startswith(OUR_VIEW_PREFIX)

    def _is_gamma_pvm(self, pvm: Any) -> bool:
        return not self._is_ours(pvm) and super()._is_gamma_pvm(pvm)

    def _is_alpha_pvm(self, pvm: Any) -> bool:
        return not self._is_ours(pvm) and super()._is_alpha_pvm(pvm)
