"""The fields of links and windows."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication

from cxldesigner.document import units
from cxldesigner.document.limits import limits_of
from cxldesigner.document.model import Document, Link
from cxldesigner.gui.canvas.words import link_best
from cxldesigner.gui.inspector.fields import (
    Field,
    Widget,
    automatic,
    automatic_integer,
    base_field,
    choice,
    integer,
    memory_group,
    name_field,
    optional,
    or_empty,
    size,
    tables_group,
)

translate = QCoreApplication.translate


def _best_of(document: Document, link: Link) -> str:
    best = link_best(document, link)
    return translate("Inspector", "inside the host") if best is None else units.format_link(*best)


def _negotiated(document: Document, link: Link) -> str:
    best = link_best(document, link)
    if best is None:
        return translate("Inspector", "inside the host")
    speed = min(link.speed_gts or best[0], best[0])
    width = min(link.width or best[1], best[1])
    words = units.format_link(speed, width)
    if (speed, width) == best:
        return words
    return translate("Inspector", "{} (degraded)").format(words)


def _fact(noun: str, tip: str, fact: Any) -> Field:
    return Field(paths=(), noun=noun, tip=tip, widget=Widget.FACT, fact=fact, single=True)


def link_fields() -> tuple[Field, ...]:
    """Return the fields of a link."""
    return (
        _fact(
            translate("Inspector", "upstream end"),
            translate("Inspector", "The end nearer the CPU"),
            lambda _document, link: link.upstream,
        ),
        _fact(
            translate("Inspector", "downstream end"),
            translate("Inspector", "The end farther from the CPU"),
            lambda _document, link: link.downstream,
        ),
        Field(
            paths=("speed_gts", "width"),
            noun=translate("Inspector", "link"),
            tip=translate(
                "Inspector",
                "Trained speed and width, such as 32 GT/s x8; auto is the best both ends can",
            ),
            parse=lambda text: units.parse_link(text.strip() or "auto"),
            format=lambda value: "" if value == (None, None) else units.format_link(*value),
            empty=automatic(),
        ),
        _fact(
            translate("Inspector", "negotiated"),
            translate("Inspector", "What the link runs at"),
            _negotiated,
        ),
        _fact(
            translate("Inspector", "maximum"),
            translate("Inspector", "The best both ends can"),
            _best_of,
        ),
    )


def _ways_choices() -> tuple[tuple[int | None, str], ...]:
    by_targets = (None, translate("Inspector", "one per target"))
    return (by_targets, *((int(ways), str(ways)) for ways in limits_of("ways").choices))


def _granularity_choices() -> tuple[tuple[int, str], ...]:
    """Return the defined granularities 256 B to 16 KiB (HBIG 0 to 6)."""
    return tuple((256 << code, units.format_size(256 << code)) for code in range(7))


def window_fields() -> tuple[Field, ...]:
    """Return the fields of a window."""
    interleave, tables = translate("Inspector", "Interleaving"), tables_group()
    return (
        name_field(),
        size(
            "size_bytes",
            translate("Inspector", "size"),
            translate("Inspector", "Size of the window in host address space, such as 256 GiB"),
            memory_group(),
        ),
        base_field(),
        Field(
            paths=("targets",),
            noun=translate("Inspector", "targets"),
            tip=translate("Inspector", "Host bridges in interleave order, one per way"),
            group=interleave,
            widget=Widget.TARGETS,
            format=lambda value: ", ".join(value) or translate("Inspector", "none"),
            single=True,
        ),
        choice(
            "ways",
            translate("Inspector", "interleave ways"),
            translate("Inspector", "What the CFMWS says; another number than targets is an error"),
            _ways_choices(),
            interleave,
        ),
        choice(
            "granularity",
            translate("Inspector", "granularity"),
            translate("Inspector", "Consecutive bytes that go to one target"),
            _granularity_choices(),
            interleave,
        ),
        choice(
            "arithmetic",
            translate("Inspector", "interleave arithmetic"),
            translate("Inspector", "How an address picks its target"),
            ((0, translate("Inspector", "modulo")), (1, translate("Inspector", "XOR"))),
            interleave,
        ),
        Field(
            paths=("restrictions",),
            noun=translate("Inspector", "restrictions"),
            tip=translate("Inspector", "What may be put into the window (CFMWS restrictions)"),
            group=tables,
            widget=Widget.FLAGS,
            format=lambda value: ", ".join(value) or translate("Inspector", "none"),
            single=True,
        ),
        integer(
            "qtg_id",
            translate("Inspector", "QTG id"),
            translate("Inspector", "QoS throttling group of the window"),
            tables,
        ),
        automatic_integer(
            "srat_pxm",
            translate("Inspector", "SRAT proximity domain"),
            translate("Inspector", "Domain of an SRAT range over the window; empty: not covered"),
            tables,
            translate("Inspector", "not in the SRAT"),
        ),
        Field(
            paths=("srat_bytes",),
            noun=translate("Inspector", "SRAT size"),
            tip=translate("Inspector", "How much of the window the SRAT range covers; empty: all"),
            group=tables,
            parse=optional(units.parse_size),
            format=or_empty(units.format_size),
            empty=translate("Inspector", "all of the window"),
        ),
    )
