"""What each subcommand writes."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cxldesigner.cli.platform import script_lines
from cxldesigner.document.model import Phase, Process, TimedEvent
from cxldesigner.document.store import load_document, save_document
from cxldesigner.linux.boot import boot
from cxldesigner.linux.derive import derive
from cxldesigner.linux.snapshot import snapshot
from cxldesigner.recording.reader import RecordingReader
from tests.cli.conftest import REGION, story

MACHINES = Path(__file__).parents[1] / "exchange" / "data" / "machines"
RECORDED = Path(__file__).parents[1] / "truth" / "data"


def test_derive_writes_the_moments_as_snapshots(cli, story_file: Path) -> None:
    code, out, err = cli("derive", story_file, "--json")

    moments = json.loads(out)["moments"]
    assert (code, err) == (0, "")
    assert [m["label"] for m in moments] == ["boot", REGION]
    assert moments[0]["actions"] == []
    assert moments[1]["actions"] == [{"command": REGION, "exit": 0, "output": ""}]
    derivation = derive(load_document(story_file))
    for moment, derived in zip(moments, derivation.moments, strict=True):
        facts = {k: v for k, v in moment.items() if k not in {"label", "actions"}}
        assert facts == json.loads(json.dumps(snapshot(derived.state)))
    assert moments[0]["sets"]["has_memory"] == "0"
    assert moments[1]["sets"]["has_memory"] == "0-1"


def test_derive_explains_every_fact_when_asked(cli, story_file: Path) -> None:
    _, out, _ = cli("derive", story_file, "--json", "--explain")
    reasons = json.loads(out)["moments"][-1]["reasons"]
    assert "node.1" in reasons
    assert all(chain and chain[0]["text"] for chain in reasons.values())

    _, out, _ = cli("derive", story_file, "--explain")
    assert all(f"\n{fact}:\n" in out for fact in reasons)


def test_derive_as_text_reads_like_numactl(cli, story_file: Path) -> None:
    code, out, _ = cli("derive", story_file)

    lines = out.splitlines()
    assert code == 0
    assert lines[0] == f"$ {REGION}"
    assert "available: 2 nodes (0-1)" in lines
    assert "node 0 cpus: 0 1" in lines
    assert "node 1 size: 1024 MB" in lines
    assert "   0:    10   20" in lines
    assert any(text.startswith("memory_tier4: nodes 0") for text in lines)
    assert "region0: ram, 1 GiB, 1 way of 256 bytes, mem0, node 1" in lines


def test_derive_predicts_refusals(cli, story_file: Path, tmp_path: Path) -> None:
    script = tmp_path / "again.sh"
    script.write_text(f"#!/bin/sh\n# moment: first\n{REGION}\n# moment: again\n")

    code, out, _ = cli("derive", story_file, "--actions", script, "--json")

    moments = json.loads(out)["moments"]
    assert [m["label"] for m in moments] == ["boot", "first", "again"]
    (action,) = moments[2]["actions"]
    assert action["exit"] != 0
    assert action["output"]
    _, out, _ = cli("derive", story_file, "--actions", script)
    assert f"[exit {action['exit']}" in out
    assert code == cli("derive", story_file, "--actions", script)[0]


def test_continued_lines_of_a_script_are_one_action(tmp_path: Path) -> None:
    script = tmp_path / "a.sh"
    script.write_text("#!/bin/sh -e\n\ncxl create-region \\\n  -w 1 mem0\n# note\necho 1 > /x\n")
    assert script_lines(script) == ("cxl create-region    -w 1 mem0", "# note", "echo 1 > /x")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * ((1 << 20) + 1)])
def test_a_script_that_is_none_is_refused(
    cli, story_file: Path, tmp_path: Path, content: bytes
) -> None:
    script = tmp_path / "bad.sh"
    script.write_bytes(content)
    code, out, err = cli("derive", story_file, "--actions", script)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "bad.sh" in err


def test_check_finds_bad_scenarios_and_failing_actions(cli, tmp_path: Path) -> None:
    good = story()
    scenario = good.scenarios["story"]
    nobody = Process(id="x", socket="s9", phases=(Phase(workload="nothing"),))
    path = tmp_path / "bad.cxld"
    bad_scenario = replace(scenario, processes=(nobody,))
    save_document(replace(good, scenarios={"story": bad_scenario}), path)

    code, out, _ = cli("check", path, "--json")

    found = json.loads(out)
    assert code == 1
    assert {"SCN-003", "SCN-006"} <= {f["rule"] for f in found["findings"]}
    assert all("{" not in f["text"] + f["mend"] for f in found["findings"])
    assert found["failed_actions"] == []

    save_document(replace(good, actions=(REGION, REGION)), path)
    code, out, _ = cli("check", path, "--json")
    assert code == 1
    (failed,) = json.loads(out)["failed_actions"]
    assert failed["command"] == REGION
    code, out, _ = cli("check", path)
    assert code == 1
    assert out.splitlines()[-1].endswith("1 failing host action")


def test_check_of_a_good_platform_is_good(cli, story_file: Path) -> None:
    code, out, err = cli("check", story_file)
    assert (code, err) == (0, "")
    assert out.splitlines()[-1].startswith("0 errors, ")


def test_an_imported_machine_derives_as_recorded(cli, tmp_path: Path) -> None:
    source, recorded = MACHINES / "t10-2socket", RECORDED / "t10-2socket"
    platform = tmp_path / "t10.cxld"

    code, out, _ = cli("import", source, "-o", platform)
    assert code == 0
    assert str(platform) in out
    _, out, _ = cli("derive", platform, "--json")
    direct = cli("derive", source, "--json")[1]

    moments = json.loads(out)["moments"]
    truth = json.loads((recorded / "truth.json").read_text())["snapshots"]
    assert [m["label"] for m in moments] == [m["label"] for m in json.loads(direct)["moments"]]
    assert moments[0]["sets"] == truth["boot"]["sets"]
    fullest = list(truth.values())[-1]
    assert moments[-1]["sets"] == fullest["sets"]
    for node, facts in fullest["nodes"].items():
        assert moments[-1]["nodes"][node]["distance"] == facts["distance"]


def test_run_records_and_tells(cli, story_file: Path, tmp_path: Path) -> None:
    recording = tmp_path / "a.cxlrec"

    code, out, _ = cli("run", story_file, "-o", recording, "--json", "--scenario", "The story")

    told = json.loads(out)
    assert code == 0
    assert told["ticks"] == 30
    assert told["complete"] is True
    with RecordingReader(recording) as reader:
        assert told["digest"] == reader.digest()
        assert told["summary"] == reader.meta.summary
        assert json.loads(reader.document())["name"] == "Story"

    code, out, _ = cli("run", story_file, "-o", tmp_path / "b.cxlrec")
    assert code == 0
    assert f"30 ticks of 100 ms, digest {told['digest']}" in out


def test_a_scenario_must_be_named_when_it_is_not_clear(cli, tmp_path: Path) -> None:
    path, good = tmp_path / "two.cxld", story()
    other = replace(good.scenarios["story"], id="other", name="")
    save_document(replace(good, scenarios={**good.scenarios, "other": other}), path)

    code, _, err = cli("run", path, "-o", tmp_path / "a.cxlrec")
    assert code == 2
    assert "say which scenario" in err
    assert "story, other" in err
    code, _, err = cli("run", path, "-o", tmp_path / "a.cxlrec", "--scenario", "third")
    assert code == 2
    assert "has no scenario 'third'" in err


def test_a_scenario_that_cannot_be_played_is_a_finding(cli, tmp_path: Path) -> None:
    path = tmp_path / "bad.cxld"
    bad = Process(id="x", socket="s9", phases=(Phase(workload="uniform"),))
    save_document(story(processes=(bad,), events=(TimedEvent(at_ms=1, command="true"),)), path)

    code, out, err = cli("run", path, "-o", tmp_path / "a.cxlrec", "--json")

    assert code == 1
    assert "SCN-003" in err
    assert [f["rule"] for f in json.loads(out)["findings"]] == ["SCN-003"]
    assert not (tmp_path / "a.cxlrec").exists()


def test_demo_leaves_a_recording_and_a_report(cli, story_file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "demo" / "out"

    code, out, _ = cli("demo", story_file, "-o", folder)

    assert code == 0
    assert out.split() == [str(folder / "story.cxlrec"), str(folder / "story.html")]
    assert "<svg" in (folder / "story.html").read_text()


def test_report_says_where_it_cannot_write(cli, story_file: Path, tmp_path: Path) -> None:
    recording = tmp_path / "a.cxlrec"
    cli("run", story_file, "-o", recording)
    code, _, err = cli("report", recording, "-o", tmp_path / "none" / "a.html")
    assert code == 2
    assert "none/a.html: No such file or directory" in err


def test_boot_is_the_first_moment(cli, story_file: Path) -> None:
    _, out, _ = cli("derive", story_file, "--json")
    derivation = derive(load_document(story_file))
    booted = json.loads(json.dumps(snapshot(boot(derivation.firmware))))
    first = json.loads(out)["moments"][0]
    assert {k: first[k] for k in booted} == booted


def test_derive_takes_what_a_running_machine_showed(cli, tmp_path: Path) -> None:
    recorded = RECORDED / "t10-2socket"
    truth = json.loads((recorded / "truth.json").read_text())
    observed = tmp_path / "boot.json"
    observed.write_text(json.dumps(truth["snapshots"]["boot"]))
    code, out, _ = cli("derive", recorded / "qemu.cmd", "--observed", observed, "--json")
    boot_facts = json.loads(out)["moments"][0]
    assert code == 0
    assert boot_facts["nodes"] == truth["snapshots"]["boot"]["nodes"]


def test_derive_names_what_is_wrong_with_an_observed_file(cli, story_file: Path, tmp_path) -> None:
    observed = tmp_path / "boot.json"
    observed.write_text('{"nodes": {"0": {"zones": {"Normal": {"managed": "many"}}}}}')
    code, out, err = cli("derive", story_file, "--observed", observed)
    assert (code, out) == (2, "")
    assert "boot.json" in err
    assert "nodes.0.zones.Normal" in err
