"""The main job in a real window: draw, connect, be refused, derive, play, save, reopen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cxldesigner.assets import resource
from cxldesigner.document.model import (
    GIB,
    MIB,
    Device,
    Document,
    HostBridge,
    Link,
    Phase,
    Point,
    Process,
    RootPort,
    Scenario,
    Socket,
    Window,
)
from cxldesigner.document.store import load_document, save_document

pytestmark = pytest.mark.xvfb


def platform() -> Document:
    """A socket, a bridge with two root ports, one device; and a short scenario."""
    process = Process(
        id="p0", socket="s0", phases=(Phase(workload="uniform", bytes=64 * MIB, duration_ms=3000),)
    )
    return Document(
        name="Bench",
        parts={
            "s0": Socket(id="s0", cpus=2, dram_bytes=GIB),
            "hb0": HostBridge(id="hb0"),
            "rp0": RootPort(id="rp0"),
            "rp1": RootPort(id="rp1"),
            "mem0": Device(id="mem0", volatile_bytes=GIB),
        },
        links={
            "k0": Link(id="k0", upstream="s0:io", downstream="hb0:up"),
            "k1": Link(id="k1", upstream="hb0:rp", downstream="rp0:up"),
            "k2": Link(id="k2", upstream="hb0:rp", downstream="rp1:up"),
            "k3": Link(id="k3", upstream="rp0:down", downstream="mem0:up"),
        },
        windows={"w0": Window(id="w0", size_bytes=4 * GIB, targets=("hb0",))},
        scenarios={"sc0": Scenario(id="sc0", name="Short", duration_ms=3000, processes=(process,))},
        layout={
            "s0": Point(300, 0),
            "hb0": Point(300, 180),
            "rp0": Point(220, 340),
            "rp1": Point(420, 340),
            "mem0": Point(200, 480),
            "w0": Point(0, 180),
        },
    )


def free_place(seen: dict[str, Any]) -> list[int]:
    """Return a place on the canvas far from every part."""
    x, y, width, height = seen["canvas"]
    parts = seen["parts"].values()
    spots = [
        [x + width * i // 12, y + height * j // 12] for i in range(2, 11) for j in range(2, 10)
    ]
    return max(spots, key=lambda s: min(abs(s[0] - p[0]) / 2 + abs(s[1] - p[1]) for p in parts))


def test_the_main_job(program: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "bench.cxld"
    save_document(platform(), path)
    app = program(str(path))
    seen = app.until(lambda s: s["nodes"] == [0, 1], "nodes of the file")

    # a device from the palette onto free canvas
    key = next(k for k in seen["palette"] if "volatile" in k)
    app.drag(seen["palette"][key], free_place(seen))
    seen = app.until(lambda s: "mem1" in s["parts"], "the new device")
    assert seen["modified"]

    # connecting it to a port that is taken is refused, with the reason
    app.drag(seen["ports"]["mem1:up"], seen["ports"]["rp0:down"])
    seen = app.until(lambda s: "rp0" in s["message"], "why it is refused")
    app.drag(seen["ports"]["mem1:up"], seen["ports"]["rp1:down"])
    app.key("ctrl+s")
    app.until(lambda s: not s["modified"], "the saved file")
    saved = load_document(path)
    joined = {(k.upstream, k.downstream) for k in saved.links.values()}
    assert ("rp1:down", "mem1:up") in joined
    assert ("rp0:down", "mem1:up") not in joined

    # a window makes a node
    seen = app.look()
    key = next(k for k in seen["palette"] if "window" in k)
    app.drag(seen["palette"][key], free_place(seen))
    seen = app.until(lambda s: "w1" in s["parts"], "the new window")
    app.until(lambda s: s["nodes"] == [0, 1, 2] and s["derived"], "the new node")

    # undo and redo it
    app.key("ctrl+z")
    app.until(lambda s: s["nodes"] == [0, 1] and "w1" not in s["parts"], "undone")
    app.key("ctrl+y")
    app.until(lambda s: s["nodes"] == [0, 1, 2], "redone")
    app.key("ctrl+s")
    app.until(lambda s: not s["modified"], "the saved file")

    # play
    app.click(app.button("Run"))
    seen = app.until(lambda s: s["mode"] == "replay" and s["ticks"] == 30, "a whole run", 90)
    app.close()

    # reopen: the same platform, the same facts
    again = program(str(path))
    seen = again.until(lambda s: s["nodes"] == [0, 1, 2], "the reopened file")
    assert set(seen["parts"]) == {*load_document(path).parts, "w0", "w1"}
    assert not seen["modified"]


def test_the_example_opens_with_its_replay(program: Callable[..., Any]) -> None:
    app = program("--example", "story")
    seen = app.until(lambda s: s["ticks"] >= 600, "the recording", 20)
    assert seen["tick"] == 0
    app.key("F5")
    app.until(lambda s: s["mode"] == "replay" and s["tick"] > 20, "the replay running")


def test_a_recording_opens_in_replay(program: Callable[..., Any]) -> None:
    recording = resource("examples", "story.cxlrec")
    app = program(str(recording))
    seen = app.until(lambda s: s["mode"] == "replay" and s["ticks"] == 600, "the recording", 20)
    assert seen["tick"] == 0
    played = load_document(resource("examples", "story.cxld"))
    assert set(seen["parts"]) == {*played.parts, *played.windows}
    app.key("F6", "F6")
    app.until(lambda s: s["tick"] == 2, "two ticks on")
    app.key("ctrl+End")
    app.until(lambda s: s["tick"] == 599, "the last tick")


def test_a_bad_platform_gives_one_message_and_a_usable_program(
    program: Callable[..., Any], tmp_path: Path
) -> None:
    bad = tmp_path / "bad.cxld"
    save_document(platform(), bad)
    bad.write_bytes(bad.read_bytes()[:400])
    app = program(str(bad), wait=False)
    app.answer()
    app.wait()
    assert app.dialogs() == []
    app.key("ctrl+n", "ctrl+alt+s")
    app.until(lambda s: list(s["parts"]) == ["s0"] and s["nodes"] == [0], "a new platform")
    assert bad.stat().st_size == 400


def test_a_bad_recording_gives_one_message_and_a_usable_program(
    program: Callable[..., Any], tmp_path: Path
) -> None:
    bad = tmp_path / "bad.cxlrec"
    bad.write_bytes(b"SQLite format 3\0" + bytes(3000))
    app = program(str(bad))
    app.until(lambda s: str(bad) in s["message"], "what is wrong with the recording")
    assert app.dialogs() == []
    app.key("ctrl+alt+s")
    app.until(lambda s: list(s["parts"]) == ["s0"] and s["nodes"] == [0], "a new platform")


def test_work_survives_a_killed_program(program: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "bench.cxld"
    save_document(platform(), path)
    before = path.read_bytes()
    app = program(str(path))
    app.key("ctrl+alt+d")
    app.until(lambda s: "mem1" in s["parts"] and s["modified"], "an unsaved device")
    copies = tmp_path / "state" / "cxldesigner" / "recovery"
    app.until(lambda _: list(copies.glob("*.json")), "the safety copy")
    app.kill()
    assert path.read_bytes() == before

    again = program()
    again.answer()
    seen = again.until(lambda s: "mem1" in s["parts"], "the restored platform")
    assert seen["modified"]
    assert "bench.cxld" in seen["title"]
    again.key("ctrl+s")
    again.until(lambda s: not s["modified"], "the saved file")
    assert "mem1" in load_document(path).parts
