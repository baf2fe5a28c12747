"""What a grant holds back, and why: told in numbers and plain words, and never by the name of what is hidden."""

from __future__ import annotations

from hantsmap.access import Detail, Grant, Part, Value
from hantsmap.layer import Layer


class Reason(Value):
    """Why something may be held back: `word` names it in a list, `words` say it in full, as the law has it."""

    word: str
    words: str


# The letters are those of regulation 9 of the INSPIRE Regulations 2009; what they name are exceptions of the
# Environmental Information Regulations 2004 (regulations 12 and 13) too.
REASONS = {
    "a": Reason(word="confidentiality of proceedings", words="confidentiality of proceedings of public authorities"),
    "b": Reason(word="public security", words="public security or national defence"),
    "c": Reason(word="course of justice", words="the course of justice"),
    "d": Reason(word="commercial confidentiality", words="commercial or industrial confidentiality"),
    "e": Reason(word="licence", words="intellectual property rights, such as a licence"),
    "f": Reason(word="personal data", words="personal data"),
    "g": Reason(word="interests of the supplier",
                words="interests of a person who supplied the information voluntarily"),
    "h": Reason(word="protection of the environment", words="protection of the environment"),
}
THINGS = {Part.ROWS: "rows", Part.GEOMETRY: "geometry", Part.COUNTS: "counts"}


class Told(Value):
    """One reason as a viewer is told it: how much ("3 fields, rows"), the reason's letter and word, the sentence."""

    what: str
    reason: str
    word: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.what}: {self.word}. {self.sentence}"


def hidden_fields(layer: Layer, grant: Grant) -> list[str]:
    """Names of the fields that a grant does not give."""
    every = tuple(layer.fields)
    given = grant.field_names(every)
    return [name for name in every if name not in given]


def parts_held_back(layer: Layer, grant: Grant) -> list[Part]:
    """Which parts of a layer a grant does not give in full."""
    coarser = grant.geometry is not Detail.EXACT or (layer.open_geometry is not None
                                                     and grant.geometry_source == "open")
    held = {
        Part.FIELDS: bool(hidden_fields(layer, grant)),
        Part.ROWS: bool(grant.rows) or grant.area is not None,
        Part.GEOMETRY: (coarser or (grant.area is not None and grant.area.clip)) and layer.geometry != "none",
        Part.COUNTS: grant.counts is not None,
    }
    return [part for part, is_held in held.items() if is_held]


def _at_the_edge(layer: Layer, grant: Grant) -> str:
    """Whether lines and areas that leave the area of a grant are cut: viewers are told, so that they can rely on it."""
    if grant.area is None or "Point" in layer.geometry:
        return ""
    if grant.area.clip:
        return " Features are cut at the edge of the area."
    return " A feature that leaves the area is shown whole."


def told(layer: Layer, grant: Grant) -> tuple[Told, ...]:
    """Each reason of a grant: how much is held back by it, and why."""
    named = {name for held in grant.held_back for name in held.fields}
    others = len([name for name in hidden_fields(layer, grant) if name not in named])
    parts = parts_held_back(layer, grant)
    said = []
    for held in grant.held_back:
        count = len(held.fields) if held.fields else others if Part.FIELDS in held.of else 0
        what = [f"{count} field{'' if count == 1 else 's'}"] if count else []
        if not held.fields:
            what += [THINGS[part] for part in held.of if part in parts and part in THINGS]
        edge = _at_the_edge(layer, grant) if Part.ROWS in held.of and not held.fields else ""
        said.append(Told(what=", ".join(what) or "a part", reason=held.reason, word=REASONS[held.reason].word,
                         sentence=f"{held.sentence}{edge}"))
    return tuple(said)
