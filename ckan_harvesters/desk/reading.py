"""Routes that read the store: what is owed, form, prefill, template, history."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify, request

from ckan_harvesters.desk.asked import asked
from ckan_harvesters.desk.form import LANGUAGES, form
from ckan_harvesters.desk.history import difference, history
from ckan_harvesters.desk.owed import number, owed, report
from ckan_harvesters.desk.prefill import prefill
from ckan_harvesters.desk.store import Store
from ckan_harvesters.desk.template_csv import template_csv

LARGEST_NUMBER = 2**62


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
            about = asked(conn, request.args)
            return jsonify(form(conn, about, store.places(conn)[1], language()))

    @app.get("/prefill")
    def the_prefill() -> Response:
        with store.reading() as conn:
            return jsonify(prefill(conn, asked(conn, request.args), store.places(conn)[1]))

    @app.get("/template.csv")
    def the_text_template() -> Response:
        with store.reading() as conn:
            about = asked(conn, request.args)
        return attachment(template_csv(about.resource), f"{about.dataset}.csv", "text/csv; charset=utf-8")


def attachment(data: bytes, name: str, kind: str) -> Response:
    headers: dict[str, Any] = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return Response(data, mimetype=None, content_type=kind, headers=headers)
