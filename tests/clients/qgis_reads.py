"""Run by QGIS's own Python: `qgis_reads.py URL`, with questions as JSON on stdin and answers as JSON on stdout.

A question is {"layer": name, "filter": text or null, "box": [west, south, east, north] or null}.
"""

import json
import os
import sys
import tempfile

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
PROFILE = tempfile.mkdtemp(prefix="hantsmap-qgis-")
# A profile of its own: no cache and no settings of whoever runs this.
os.environ.update(QGIS_CUSTOM_CONFIG_PATH=PROFILE, QGIS_AUTH_DB_DIR_PATH=PROFILE)

from qgis.core import QgsApplication, QgsFeatureRequest, QgsRectangle, QgsVectorLayer, QgsWkbTypes  # noqa: E402


def answer(url, question):
    """What QGIS makes of one question."""
    pushed = " restrictToRequestBBOX='1'" if question["box"] else ""
    layer = QgsVectorLayer(f"url='{url}' typename='{question['layer']}'{pushed}", question["layer"], "OAPIF")
    if not layer.isValid():
        return {"valid": False, "error": layer.error().message()}
    if question["filter"] and not layer.setSubsetString(question["filter"]):
        return {"valid": False, "error": f"QGIS refuses the filter {question['filter']}"}
    request = QgsFeatureRequest()
    if question["box"]:
        request.setFilterRect(QgsRectangle(*question["box"]))
    features = list(layer.getFeatures(request))
    return {
        "valid": True, "count": layer.featureCount(), "read": len(features), "crs": layer.crs().authid(),
        "kind": QgsWkbTypes.displayString(layer.wkbType()), "fields": [field.name() for field in layer.fields()],
        "extent": [layer.extent().xMinimum(), layer.extent().yMinimum(), layer.extent().xMaximum(),
                   layer.extent().yMaximum()],
        "features": [[feature[0] if len(layer.fields()) else None, feature.geometry().asWkb().data().hex(),
                      {field.name(): str(feature[field.name()]) for field in layer.fields()}] for feature in features],
    }


if __name__ == "__main__":
    application = QgsApplication([], False)
    application.initQgis()
    answers = [answer(sys.argv[1], question) for question in json.load(sys.stdin)]
    sys.stdout.write(json.dumps(answers))
    sys.stdout.flush()
    # QGIS may crash while it takes itself apart, after all has been said.
    os._exit(0)
