"""The bad rows of the synthetic county are found by curation: those that `faults` lists, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from datasets import county, faults
from hantsmap import registry, sources
from hantsmap.curate import curate
from hantsmap.findings import Finding, Kind, counted

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    """What reading and curating every layer of the village county tells."""
    data, cache = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("cache")
    county.make("village", 2026, data)
    known, found = registry.read(ROOT / "layers.yaml"), list[Finding]()
    for name, layer in known.layers.items():
        raw = sources.read(name, layer, data=data, cache=cache, extent=known.extent)
        found += curate(name, layer, raw.frame, known.extent, known.code_lists, tuple(raw.findings),
                        numbers=raw.numbers, notes=raw.notes).findings
    return found


def test_findings_are_exactly_those_expected(findings: list[Finding]) -> None:
    """Curation finds every fault that was put in, and finds nothing else wrong."""
    assert counted(findings) == faults.expected()


def test_nothing_blocks(findings: list[Finding]) -> None:
    """No fault stops a publication."""
    assert not [finding for finding in findings if finding.kind is Kind.BLOCKING]


@pytest.mark.parametrize("fault", [fault for fault in faults.FAULTS if fault.rule], ids=lambda fault: fault.title)
def test_fault_is_told_by_row_and_field(findings: list[Finding], fault: faults.Fault) -> None:
    """Each finding names the row and the field that the fault was put in."""
    met = [
        finding
        for finding in findings
        if (finding.layer, finding.rule, finding.kind.value) == (fault.layer, fault.rule, fault.kind)
        and finding.field == fault.field
        and fault.row in (None, finding.row)
    ]
    assert len(met) == fault.count
