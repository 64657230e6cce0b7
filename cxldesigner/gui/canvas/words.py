"""What the canvas says in words: lines on parts, link labels, names for screen readers."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from cxldesigner.document.model import (
    Device,
    Document,
    HostBridge,
    Link,
    MemoryDomain,
    Part,
    RootPort,
    Socket,
    Switch,
    Window,
)
from cxldesigner.document.ports import children_of, find_port, parent_of, split_ref
from cxldesigner.document.units import format_link, format_size
from cxldesigner.gui.canvas.marks import NO_MARKS, Marks

translate = QCoreApplication.translate


def kind_name(item: Part | Window) -> str:
    """Return what a kind of part is called."""
    match item:
        case Socket():
            return translate("Canvas", "Socket")
        case MemoryDomain():
            return translate("Canvas", "Memory domain")
        case HostBridge():
            return translate("Canvas", "Host bridge")
        case RootPort():
            return translate("Canvas", "Root port")
        case Switch():
            return translate("Canvas", "Switch")
        case Device():
            return translate("Canvas", "Type {} device").format(item.type)
        case Window():
            return translate("Canvas", "Window")


def subtitle(part: Part) -> str:
    """Return the second line on a part."""
    match part:
        case Socket():
            return translate("Canvas", "{} CPUs").format(part.cpus)
        case MemoryDomain():
            flags = [translate("Canvas", "no CPUs")]
            if part.specific_purpose:
                flags.append(translate("Canvas", "specific-purpose"))
            if part.hotplug:
                flags.append(translate("Canvas", "hot-pluggable"))
            return " · ".join(flags)
        case HostBridge():
            uid = [] if part.uid is None else [translate("Canvas", "UID {}").format(part.uid)]
            decoders = translate("Canvas", "{} decoders").format(part.hdm_decoders)
            return " · ".join([*uid, decoders if part.hdm_decoders else _pass_through()])
        case RootPort():
            return format_link(part.speed_gts, part.width)
        case Switch():
            return " · ".join(
                (
                    translate("Canvas", "{} ports").format(part.downstream),
                    format_link(part.speed_gts, part.width),
                )
            )
        case Device():
            return " · ".join(
                (
                    translate("Canvas", "Type {}").format(part.type),
                    format_link(part.speed_gts, part.width),
                )
            )


def _pass_through() -> str:
    return translate("Canvas", "pass-through")


def capacity(part: Part) -> str:
    """Return the memory of a part in words, "" for a part without any of its own."""
    match part:
        case Socket():
            size = part.dram_bytes
            if not size:
                return translate("Canvas", "no DRAM")
            return translate("Canvas", "{} DRAM").format(format_size(size))
        case MemoryDomain():
            return format_size(part.size_bytes)
        case Device():
            volatile, persistent = part.volatile_bytes, part.persistent_bytes
            if volatile and persistent:
                return translate("Canvas", "{} + {} persistent").format(
                    format_size(volatile), format_size(persistent)
                )
            if persistent:
                return translate("Canvas", "{} persistent").format(format_size(persistent))
            return translate("Canvas", "{} volatile").format(format_size(volatile))
        case _:
            return ""


def window_line(window: Window) -> str:
    """Return the second line on a window: size, ways and granularity."""
    ways = window.ways or len(window.targets)
    parts = [format_size(window.size_bytes)]
    if ways > 1:
        parts.append(
            translate("Canvas", "{} ways by {}").format(ways, format_size(window.granularity))
        )
    if window.base is not None:
        parts.append(f"{window.base:#x}")
    return " · ".join(parts)


def link_best(document: Document, link: Link) -> tuple[float, int] | None:
    """Return the fastest speed (GT/s) and widest width both ends can, None inside the host."""
    ends = [document.parts.get(split_ref(ref)[0]) for ref in (link.upstream, link.downstream)]
    if not isinstance(ends[0], RootPort | Switch) or not isinstance(ends[1], Switch | Device):
        return None
    return (
        min(ends[0].speed_gts, ends[1].speed_gts),
        min(ends[0].width, ends[1].width),
    )


def link_label(document: Document, link: Link) -> tuple[str, bool]:
    """Return the label of a link ("" inside the host), and whether it is below its best."""
    best = link_best(document, link)
    if best is None:
        return "", False
    gts, width = link.speed_gts or best[0], link.width or best[1]
    degraded = gts < best[0] or width < best[1]
    label = format_link(gts, width)
    return (translate("Canvas", "▼ {}").format(label) if degraded else label), degraded


def title(item: Part | Window) -> str:
    """Return what an item is called in menus and undo texts: its name, else its id."""
    return item.name or item.id


def item_title(document: Document, item_id: str) -> str:
    """Return what an item or link of a document is called, by id."""
    item = document.parts.get(item_id) or document.windows.get(item_id)
    return title(item) if item is not None else item_id


def port_words(document: Document, ref: str) -> str:
    """Return one line about a port, for its tool tip."""
    port = find_port(document, ref)
    if port is None:
        return ref
    takes = {
        "socket-io": translate("Canvas", "takes host bridges"),
        "socket-memory": translate("Canvas", "takes memory domains"),
        "memory": translate("Canvas", "connects to a socket"),
        "bridge-up": translate("Canvas", "connects to a socket"),
        "bridge-down": translate("Canvas", "takes root ports"),
        "root-up": translate("Canvas", "connects to a host bridge"),
        "cxl-down": translate("Canvas", "takes a device or a switch"),
        "cxl-up": translate("Canvas", "connects to a root port or a switch"),
    }[port.type]
    return translate("Canvas", "{}: {}").format(ref, takes)


def description(document: Document, item_id: str, marks: Marks = NO_MARKS) -> str:
    """Return one sentence about an item, for a screen reader."""
    window = document.windows.get(item_id)
    if window is not None:
        targets = ", ".join(window.targets) or translate("Canvas", "none yet")
        words = translate("Canvas", "{} {}, {}, targets: {}").format(
            kind_name(window), title(window), window_line(window), targets
        )
        return _with_nodes(words, marks)
    part = document.parts.get(item_id)
    if part is None:
        link = document.links.get(item_id)
        if link is None:
            return item_id
        return translate("Canvas", "Link {} to {} {}").format(
            link.upstream, link.downstream, link_label(document, link)[0]
        )
    words = f"{kind_name(part)} {title(part)}, {capacity(part) or subtitle(part)}"
    above, below = parent_of(document, item_id), children_of(document, item_id)
    if above:
        words += translate("Canvas", ", connected to {}").format(item_title(document, above))
    if below:
        words += translate("Canvas", ", above {}").format(", ".join(below))
    if not above and not below:
        words += translate("Canvas", ", not connected")
    return _with_nodes(words, marks)


def _with_nodes(words: str, marks: Marks) -> str:
    if marks.nodes:
        nodes = ", ".join(map(str, marks.nodes))
        words += translate("Canvas", ", NUMA node {}").format(nodes)
    return words
