"""The version of the rules of curation, and the settings of a layer that they depend on."""

# Raised whenever curation changes what it makes of the same source, so that every layer is curated again.
RULES = 5
SETTINGS = ("geometry", "key", "source", "open_geometry", "fields", "max_dropped", "max_lost", "max_repair",
            "sliver_m2", "together")
