"""The version of the rules of curation."""

# Raised whenever curation changes what it makes of the same source, so that every layer is curated again.
RULES = 4
