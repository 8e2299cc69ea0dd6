"""Routes that read the store: what is owed, form, prefill, template, history."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, request

from ckan_harvesters.applied import Places
from ckan_harvesters.delivery import DeliveryScope
from ckan_harvesters.desk.asked import Asked, Unanswerable, asked
from ckan_harvesters.desk.form import LANGUAGES, form, options, scope, unit_cell, unit_name, units_of
from ckan_harvesters.desk.history import difference, history
from ckan_harvesters.desk.laid import laid
from ckan_harvesters.desk.owed import number, owed, report
from ckan_harvesters.desk.prefill import prefill
from ckan_harvesters.desk.store import Connection, Store
from ckan_harvesters.desk.template_book import Codes, write_template
from ckan_harvesters.desk.template_csv import template_csv
from ckan_harvesters.reading import is_geographic

LARGEST_NUMBER = 2**62
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def language() -> str:
    """The reader's language, Vietnamese when none or an unknown one is given."""
    given = request.args.get("lang") or request.form.get("lang") or "vi"
    return given if given in LANGUAGES else "vi"


def reading_routes(app: Flask, store: Store) -> None:
    @app.get("/owed")
    def the_owed() -> Response:
        with store.reading() as conn:
            return jsonify(owed(conn, request.args.getlist("agency"), request.args.get("days")))

    @app.get("/report")
    def the_report() -> Response:
        with store.reading() as conn:
            return jsonify(report(conn, request.args))

    @app.get("/history")
    def the_history() -> Response:
        with store.reading() as conn:
            return jsonify(history(conn, asked(conn, request.args)))

    @app.get("/difference")
    def the_difference() -> Response:
        load = number(request.args.get("load"), "load", None, LARGEST_NUMBER)
        before = number(request.args["before"], "before", None, LARGEST_NUMBER) if "before" in request.args else None
        with store.reading() as conn:
            return jsonify(difference(conn, load, before, language()))

    @app.get("/form")
    def the_form() -> Response:
        with store.reading() as conn:
            about = with_form(asked(conn, request.args))
            return jsonify(form(conn, about, store.places(conn)[1], language()))

    @app.get("/prefill")
    def the_prefill() -> Response:
        with store.reading() as conn:
            return jsonify(prefill(conn, with_form(asked(conn, request.args)), store.places(conn)[1]))

    @app.get("/template.csv")
    def the_text_template() -> Response:
        with store.reading() as conn:
            about = asked(conn, request.args)
            made = laid(conn, about, template_scope(about), store.places(conn)[1])
        return attachment(template_csv(about.resource, made), f"{about.dataset}.csv", "text/csv; charset=utf-8")

    @app.get("/template.xlsx")
    def the_template() -> Response:
        with store.reading() as conn, tempfile.TemporaryDirectory(prefix="template-") as folder:
            about = asked(conn, request.args)
            if is_geographic(about.resource):
                raise Unanswerable("no_template", 404, dataset=about.dataset)
            path, places, here = Path(folder) / "template.xlsx", store.places(conn)[1], template_scope(about)
            made, offered = laid(conn, about, here, places), codes(conn, about, places, language())
            write_template(path, about, made, here, offered, _title(conn, about.agency), language())
            return attachment(path.read_bytes(), f"{about.dataset}.xlsx", WORKBOOK)


def with_form(about: Asked) -> Asked:
    """The same. Raises Unanswerable for a wide table: a form has a column for each field, and this one has years or items across."""
    if not about.resource.has_form and not is_geographic(about.resource):
        raise Unanswerable("no_form", 404, dataset=about.dataset)
    return about


def codes(conn: Connection, about: Asked, places: Places, language: str) -> Codes:
    """Units and lists that a workbook offers, as they hold in the period."""
    fields, here = about.resource.schema_.fields, template_scope(about)
    units = {f.name: [[unit_cell(u, f), unit_name(u, language)] for u in units_of(f, here, places)] for f in fields if f.is_unit}
    lists = {f.name: found for f in fields if not f.is_unit and (found := options(conn, f, about.resource, language))}
    return Codes(units, lists)


def template_scope(about: Asked) -> DeliveryScope:
    """The period's scope; a template may also be asked for without a period."""
    return scope(about) if about.period else DeliveryScope(about.agency)


def _title(conn: Connection, agency: str) -> str:
    row = conn.execute("SELECT title FROM ref.agency WHERE agency = %s", (agency,)).fetchone()
    return str(row[0]) if row else agency


def attachment(data: bytes, name: str, kind: str) -> Response:
    headers: dict[str, Any] = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return Response(data, mimetype=None, content_type=kind, headers=headers)
