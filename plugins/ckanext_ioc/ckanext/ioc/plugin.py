"""The plugin `ioc`: what CKAN asks of it, each answered by the module of that name."""

from __future__ import annotations

import json
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
import flask
from ckan.lib.plugins import DefaultTranslation

from . import (
    agencies,
    auth,
    cli,
    dataset_actions,
    deliver_action,
    delivery_actions,
    delivery_views,
    error_page,
    headers,
    labels,
    logins,
    notify,
    pages,
    purge,
    receipt,
    receipt_actions,
    receipt_views,
    source,
    supply_fields,
    texts,
    uploads,
    validators,
    words,
)
from .desk import call as desk_call
from .desk import form as desk_form
from .desk import form_views as desk_form_views
from .desk import history_views as desk_history_views
from .desk import owed as desk_owed
from .desk import token as desk_token
from .desk import views as desk_views
from .desk import words as desk_words
from .desk import zero

INDEXED_OF_RESOURCES = ("res_name", "res_description", "res_url", "res_format", "res_type")


class IocPlugin(p.SingletonPlugin, DefaultTranslation):  # type: ignore[misc]
    """Deliveries, receipts and access, and the texts of `i18n/`, which CKAN reads after its own and prefers to them."""

    p.implements(p.IConfigurer)
    p.implements(p.IConfigurable)
    p.implements(p.IConfigDeclaration)
    p.implements(p.IAuthFunctions)
    p.implements(p.IActions)
    p.implements(p.IValidators)
    p.implements(p.IPermissionLabels)
    p.implements(p.IPackageController, inherit=True)
    p.implements(p.IResourceController, inherit=True)
    p.implements(p.IUploader, inherit=True)
    p.implements(p.ISignal)
    p.implements(p.IBlueprint)
    p.implements(p.IMiddleware, inherit=True)
    p.implements(p.ITemplateHelpers)
    p.implements(p.IFacets, inherit=True)
    p.implements(p.IClick)
    p.implements(p.ITranslation)

    # IConfigurer, IConfigurable, IConfigDeclaration
    def update_config(self, config: Any) -> None:
        tk.add_template_directory(config, "templates")
        tk.add_public_directory(config, "public")
        tk.add_resource("assets", "ioc")

    def configure(self, config: Any) -> None:
        notify.listen()

    def declare_config_options(self, declaration: Any, key: Any) -> None:
        option = key.ckanext.ioc
        declaration.declare(option.redis_url, "").set_description("Redis database of the harvest's queue")
        declaration.declare(option.service_user, "ioc-harvest").set_description("User that the harvest works as")
        declaration.declare(option.desk_url, "").set_description("Address of the desk service: what is owed, checks before publishing")
        declaration.declare(option.desk_token, "").set_description("Token that the desk service asks for")
        declaration.declare(option.superset_url, "").set_description("Address of the dashboards, for the header's link")
        declaration.declare(option.source_url, source.ADDRESS).set_description("Where the source of this portal is offered (AGPL)")

    # IAuthFunctions, IActions, IValidators, IPermissionLabels
    def get_auth_functions(self) -> dict[str, Any]:
        return auth.functions()

    def get_actions(self) -> dict[str, Any]:
        read_instead = {
            "package_show": dataset_actions.package_show,
            "package_search": dataset_actions.package_search,
            "resource_search": dataset_actions.resource_search,
            **dict.fromkeys(dataset_actions.ACTIVITY_LISTS, dataset_actions.activity_list),
        }
        write_instead = {
            "package_revise": dataset_actions.package_revise,
            "dataset_purge": purge.dataset_purge,
            "resource_create": delivery_actions.resource_create,
            "resource_update": delivery_actions.resource_update,
            "resource_delete": delivery_actions.resource_delete,
        }
        return {
            **{name: _chained_read(action) for name, action in read_instead.items()},
            **{name: tk.chained_action(action) for name, action in write_instead.items()},
            "ioc_receipt_update": receipt_actions.receipt_update,
            "ioc_receipt_show": tk.side_effect_free(receipt_actions.receipt_show),
            "ioc_deliver": deliver_action.deliver,
        }

    def get_validators(self) -> dict[str, Any]:
        return {**validators.validators(), **supply_fields.validators()}

    def get_dataset_labels(self, dataset_obj: Any) -> list[str]:
        return labels.of_dataset(dataset_obj)

    def get_user_dataset_labels(self, user_obj: Any) -> list[str]:
        return labels.of_user(user_obj)

    # IPackageController, IResourceController, IUploader, ISignal
    def after_dataset_create(self, context: Any, pkg_dict: dict[str, Any]) -> None:
        notify.collect("dataset_create", pkg_dict["id"])

    def after_dataset_update(self, context: Any, pkg_dict: dict[str, Any]) -> None:
        notify.collect("dataset_update", pkg_dict["id"])

    def after_dataset_delete(self, context: Any, pkg_dict: dict[str, Any]) -> None:
        notify.collect("dataset_delete", pkg_dict["id"])

    def after_dataset_search(self, search_results: dict[str, Any], search_params: dict[str, Any]) -> dict[str, Any]:
        return dataset_actions.search_results(search_results)

    def before_dataset_index(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        """Deliveries are not found by their names: the index is asked by everyone, and cannot tell who may see which."""
        for name in INDEXED_OF_RESOURCES:
            pkg_dict.pop(name, None)
        return pkg_dict

    def before_resource_update(self, context: Any, current: dict[str, Any], resource: dict[str, Any]) -> None:
        """A delivery whose address or period becomes another one has not been checked as what it is now."""
        moved = any(name in resource and (resource[name] or "") != (current.get(name) or "") for name in ("period", "agency"))
        if moved or (not resource.get("upload") and _file_name(resource) != _file_name(current)):
            with receipt.replacing_file(current["id"]):
                notify.collect("resource_update", current.get("package_id"), current["id"])

    def before_resource_delete(self, context: Any, resource: dict[str, Any], resources: list[dict[str, Any]]) -> None:
        found = next((r for r in resources if r["id"] == resource["id"]), {})
        notify.collect("resource_delete", found.get("package_id"), resource["id"])

    def get_resource_uploader(self, resource: dict[str, Any]) -> uploads.DeliveryUpload:
        return uploads.for_resource(resource)

    def get_signal_subscriptions(self) -> dict[Any, Any]:
        return notify.subscriptions()

    # IBlueprint, IMiddleware, ITemplateHelpers, IFacets, IClick
    def get_blueprint(self) -> list[flask.Blueprint]:
        blueprint = flask.Blueprint("ioc", __name__)
        delivery_views.register(blueprint)
        receipt_views.register(blueprint)
        desk_views.register(blueprint)
        desk_form_views.register(blueprint)
        desk_history_views.register(blueprint)
        zero.register(blueprint)
        desk_token.register(blueprint)
        pages.register(blueprint)
        source.register(blueprint)
        return [blueprint]

    def make_middleware(self, app: Any, config: Any) -> Any:
        app.before_request(logins.refuse_after_failures)
        app.after_request(logins.count)
        app.after_request(headers.set_headers)
        app.register_error_handler(tk.NotAuthorized, error_page.not_allowed)
        return app

    def get_helpers(self) -> dict[str, Any]:
        return {
            "ioc_say": texts.here,
            "ioc_translated": texts.translated,
            "ioc_roles": agencies.roles,
            "ioc_period": desk_words.period_text,
            "ioc_agency": lambda slug: agencies.title(slug, texts.language()),
            "ioc_agencies": lambda slugs: agencies.titles(slugs, texts.language()),
            "ioc_receipt": receipt_views.receipt_of,
            "ioc_badges": receipt_views.badges_of,
            "ioc_form": delivery_views.form_choices,
            "ioc_json": lambda value: json.loads(value) if value else {},
            "ioc_moment": receipt_views.moment,
            "ioc_due": words.due,
            "ioc_column_type": words.column_type,
            "ioc_licence": words.licence,
            "ioc_subsystems": words.subsystem_titles,
            "ioc_facet_value": words.facet_value,
            "ioc_delivers": pages.delivers,
            "ioc_desk_first_page": desk_owed.on_first_page,
            "ioc_desk_form": desk_form.for_script,
            "ioc_desk_call": desk_call.of_report,
            "ioc_signed": zero.signed,
            "ioc_desk_history": desk_history_views.of_report,
            "ioc_first_page": pages.first_page,
            "ioc_error": error_page.words,
            "ioc_my_datasets": pages.my_datasets,
            "ioc_megabytes": pages.largest_file,
            "ioc_setting": lambda name: tk.config.get(f"ckanext.ioc.{name}") or "",
        }

    def dataset_facets(self, facets_dict: Any, package_type: str) -> Any:
        facets_dict.clear()
        for name in ("organization", "subsystem", "access_class", "frequency"):
            facets_dict[name] = texts.here(f"portal.facet.{name}")
        return facets_dict

    def organization_facets(self, facets_dict: Any, organization_type: str, package_type: str | None) -> Any:
        """On an agency's own page there is no choice of agencies."""
        self.dataset_facets(facets_dict, "dataset").pop("organization")
        return facets_dict

    def get_commands(self) -> list[Any]:
        return cli.get_commands()


def _chained_read(action: Any) -> Any:
    """An action that CKAN calls with its own one, and that may be asked for by GET."""

    def chained(core: Any, context: dict[str, Any], data: dict[str, Any]) -> Any:
        return action(core, context, data)

    return tk.side_effect_free(tk.chained_action(chained))


def _file_name(resource: dict[str, Any]) -> str:
    """What tells whether a resource still points to the same file: the file's name, of a link the whole address."""
    address = str(resource.get("url") or "")
    return address.rsplit("/", 1)[-1] if resource.get("url_type") == "upload" else address
