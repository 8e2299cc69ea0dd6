"""The centre's own report on supply, delivered after the agencies' files instead of waiting for the next morning."""

from __future__ import annotations

from ckan_harvesters.errors import HarvestError
from ckan_harvesters.portal import Portal
from ckan_harvesters.settings import Settings
from ckan_harvesters.supply.own_report import deliver_own_report
from control.demonstration.harvested import wait_until_harvested
from control.secrets import Secrets
from control.services import harvest, postgres
from control.settings import Instance
from control.steps import StepFailed, Steps

LAST_LOAD = "SELECT coalesce(max(load_id), 0) FROM ledger.load"


def deliver_centre_report(instance: Instance, secrets: Secrets, steps: Steps) -> None:
    """Delivers what changed of it and waits until that is harvested; nothing when nothing changed. Raises StepFailed."""
    settings = Settings.from_environment(harvest.environment(instance, secrets))
    with steps.step("The centre's own report on supply") as notes:
        with postgres.connect(instance, secrets, "ioc") as connection:
            row = connection.execute(LAST_LOAD).fetchone()
        before = int(row[0]) if row else 0
        try:
            delivered = deliver_own_report(settings.store_url, Portal(settings))
        except HarvestError as error:
            advice = "see ./ioc status; it is delivered again each morning, and by ./ioc demo"
            raise StepFailed(f"The centre's own report was not delivered: {error}", advice=advice) from error
        if not delivered:
            notes.append("nothing changed")
            return
        notes.append(wait_until_harvested(instance, secrets, delivered, after=dict.fromkeys(delivered, before)))
