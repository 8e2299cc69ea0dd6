"""What the harvest asks of CKAN, and tells it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import ckanapi
import requests

from ckan_harvesters.delivery import Delivery
from ckan_harvesters.errors import Gone, TerminalError, TransientError
from ckan_harvesters.settings import Settings

PAGE = 200
TIMEOUT = (10, 60)
USER_AGENT = "toan-canh-harvest"
DELETED = "deleted"
TRANSIENT_STATUS = (408, 425, 429, 500, 502, 503, 504)


class _PatientSession(requests.Session):
    """A session in which every request has a time limit and no setting comes from the machine."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs.setdefault("timeout", TIMEOUT)
        return super().request(*args, **kwargs)


class Portal:
    """CKAN as the user `ioc-harvest` sees it, private datasets included."""

    def __init__(self, settings: Settings) -> None:
        self._site = ckanapi.RemoteCKAN(settings.ckan_url, apikey=settings.ckan_token, user_agent=USER_AGENT, session=_PatientSession())

    def call(self, action: str, **arguments: Any) -> Any:
        """Result of an action. Raises Gone, TransientError or TerminalError."""
        return self._answer(action, arguments)

    def deliver(self, dataset: str, agency: str, period: str, file_name: str, content: bytes, *, simulated: bool) -> str:
        """Hands in a file of the centre's own as an agency's delivery of a period; id of its CKAN resource. Raises as `call`."""
        arguments = {"dataset": dataset, "agency": agency, "period": period, "simulated": "true" if simulated else "false"}
        answer = self._answer("ioc_deliver", arguments, files={"upload": (file_name, io.BytesIO(content))})
        return str(answer["resource_id"])

    def _answer(self, action: str, arguments: dict[str, Any], files: dict[str, Any] | None = None) -> Any:
        try:
            return self._site.call_action(action, arguments, files=files)
        except ckanapi.NotFound as error:
            raise Gone(f"CKAN has no such thing ({action} {arguments}).") from error
        except ckanapi.NotAuthorized as error:
            raise TerminalError(
                f"CKAN did not let ioc-harvest call {action}.", "Run `./ioc apply`: it makes ioc-harvest a member of each organisation."
            ) from error
        except ckanapi.ValidationError as error:
            raise TerminalError(f"CKAN refused {action}: {error.error_dict}.") from error
        except (requests.RequestException, ckanapi.ServerIncompatibleError) as error:
            raise TransientError(f"CKAN did not answer {action}: {error}.") from error
        except ckanapi.CKANAPIError as error:
            raise _by_status(action, error) from error

    def delivery(self, ckan_resource: str) -> Delivery:
        """The delivery of that resource. Raises Gone when it or its dataset was deleted."""
        resource = self.call("resource_show", id=ckan_resource)
        dataset = self.call("package_show", id=resource["package_id"])
        present = any(r["id"] == ckan_resource for r in dataset.get("resources", []))
        if DELETED in (resource.get("state"), dataset.get("state")) or not present:
            raise Gone(f"The resource {ckan_resource} was deleted.")
        return Delivery.from_ckan(dataset, resource)

    def deliveries_of(self, dataset_id: str) -> list[Delivery]:
        """All deliveries of a dataset, none for one that was deleted. Raises Gone when it was purged."""
        dataset = self.call("package_show", id=dataset_id)
        if dataset.get("state") == DELETED:
            raise Gone(f"The dataset {dataset_id} was deleted.")
        return [Delivery.from_ckan(dataset, r) for r in dataset.get("resources", [])]

    def datasets(self, since: str | None = None) -> Iterator[dict[str, Any]]:
        """Datasets that changed since a moment (ISO, UTC), all without one; oldest change first."""
        fq = f"metadata_modified:[{since} TO *]" if since else "*:*"
        start = 0
        while True:
            found = self.call(
                "package_search",
                q="*:*",
                fq=fq,
                include_private=True,
                rows=PAGE,
                start=start,
                sort="metadata_modified asc, id asc",
                facet="false",
            )["results"]
            yield from found
            if len(found) < PAGE:
                return
            start += PAGE

    def send_receipt(self, receipt: dict[str, Any]) -> None:
        """Put a receipt on its delivery's page. Raises as `call`."""
        self.call("ioc_receipt_update", **receipt)


def _by_status(action: str, error: ckanapi.CKANAPIError) -> TransientError | TerminalError:
    text = str(error)
    if isinstance(error, ckanapi.SearchError) or any(f", {status}, " in text for status in TRANSIENT_STATUS):
        return TransientError(f"CKAN did not answer {action}: {text[:300]}.")
    return TerminalError(f"CKAN answered {action} with an error: {text[:300]}.")
