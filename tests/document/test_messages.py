"""Every refusal code written anywhere in the document room has its sentence."""

from __future__ import annotations

import re
from pathlib import Path

import cxldesigner.document
from cxldesigner.document.messages import TEMPLATES, sentence, template
from cxldesigner.document.ports import Refusal
from cxldesigner.document.units import ACCEPTED

ROOM = Path(cxldesigner.document.__file__).parent
CODE = re.compile(r'(?:Refusal|Malformed|_refuse)\([^()]*?"([a-z]+(?:-[a-z0-9]+)+)"')


def test_every_code_used_has_a_sentence_and_every_sentence_a_use() -> None:
    sources = {path.stem: path.read_text(encoding="utf-8") for path in ROOM.glob("*.py")}
    used = {code for text in sources.values() for code in CODE.findall(text)}
    assert used <= TEMPLATES.keys()
    program = [p for p in ROOM.parent.rglob("*.py") if p.name != "messages.py"]
    rest = "".join(path.read_text(encoding="utf-8") for path in program)
    assert [code for code in TEMPLATES if f'"{code}"' not in rest] == []


def test_quantity_codes_are_all_explained() -> None:
    source = (ROOM / "units.py").read_text(encoding="utf-8")
    used = set(re.findall(r'"((?:bad|too|part|decimal)-[a-z]+)"', source))
    assert used == ACCEPTED.keys()


def test_a_code_without_template_is_shown_as_it_is() -> None:
    assert template("new-code") == "new-code"
    assert sentence(Refusal("port-missing", ("x:up",))) == "There is no port x:up."
