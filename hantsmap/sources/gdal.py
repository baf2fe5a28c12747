"""GDAL with one driver and no network, for as long as a source is read.

GDAL chooses a driver by the content of a file, and some drivers (VRT, WFS, GDALG) follow addresses in that content.
pyogrio has no argument for the drivers that may open a file (`allowed_drivers` of GDALOpenEx), so this module takes the
other drivers out of GDAL's registry while a file is open, by GDAL's C API (gdal.h, cpl_http.h).
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pyogrio

from hantsmap.sources.case import Case

# No schema from the publisher's server, no linked files, nothing written beside the source, no remote file system.
_SETTINGS = {
    "GML_DOWNLOAD_SCHEMA": "NO",
    "GML_SKIP_RESOLVE_ELEMS": "ALL",
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "none",
}
_LOCK = threading.RLock()
_Fetch = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_char_p, *[ctypes.c_void_p] * 6)


class _Result(ctypes.Structure):
    """CPLHTTPResult of cpl_http.h, as far as GDAL reads a failed one."""

    _fields_ = (
        ("nStatus", ctypes.c_int), ("pszContentType", ctypes.c_void_p), ("pszErrBuf", ctypes.c_void_p),
        ("nDataLen", ctypes.c_int), ("nDataAlloc", ctypes.c_int), ("pabyData", ctypes.c_void_p),
        ("papszHeaders", ctypes.c_void_p), ("nMimePartCount", ctypes.c_int), ("pasMimePart", ctypes.c_void_p),
    )  # fmt: skip


@contextmanager
def only_driver(case: Case, name: str) -> Iterator[None]:
    """GDAL opens files with the driver `name` alone and fetches nothing.

    The drivers and settings that were there before come back at the end. Other threads that use pyogrio meanwhile are
    restricted too. Raises SourceError when the file made GDAL ask for an address, even if it could be read without.
    """
    fetched: list[str] = []
    with _LOCK:
        library = _library()
        drivers = [library.GDALGetDriver(place) for place in range(library.GDALGetDriverCount())]
        before = {setting: pyogrio.get_gdal_config_option(setting) for setting in _SETTINGS}
        refuse = _refusal(library, fetched)
        try:
            for driver in drivers:
                if library.GDALGetDescription(driver).decode() != name:
                    library.GDALDeregisterDriver(driver)
            pyogrio.set_gdal_config_options(_SETTINGS)
            library.CPLHTTPPushFetchCallback(refuse, None)
            yield
        finally:
            library.CPLHTTPPopFetchCallback()
            pyogrio.set_gdal_config_options(before)
            # All in their old order, because GDAL asks them in this order.
            for driver in drivers:
                library.GDALDeregisterDriver(driver)
            for driver in drivers:
                library.GDALRegisterDriver(driver)
    if fetched:
        raise case.fault(
            f"names an address to fetch ({fetched[0][:200]}), and is refused. A source has to hold all of its data."
        )


def content_format(path: Path) -> str | None:
    """The driver that GDAL would choose by the content of a file, without opening it; None where there is none."""
    with _LOCK:
        driver = _library().GDALIdentifyDriver(str(path).encode(), None)
    return _library().GDALGetDescription(driver).decode() if driver else None


def _refusal(library: Any, fetched: list[str]) -> Any:
    """A callback that answers every HTTP request of GDAL with an error, and remembers the address."""

    def refuse(address: bytes | None, *_: Any) -> int:
        fetched.append((address or b"").decode("utf-8", "replace"))
        # GDAL frees it with CPLHTTPDestroyResult, so GDAL has to allocate it.
        place: int = library.VSICalloc(1, ctypes.sizeof(_Result) + 64)
        result = _Result.from_address(place)
        result.nStatus = 1
        result.pszErrBuf = library.CPLStrdup(b"HantsMap fetches nothing that a source names")
        return place

    return _Fetch(refuse)


@cache
def _library() -> Any:
    """The GDAL that pyogrio is linked with: symbols are looked for in the libraries that its module depends on."""
    import pyogrio._ogr

    library = ctypes.CDLL(pyogrio._ogr.__file__)
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    for function, result, arguments in (
        ("GDALGetDriverCount", ctypes.c_int, []), ("GDALGetDriver", pointer, [ctypes.c_int]),
        ("GDALGetDescription", text, [pointer]), ("GDALDeregisterDriver", None, [pointer]),
        ("GDALRegisterDriver", ctypes.c_int, [pointer]), ("GDALIdentifyDriver", pointer, [text, pointer]),
        ("CPLHTTPPushFetchCallback", ctypes.c_int, [_Fetch, pointer]), ("CPLHTTPPopFetchCallback", ctypes.c_int, []),
        ("VSICalloc", pointer, [ctypes.c_size_t] * 2), ("CPLStrdup", pointer, [text]),
    ):  # fmt: skip
        found = getattr(library, function)
        found.restype, found.argtypes = result, arguments
    return library
