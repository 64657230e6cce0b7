"""The hardware catalogue: every figure has a basis and a source and lands in the document."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cxldesigner.document import edits as e
from cxldesigner.document.catalog import (
    KINDS,
    Basis,
    apply_preset,
    catalog,
    figure_of,
    presets,
)
from cxldesigner.document.messages import sentence
from cxldesigner.document.model import GIB, Device, Perf, Socket
from cxldesigner.document.store import canonical_bytes, loads
from tests.build import platform


@pytest.mark.parametrize("preset_id", catalog())
def test_presets_apply_to_a_part_of_their_kind(preset_id: str) -> None:
    preset = catalog()[preset_id]
    part = preset.part_class(id="x")
    document = apply_preset(e.add_part(platform(), part), "x", preset_id)
    made = document.parts["x"]
    assert made.preset == preset_id
    assert preset.figures
    for figure in preset.figures:
        assert figure.source
        assert figure_of(made, figure.field) == figure
    assert loads(canonical_bytes(document), "x") == document


def test_the_catalogue_has_devices_switches_and_hosts() -> None:
    assert {p.kind for p in catalog().values()} == {"device", "switch", "socket"}
    assert [p.id for p in presets(Device)] == [p.id for p in presets("device")]
    assert len(presets(Device)) >= 10
    assert presets("root port") == ()
    assert {"micron-cz120-256g", "xconn-xc50256", "amd-epyc-9004"} <= catalog().keys()
    assert all(preset.part_class is KINDS[preset.kind] for preset in catalog().values())


def test_a_preset_sets_its_figures_and_nothing_else() -> None:
    document = e.set_field(platform(), "mem0", "persistent_bytes", GIB)
    document = apply_preset(document, "mem0", "micron-cz120-256g")
    device = document.parts["mem0"]
    assert device == Device(
        id="mem0",
        volatile_bytes=256 * GIB,
        persistent_bytes=GIB,
        speed_gts=32.0,
        width=8,
        perf=Perf(
            read_latency_ns=150,
            write_latency_ns=150,
            read_bandwidth_mbps=24000,
            write_bandwidth_mbps=12000,
        ),
        preset="micron-cz120-256g",
    )
    forgotten = apply_preset(document, "mem0", "")
    assert forgotten.parts["mem0"] == replace(device, preset="")


def test_a_figure_changed_by_hand_is_no_longer_the_catalogues() -> None:
    device = Device(id="x", preset="micron-cz120-256g", volatile_bytes=256 * GIB)
    figure = figure_of(device, "volatile_bytes")
    assert figure is not None
    assert figure.basis is Basis.VENDOR
    assert figure_of(replace(device, volatile_bytes=1), "volatile_bytes") is None
    assert figure_of(replace(device, preset="gone"), "volatile_bytes") is None
    assert figure_of(Socket(id="s", preset="micron-cz120-256g"), "cpus") is None


def test_what_does_not_fit_is_refused() -> None:
    document = platform()
    cases = (
        ("s0", "micron-cz120-256g", "is for a device, but s0 is a socket"),
        ("mem0", "no-such", "no hardware preset no-such"),
        ("nothing", "micron-cz120-256g", "no nothing"),
    )
    for part, preset, said in cases:
        with pytest.raises(e.EditRefused) as caught:
            apply_preset(document, part, preset)
        assert said in sentence(caught.value.refusal)
