"""The server: translates between HTTP and the library, and decides nothing that the library decides."""

from __future__ import annotations

from flask import Flask, Response, request

from hantsmap import crs
from hantsmap.store import Store
from server import about, entrance, errors, ogc
from server.replies import harden, shared
from server.settings import Settings
from server.shelf import Served


def create_app(settings: Settings | None = None) -> Flask:
    """The application, put together here and nowhere else. Raises DatumError when coordinates would be wrong."""
    configured = settings or Settings.from_environment()
    crs.datum()
    app = Flask(__name__, static_folder=None)
    app.static_folder = "static"
    app.config["HANTSMAP"] = configured
    served = Served(Store(configured.store))
    app.extensions["hantsmap"] = served
    # A rule takes these from the map as it is added. A slash too many at the end is forgiven; within an id it counts.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.url_map.converters["id"] = ogc.FeatureId
    app.register_blueprint(ogc.blueprint)
    app.register_blueprint(about.blueprint)
    app.before_request(_options)
    entrance.install(app, entrance.Entrance(configured, served))
    errors.install(app)
    served.watch()
    return app


def _options() -> Response | None:
    """OPTIONS is answered the same everywhere: a browser asks it before it reads, QGIS to learn what it may do."""
    if request.method != "OPTIONS":
        return None
    response = Response(status=204)
    response.headers["Allow"] = "GET, HEAD, OPTIONS"
    if shared():
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        response.headers["Access-Control-Allow-Headers"] = "Accept, If-None-Match, Authorization, X-API-Key"
        response.headers["Access-Control-Max-Age"] = "86400"
    return harden(response)
