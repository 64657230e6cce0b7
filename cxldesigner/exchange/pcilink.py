"""PCIe link state as sysfs tells it, and what it means for drawn parts and links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from cxldesigner.document.model import Device, Link, Part, RootPort, Switch
from cxldesigner.document.units import LINK_SPEEDS, LINK_WIDTHS

_SPEED = re.compile(r"([0-9]{1,3}(?:\.[0-9])?) GT/s")


@dataclass(frozen=True, slots=True, kw_only=True)
class PciLink:
    """GT/s and lanes of a PCI device's link now, and at best; 0 when not known."""

    speed: float = 0.0
    width: int = 0
    max_speed: float = 0.0
    max_width: int = 0


def parse_speed(text: str) -> float:
    """Return GT/s of ``32.0 GT/s PCIe``; 0 for ``Unknown`` and speeds no link has."""
    found = _SPEED.match(text)
    speed = float(found[1]) if found else 0.0
    return speed if speed in LINK_SPEEDS else 0.0


def parse_width(text: str) -> int:
    """Return the number of lanes; 0 when there is no link (``0``, ``255``)."""
    width = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
    return width if width in LINK_WIDTHS else 0


def train(parts: dict[str, Part], links: dict[str, Link], pci: Mapping[str, PciLink]) -> None:
    """Give parts (known by PCI name) their fastest link, and links that came up slower their own.

    A link is as its lower end tells it; one at the best both ends can do stays without figures.
    """
    for part in tuple(parts.values()):
        if isinstance(part, RootPort | Switch | Device) and part.name in pci:
            best = pci[part.name]
            parts[part.id] = replace(
                part,
                speed_gts=best.max_speed or part.speed_gts,
                width=best.max_width or part.width,
            )
    for link in tuple(links.values()):
        upper = parts.get(link.upstream.partition(":")[0])
        lower = parts.get(link.downstream.partition(":")[0])
        if not isinstance(upper, RootPort | Switch) or not isinstance(lower, Switch | Device):
            continue
        now = pci.get(lower.name, PciLink())
        slower = 0 < now.speed < min(upper.speed_gts, lower.speed_gts)
        narrower = 0 < now.width < min(upper.width, lower.width)
        links[link.id] = replace(
            link,
            speed_gts=now.speed if slower else link.speed_gts,
            width=now.width if narrower else link.width,
        )
