"""What Toàn Cảnh adds to Apache Superset, registered through `FLASK_APP_MUTATOR`."""

from typing import Any


def mutate(app: Any) -> None:
    """Register every part with Superset's Flask application; called once per process, inside its application context."""
    from superset_ioc import charts, deliveries, downloads, edition, errors, home, language, maps, pages, persons, store
    from superset_ioc.supply import board as supply_board
    from superset_ioc.supply import facts as supply_facts

    store.register(app)
    pages.register(app)
    charts.register(app)
    maps.register(app)
    supply_facts.register(app)
    language.register(app)
    home.register(app)
    supply_board.register(app)
    deliveries.register(app)
    downloads.register(app)
    errors.register(app)
    persons.register(app)
    edition.register(app)
