"""What the supply board's page is answered: `board.json` and `report.json`, read of the store with the login of the viewer's audience."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from datasets.model.audience import PUBLIC
from datasets.model.calendar import ZONE
from datasets.model.reference import Reference, read_reference
from superset_ioc.portal import portal_url
from superset_ioc.supply.filters import BoardRefused, Filters
from superset_ioc.supply.kept import KeptBoards
from superset_ioc.supply.matrix import board
from superset_ioc.supply.obligation import read_report, report, spoken_of
from superset_ioc.supply.texts import texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from superset_ioc.store import Store
    from superset_ioc.supply.board_store import Ask

log = logging.getLogger(__name__)

LONGEST = 300
"""Characters of an obligation's or a period's name."""


@cache
def reference() -> Reference:
    """The province's reference data."""
    return read_reference()


def subsystem_titles(language: str) -> dict[str, str]:
    """Title of each declared subsystem, in their order."""
    return {one.name: spoken_of(one.title, one.titles, language) for one in reference().subsystems.values()}


class Answer(NamedTuple):
    """What a browser is told, and how it went."""

    told: Mapping[str, Any]
    status: HTTPStatus = HTTPStatus.OK

    @property
    def text(self) -> str:
        """JSON."""
        return json.dumps(self.told, ensure_ascii=False, separators=(",", ":"))


class Answers:
    """The board's answers to one viewer at a time; what was read stands for a few seconds."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept = KeptBoards()

    def board(self, audience: str, language: str, asked: Mapping[str, str]) -> Answer:
        """Rates and matrix of the filters in the address."""

        def made(ask: Ask) -> Answer:
            read = self._kept.of(ask, audience, Filters.of(asked), ZONE)
            return Answer(board(read, language, subsystem_titles(language)))

        return self._answered(audience, language, made)

    def report(self, audience: str, language: str, asked: Mapping[str, str]) -> Answer:
        """One report with its obligation; `asked` names obligation and period."""

        def made(ask: Ask) -> Answer:
            obligation, period = (asked.get(key, "")[:LONGEST].replace("\0", "") for key in ("obligation", "period"))
            found = read_report(ask, obligation, period)
            if found is None:
                return Answer({"message": texts(language)["unknown_report"]}, HTTPStatus.NOT_FOUND)
            state, events = found
            subsystem = subsystem_titles(language).get(state["subsystem"])
            return Answer(report(state, events, language, reference(), subsystem, portal_url()))

        return self._answered(audience, language, made)

    def _answered(self, audience: str, language: str, made: Callable[[Ask], Answer]) -> Answer:
        """What `made` answers with the audience's way to ask; in words why there is no answer."""
        import psycopg2

        words = texts(language)
        if audience == PUBLIC:
            return Answer({"message": words["not_shared"]}, HTTPStatus.FORBIDDEN)
        try:
            return made(lambda query, parameters: self._store.ask(audience, query, parameters))
        except BoardRefused as problem:
            return Answer({"message": words["refused"].format(problem=problem)}, HTTPStatus.BAD_REQUEST)
        except psycopg2.Error as problem:
            log.error("The supply board cannot read the store: %s", problem)
            return Answer({"message": words["failed"]}, HTTPStatus.SERVICE_UNAVAILABLE)
