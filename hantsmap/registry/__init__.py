"""The registry: every layer and audience, read from `layers.yaml`, valid as a whole or not at all."""

from hantsmap.registry.reading import Registry, read

__all__ = ["Registry", "read"]
