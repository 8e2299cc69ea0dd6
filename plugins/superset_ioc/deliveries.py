"""From a row to the delivery that brought it: `/ioc/delivery/<dataset>` and `/ioc/delivery/load/<number>` lead to the portal.

A dashboard is the same wherever it is imported, and knows no address of a portal; this installation does. Who may see the delivery there
is the portal's to say.
"""

from __future__ import annotations

from typing import Any

from superset_ioc.audience import audience_of
from superset_ioc.portal import address_of, portal_url

ADDRESS = "/ioc/delivery"
LARGEST = 2**63 - 1
"""Of the store's numbers of loads; what is larger is none."""
DELIVERY_OF = "SELECT dataset, ckan_resource FROM ledger.delivery_of(%(load)s)"


def register(app: Any) -> None:
    """Serve both addresses to who has the permission `can_read` on `IocHome`: everyone who sees dashboards."""
    from flask import abort, g, redirect
    from flask_appbuilder import expose, has_access
    from flask_appbuilder.security.decorators import permission_name
    from superset.extensions import appbuilder
    from superset.views.base import BaseSupersetView

    from superset_ioc.store import store_of

    store = store_of(app)

    class IocDelivery(BaseSupersetView):  # type: ignore[misc]
        """The way to the portal."""

        route_base = ADDRESS
        class_permission_name = "IocHome"

        @expose("/<dataset>")  # type: ignore[untyped-decorator]
        @has_access  # type: ignore[untyped-decorator]
        @permission_name("read")  # type: ignore[untyped-decorator]
        def dataset(self, dataset: str) -> Any:
            """To the dataset's page."""
            return redirect(address_of(portal_url(), dataset))

        @expose(f"/load/<int(max={LARGEST}):load>")  # type: ignore[untyped-decorator]
        @has_access  # type: ignore[untyped-decorator]
        @permission_name("read")  # type: ignore[untyped-decorator]
        def load(self, load: int) -> Any:
            """To the delivery that a row came with; 404 when the viewer's audience may not read its dataset."""
            found = store.ask(audience_of(getattr(g, "user", None)), DELIVERY_OF, {"load": load})
            return redirect(address_of(portal_url(), *found[0])) if found else abort(404)

    appbuilder.add_view_no_menu(IocDelivery)
