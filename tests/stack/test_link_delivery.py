"""A delivery given as a link is read as a stranger would read it, never with what the harvest itself may see."""

from __future__ import annotations

import pytest

from tests.running import Running

pytestmark = pytest.mark.stack

DATASET, AGENCY, PERIOD = "health-bed-days", "so-y-te", "2018-01-02"


def test_a_link_to_another_agencys_closed_file_is_refused(instance: Running) -> None:
    admin = instance.ckan(instance.sysadmin_token)
    closed = admin.call_action("package_show", {"id": "health-tests"})["resources"][0]["url"]
    site = instance.ckan(instance.editor(AGENCY).token)
    made = site.call_action("resource_create", {"package_id": DATASET, "agency": AGENCY, "period": PERIOD, "url": closed})
    try:
        receipt = instance.receipt(made["id"], instance.editor(AGENCY).token)
        assert (receipt["state"], receipt["refused_code"]) == ("refused", "link_internal")
        assert receipt["problems"] == []
    finally:
        site.call_action("resource_delete", {"id": made["id"]})
