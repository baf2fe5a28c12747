"""Run by QGIS's own Python: addresses of files as JSON on stdin, what QGIS makes of them as JSON on stdout."""

import json
import os
import sys
import tempfile

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
PROFILE = tempfile.mkdtemp(prefix="hantsmap-qgis-")
os.environ.update(QGIS_CUSTOM_CONFIG_PATH=PROFILE, QGIS_AUTH_DB_DIR_PATH=PROFILE)

from qgis.core import NULL, QgsApplication, QgsVectorLayer, QgsWkbTypes  # noqa: E402
from qgis.PyQt.QtCore import QDate, QDateTime, Qt  # noqa: E402


def plain(value):
    """A value as JSON has it."""
    if value == NULL or value is None:
        return None
    if isinstance(value, (QDate, QDateTime)):
        return value.toString(Qt.ISODate)
    return value


def dashes(renderer):
    """Lengths of dashes and gaps of each class that is drawn by dashes."""
    found = {}
    # The symbol belongs to its category, which has to be there while it is asked.
    for category in renderer.categories():
        symbol = category.symbol()
        line = symbol.symbolLayer(0)
        if line.layerType() == "SimpleLine" and line.useCustomDashPattern():
            found[category.value()] = list(line.customDashVector())
    return found


def answer(uri):
    """What QGIS makes of one file."""
    layer = QgsVectorLayer(uri, "layer", "ogr")
    if not layer.isValid():
        return {"valid": False, "error": layer.error().message()}
    renderer = layer.renderer()
    classes = {item.value(): [item.label(), item.symbol().color().name()] for item in renderer.categories()} \
        if renderer and renderer.type() == "categorizedSymbol" else {}
    fields = layer.fields()
    told = layer.metadata()
    return {
        "metadata": {
            "title": told.title(), "abstract": told.abstract(), "licenses": told.licenses(), "rights": told.rights(),
            "history": told.history(), "keywords": told.keywords().get("keywords", []), "crs": told.crs().authid(),
            "constraints": [[each.type, each.constraint] for each in told.constraints()],
            "contacts": [[each.name, each.organization, each.email, each.role] for each in told.contacts()],
            "links": [[each.name, each.url] for each in told.links()],
            "box": [box.bounds.xMinimum(), box.bounds.yMinimum(), box.bounds.xMaximum(), box.bounds.yMaximum()]
            if (box := next(iter(told.extent().spatialExtents()), None)) else None},
        "dashes": dashes(renderer) if classes else {},
        "valid": True, "count": layer.featureCount(), "crs": layer.crs().authid(),
        "kind": QgsWkbTypes.displayString(layer.wkbType()), "classes": classes,
        "types": {field.name(): field.typeName() for field in fields},
        "aliases": {field.name(): layer.attributeDisplayName(number) for number, field in enumerate(fields)},
        "widgets": {field.name(): [layer.editorWidgetSetup(number).type(), layer.editorWidgetSetup(number).config()]
                    for number, field in enumerate(fields)},
        "features": [[{field.name(): plain(feature[field.name()]) for field in fields},
                      feature.geometry().asWkb().data().hex()] for feature in layer.getFeatures()],
    }


if __name__ == "__main__":
    application = QgsApplication([], False)
    application.initQgis()
    answers = [answer(uri) for uri in json.load(sys.stdin)]
    sys.stdout.write(json.dumps(answers))
    sys.stdout.flush()
    # QGIS may crash while it takes itself apart, after all has been said.
    os._exit(0)
