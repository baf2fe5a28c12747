"""What can go wrong, each named for the thing that failed, each with its own exit code.

    HantsMapError
    ├── RegistryError      layers.yaml says something that cannot be meant      exit 3
    ├── SourceError        a source cannot be read                              exit 4
    ├── BlockedError       curation found a fault too grave to publish          exit 5
    ├── StoreError         the store cannot be read or written                  exit 6
    │   ├── DamagedError   a file in the store is not what was written
    │   │   └── UnreadableError   a file in the store cannot be read now: it may be readable later
    │   ├── OutdatedError  an older version of HantsMap wrote the store
    │   ├── BusyError      somebody else is publishing
    │   └── NotMadeError   a download is not made yet, or could not be
    ├── DatumError         the National Grid cannot be transformed exactly      exit 7
    ├── ServiceError       of pull: the service does not answer as it should    exit 9
    │   └── TermsError     of pull: a licence has to be accepted first          exit 10
    ├── PackageError       of pull: the local file cannot be kept in step       exit 11
    ├── UnavailableError   a request that cannot be answered now                 (a server answers 503)
    │   └── SlowQueryError a question that takes too long
    ├── PrunedError        what was seen in that state is kept no more
    ├── VersionGoneError   a version of a layer that pages were read from is there no more
    └── QueryError         a question that this rendition cannot answer (a client's fault)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hantsmap.findings import Finding


class HantsMapError(Exception):
    """Every fault that HantsMap says in words; its text is a sentence for the person who has to act."""

    exit_code = 1


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in the registry: the file, the line (counted from 1), and a sentence that says what to do."""

    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence}"


class RegistryError(HantsMapError):
    """The registry is not valid as a whole; `problems` lists everything that is wrong with it."""

    exit_code = 3

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class SourceError(HantsMapError):
    """A source is missing, unreachable, or not what the registry says it is."""

    exit_code = 4


class BlockedError(HantsMapError):
    """Curation met a blocking finding; the old edition stays. `findings` are all that it met."""

    exit_code = 5

    def __init__(self, sentence: str, findings: Sequence[Finding] = ()) -> None:
        self.findings = tuple(findings)
        super().__init__(sentence)


class StoreError(HantsMapError):
    """The store cannot be read or written."""

    exit_code = 6


class DamagedError(StoreError):
    """A file in the store is not the file that was written."""


class UnreadableError(DamagedError):
    """A file in the store cannot be read now, for lack of permission or by a fault of the disk; it may be later."""


class OutdatedError(StoreError):
    """An older version of HantsMap wrote the store. A full publication writes it again."""


class BusyError(StoreError):
    """Another publisher holds the store."""


class NotMadeError(StoreError):
    """A download is not there yet; ask again after `retry_after` whole seconds."""

    def __init__(self, sentence: str, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(sentence)


class UnavailableError(HantsMapError):
    """A request cannot be answered now; ask again after `retry_after` whole seconds."""

    def __init__(self, sentence: str, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(f"{sentence} Try again in {retry_after} s.")


ASK_FOR_LESS = ("Ask for less: a smaller bbox, a filter with fewer conditions or simpler geometries; or download the "
                "layer.")


class SlowQueryError(UnavailableError):
    """A question took longer than `seconds`, and was stopped."""

    def __init__(self, seconds: float, advice: str = ASK_FOR_LESS) -> None:
        super().__init__(f"This question took longer than {seconds:g} s and was stopped. {advice}", 30)


class DatumError(HantsMapError):
    """The OSTN15 transformation is not to be had, or gives wrong coordinates."""

    exit_code = 7


class LessonsError(HantsMapError):
    """The file with the words of the lessons is not what docs/schools.md asks; the text lists every problem."""

    exit_code = 3


class QueryError(HantsMapError):
    """The question names what is not there, or is malformed. `parameter` is the part of the question at fault."""

    def __init__(self, sentence: str, parameter: str | None = None) -> None:
        self.parameter = parameter
        super().__init__(sentence)


class PrunedError(HantsMapError):
    """What was seen in a state is not told any more. `oldest` is the oldest state from which changes can be told.

    Either it is not kept, or it was made under rules that showed more than those of today: the two are not told apart.
    `since` is a sequence or a time.
    """

    def __init__(self, layer: str, since: int | str, oldest: int) -> None:
        self.oldest = oldest
        when = f"sequence {since}" if isinstance(since, int) else since
        super().__init__(f"What changed in {layer} since {when} is no longer kept. The oldest sequence that "
                         f"changes can be asked from is {oldest}: fetch the layer anew, and ask from there on.")


class VersionGoneError(HantsMapError):
    """An older version of a layer is not kept, was made under wider rules, or cannot be paged through any further."""

    def __init__(self, layer: str, version: int, current: int) -> None:
        super().__init__(f"Version {version} of {layer} is not there any more. Begin again with the first page, "
                         f"without `version`: the current version is {current}.")


class ServiceError(HantsMapError):
    """A service that is pulled from cannot be reached, refuses, or does not answer as it should."""

    exit_code = 9


class TermsError(ServiceError):
    """The service gives the layer once a licence has been accepted, and not before."""

    exit_code = 10


class PackageError(HantsMapError):
    """A local GeoPackage cannot be written, or is not ours to write to."""

    exit_code = 11
