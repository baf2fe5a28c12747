"""Invented names. They sound English, and are put together so that nobody takes them for real ones."""

from __future__ import annotations

import re
import unicodedata

import numpy as np

STARTS = [
    "Quen",
    "Zell",
    "Vorn",
    "Thrib",
    "Wyv",
    "Drenk",
    "Ulf",
    "Yarb",
    "Grimb",
    "Plov",
    "Skel",
    "Trann",
    "Osk",
    "Fenk",
    "Mirr",
    "Hazz",
    "Bryx",
    "Cald",
    "Dunnoc",
    "Elv",
    "Frith",
    "Gorl",
    "Hesk",
    "Ister",
    "Jarr",
    "Kest",
    "Lund",
    "Morv",
    "Nethr",
    "Orr",
    "Pell",
    "Quill",
    "Rusk",
    "Sarn",
    "Tolv",
    "Umb",
    "Vell",
    "Wend",
    "Yex",
    "Zann",
    "Brack",
    "Crev",
    "Dorv",
    "Emb",
    "Farl",
    "Glim",
    "Holv",
    "Inkp",
    "Jess",
    "Kirv",
    "Larch",
    "Murk",
    "Nold",
    "Oxw",
    "Prenn",
    "Rav",
    "Spind",
    "Twiss",
    "Ulver",
    "Vint",
    "Wisk",
    "Yold",
    "Ambl",
    "Bex",
    "Croz",
]
MIDDLES = ["", "", "", "a", "er", "ing", "en", "o"]
ENDS = [
    "stow",
    "combe",
    "ley",
    "worth",
    "ham",
    "den",
    "bourne",
    "wick",
    "hurst",
    "field",
    "ford",
    "holt",
    "mere",
    "croft",
    "thorpe",
    "bury",
    "ridge",
    "stead",
    "mead",
    "well",
    "cote",
    "gate",
    "moor",
    "marsh",
    "beck",
    "wold",
    "brook",
    "hithe",
    "fold",
    "shaw",
]
ROADS = [
    "Road",
    "Street",
    "Lane",
    "Close",
    "Avenue",
    "Way",
    "Drive",
    "Gardens",
    "Crescent",
    "Court",
    "Place",
    "Grove",
    "Walk",
    "Rise",
    "Terrace",
    "Mews",
    "Hill",
]
RURAL = ["Lane", "Road", "Hill", "Drove", "Bottom", "Drift", "Hollow", "Way"]
SAINTS = ["St Wendrith", "St Oswyr", "St Thribald", "St Elvine", "St Morvane"]
PARTS = ["Little ", "Great ", "Upper ", "Lower ", "North ", "South ", "East ", "West ", "Old "][:9]
SITES = [
    "Down",
    "Common",
    "Wood",
    "Copse",
    "Meadow",
    "Heath",
    "Marsh",
    "Bog",
    "Hanger",
    "Fen",
    "Pasture",
    "Pond",
    "Coppice",
    "Green",
]
APOSTROPHE_STREET, ACCENTED_STREET = "O'Tarrant's Lane", "Café Quay"


def words(rng: np.random.Generator, count: int) -> list[str]:
    """Distinct invented place-like words."""
    every = dict.fromkeys(start + middle + end for start in STARTS for middle in MIDDLES for end in ENDS)
    return [str(word) for word in rng.permutation(np.array(list(every), dtype=object))[:count]]


def place_names(rng: np.random.Generator, count: int) -> list[str]:
    """Distinct names of towns and villages; the last one has two spellings in use ("St ...", "Saint ...")."""
    names = []
    for number, word in enumerate(words(rng, count)):
        part = PARTS[number % len(PARTS)] if number > count // 3 and rng.random() < 0.3 else ""
        names.append(part + word)
    names[-1] = SAINTS[0]
    return names


def street_names(rng: np.random.Generator, count: int, rural: np.ndarray) -> list[str]:
    """One name for each street; `rural` (n,) says where a lane is likelier than a close. A name may come twice."""
    pool = words(rng, 2200)
    word = rng.integers(0, len(pool), count)
    town, country = rng.integers(0, len(ROADS), count), rng.integers(0, len(RURAL), count)
    return [f"{pool[w]} {RURAL[c] if r else ROADS[t]}" for w, t, c, r in zip(word, town, country, rural, strict=True)]


def site_names(rng: np.random.Generator, count: int) -> list[str]:
    """Names of nature sites, such as "Quenstow Copse"."""
    pool, kind = words(rng, 2200), rng.integers(0, len(SITES), count)
    return [f"{pool[w]} {SITES[k]}" for w, k in zip(rng.integers(0, len(pool), count), kind, strict=True)]


def slug(text: str) -> str:
    """Lower-case letters, digits and hyphens, for identifiers in addresses."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")
