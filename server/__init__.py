"""The server: translates between HTTP and the library, and decides nothing that the library decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from server.settings import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The application, put together here and nowhere else. Raises DatumError when coordinates would be wrong,
    and LessonsError when the words of the lessons cannot be read."""
    # Loaded by who makes an application: the process that only starts others would wait for it.
    from flask import Flask

    from hantsmap import crs
    from hantsmap.lessons import lessons
    from hantsmap.store import Store
    from server import about, bridge, licence, map_page, map_routes, me, ogc, schools, tile_routes
    from server.entrance import Entrance
    from server.settings import Settings
    from server.shelf import Served

    configured = settings or Settings.from_environment()
    crs.datum()
    app = Flask(__name__, static_folder=None)
    app.static_folder = "static"
    # A file of words that cannot be read is told of now, and not by the first class that asks.
    lessons(configured.lessons)
    served = Served(Store(configured.store))
    # A rule takes these from the map as it is added. A slash too many at the end is forgiven; within an id it counts.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.url_map.converters["id"] = ogc.FeatureId
    app.register_blueprint(ogc.blueprint)
    for routes in (about.blueprint, map_page.blueprint, map_routes.blueprint, licence.blueprint, me.blueprint,
                   schools.blueprint, tile_routes.blueprint):
        app.register_blueprint(routes)
    entrance = Entrance(configured, served)
    app.extensions["hantsmap"], app.extensions["hantsmap-entrance"] = served, entrance
    bridge.install(app, entrance)
    if entrance.verifier is not None:
        from server import signin

        signin.install(app, signin.Desk.of(entrance))
    served.watch()
    return app
