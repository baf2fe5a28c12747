"""A question put to a rendition, and its answer. A question cannot name what the rendition does not hold."""

from hantsmap.query.asking import ITEM_PARAMETERS, Query, ask
from hantsmap.query.features import csv_rows, feature_text, texts
from hantsmap.query.selecting import Page, Reader

__all__ = ["ITEM_PARAMETERS", "Page", "Query", "Reader", "ask", "csv_rows", "feature_text", "texts"]
