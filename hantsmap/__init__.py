"""HantsMap: a county's maps, curated, protected when they are published, and served as files that never change.

The library knows no web. Journeys begin in `hantsmap.cli`; the words are in docs/glossary.md.
"""

__version__ = "0.1.0"
