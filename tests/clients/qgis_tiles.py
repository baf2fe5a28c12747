"""Run by QGIS's own Python: `qgis_tiles.py URL`, with questions as JSON on stdin and answers as JSON on stdout.

A question is {"layer": name, "first": zoom, "last": zoom, "places": [[x, y], ...]} in EPSG:3857 metres. The layer is
drawn on a canvas about each place, and what QGIS identifies there is told.
"""

import json
import os
import sys
import tempfile

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
PROFILE = tempfile.mkdtemp(prefix="hantsmap-qgis-")
# A profile of its own: no cache and no settings of whoever runs this.
os.environ.update(QGIS_CUSTOM_CONFIG_PATH=PROFILE, QGIS_AUTH_DB_DIR_PATH=PROFILE)

from qgis.core import QgsApplication, QgsCoordinateReferenceSystem, QgsRectangle, QgsVectorTileLayer  # noqa: E402
from qgis.gui import QgsMapCanvas, QgsMapToolIdentify  # noqa: E402


def answer(url, question):
    """What QGIS makes of one question."""
    name = question["layer"]
    tiles = f"{url}/collections/{name}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}"
    style = f"{url}/collections/{name}/styles/maplibre"
    layer = QgsVectorTileLayer(
        f"type=xyz&url={tiles}&zmin={question['first']}&zmax={question['last']}&styleUrl={style}", name)
    if not layer.isValid():
        return {"valid": False}
    styled = layer.loadDefaultStyle()
    canvas = QgsMapCanvas()
    canvas.resize(400, 400)
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    canvas.setLayers([layer])
    tool = QgsMapToolIdentify(canvas)
    found, colours = [], []
    for x, y in question["places"]:
        canvas.setExtent(QgsRectangle(x - 400, y - 400, x + 400, y + 400))
        canvas.refresh()
        canvas.waitWhileRendering()
        picture = canvas.grab().toImage()
        colours.append(len({picture.pixel(at % 400, at // 400) for at in range(0, 160_000, 3)}))
        results = tool.identify(200, 200, [layer], QgsMapToolIdentify.TopDownAll)
        found.append([{field.name(): _plain(each.mFeature[field.name()]) for field in each.mFields}
                      for each in results])
    return {"valid": True, "found": found, "colours": colours, "styles": len(layer.renderer().styles()),
            "styled": str(styled)}


def _plain(value):
    return value if isinstance(value, (int, float, str, bool)) else None


if __name__ == "__main__":
    application = QgsApplication([], True)
    application.initQgis()
    answers = [answer(sys.argv[1], question) for question in json.load(sys.stdin)]
    sys.stdout.write(json.dumps(answers))
    sys.stdout.flush()
    # QGIS may crash while it takes itself apart, after all has been said.
    os._exit(0)
