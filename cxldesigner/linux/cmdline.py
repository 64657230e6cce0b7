"""The kernel command line: only options that change what the derivation shows."""

from __future__ import annotations

from dataclasses import dataclass

_UNITS = {"k": 10, "m": 20, "g": 30, "t": 40}


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLine:
    """Options in force. ``kernelcore`` / ``movablecore`` are bytes, or a share as ``…_percent``."""

    numa_off: bool = False
    hmat_off: bool = False
    movable_node: bool = False
    kernelcore: int = 0
    kernelcore_percent: int = 0
    movablecore: int = 0
    movablecore_percent: int = 0
    online_default: str = ""
    memmap_on_memory: str = "N"
    online_policy: str = "contig-zones"
    auto_movable_ratio: int = 301
    auto_movable_numa_aware: bool = True
    thp_never: bool = False
    hugepages_set: bool = False
    numa_balancing: bool | None = None
    nosoftreserve: bool = False
    unknown: tuple[str, ...] = ()


def parse_size(text: str) -> int:
    """Return bytes of ``2G``-like text (``memparse``); 0 for text that is no number."""
    body = text.strip().lower()
    shift = _UNITS.get(body[-1:], 0)
    digits = body[:-1] if shift else body
    try:
        return int(digits, 0) << shift
    except ValueError:
        return 0


def parse_bool(text: str) -> bool | None:
    """Return the value of a kernel boolean (``kstrtobool``), None if it is none."""
    head = text.strip().lower()
    if head in {"on", "y", "yes", "1", "t", "true"}:
        return True
    if head in {"off", "n", "no", "0", "f", "false"}:
        return False
    return {"y": True, "1": True, "t": True, "n": False, "0": False, "f": False}.get(head[:1])


def parse_cmdline(text: str) -> CommandLine:
    """Return the options of a kernel command line that the derivation knows."""
    found: dict[str, object] = {}
    for word in text.split():
        name, _, value = word.partition("=")
        name = name.replace("-", "_")
        match name:
            case "numa":
                parts = value.split(",")
                if "off" in parts or "noacpi" in parts:
                    found["numa_off"] = True
                if "nohmat" in parts:
                    found["hmat_off"] = True
            case "acpi" if value == "off":
                found["numa_off"] = True
            case "movable_node":
                found["movable_node"] = True
            case "kernelcore" | "movablecore":
                if value.endswith("%"):
                    found[f"{name}_percent"] = (
                        min(int(value[:-1] or 0), 100) if (value[:-1].isdigit()) else 0
                    )
                else:
                    found[name] = parse_size(value)
            case "memhp_default_state":
                found["online_default"] = value
            case "memory_hotplug.memmap_on_memory":
                on = parse_bool(value)
                found["memmap_on_memory"] = "force" if value == "force" else "Y" if on else "N"
            case "memory_hotplug.online_policy":
                found["online_policy"] = value
            case "memory_hotplug.auto_movable_ratio" if value.isdigit():
                found["auto_movable_ratio"] = int(value)
            case "memory_hotplug.auto_movable_numa_aware":
                found["auto_movable_numa_aware"] = parse_bool(value) is not False
            case "transparent_hugepage":
                found["thp_never"] = value == "never"
                found["hugepages_set"] = True
            case "numa_balancing":
                found["numa_balancing"] = parse_bool(value)
            case "efi":
                if "nosoftreserve" in value.split(","):
                    found["nosoftreserve"] = True
            case _:
                pass
    return CommandLine(**found)  # type: ignore[arg-type]
