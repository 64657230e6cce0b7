"""The frame of a report: one self-contained page, light and dark, no scripts, nothing fetched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from html import escape

SERIES = 8
"""How many series colours there are; further series begin again with the first."""


class Origin(StrEnum):
    """What kind of number something is (every number in a report says so)."""

    RECORDED = "recorded"
    MODELLED = "modelled"
    CALIBRATED = "calibrated"
    GIVEN = "given"


_MEANING = {
    Origin.RECORDED: "taken from a real kernel or machine",
    Origin.MODELLED: "computed by rules of Linux and of this program",
    Origin.CALIBRATED: "a constant with a source",
    Origin.GIVEN: "entered by the author of the platform or scenario",
}

# Series colours: Okabe and Ito's set, distinguishable with any colour vision.
_STYLE = """
:root{color-scheme:light dark;--bg:#fff;--fg:#1c2127;--dim:#5a6570;--line:#d5dae0;--card:#f6f8fa;
--c0:#0072b2;--c1:#d55e00;--c2:#009e73;--c3:#a0568c;--c4:#8a6d00;--c5:#2f8fc4;--c6:#5a6570;
--c7:#b3261e;--error:#b3261e;--warning:#8a5a00;--note:#0072b2}
@media(prefers-color-scheme:dark){:root{--bg:#16191d;--fg:#e6e9ed;--dim:#9aa4af;--line:#343b43;
--card:#1e2329;--c0:#56b4e9;--c1:#ff9a52;--c2:#3ecf9e;--c3:#dd9bc6;--c4:#f0e442;--c5:#8fcdf2;
--c6:#9aa4af;--c7:#ff8a80;--error:#ff8a80;--warning:#f0c060;--note:#56b4e9}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:2rem 1.25rem 4rem;background:var(--bg);color:var(--fg);
font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.7rem;margin:0 0 .2rem}h2{font-size:1.2rem;margin:2.2rem 0 .6rem}
h3{font-size:1rem;margin:1.2rem 0 .3rem}p{margin:.3rem 0}.dim{color:var(--dim)}
figure{margin:0 0 1.2rem;padding:.8rem;background:var(--card);border:1px solid var(--line);
border-radius:8px}
figcaption{font-weight:600;margin-bottom:.3rem}
svg{display:block;width:100%;height:auto;font:11px system-ui,sans-serif}
svg text{fill:var(--dim)}svg .name{fill:var(--fg);font-weight:600}
table{border-collapse:collapse;width:100%;margin:.4rem 0 1rem;font-size:.93em}
caption{text-align:left;color:var(--dim);padding-bottom:.2rem}
th,td{text-align:left;padding:.25rem .7rem .25rem 0;border-bottom:1px solid var(--line);
vertical-align:top;overflow-wrap:anywhere}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.wide{overflow-x:auto}
.tag{font-size:.78em;font-weight:500;padding:.05rem .45rem;border:1px solid var(--line);
border-radius:9px;color:var(--dim);white-space:nowrap}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1rem;margin:.3rem 0 0;padding:0;
font-size:.88em}
.swatch{display:inline-block;width:.8rem;height:.8rem;border-radius:2px;margin-right:.35rem;
vertical-align:-.08rem;border:2px solid}
.dash{height:0;border-width:2px 0 0;border-style:dashed;vertical-align:.2rem;border-radius:0}
.error{color:var(--error)}.warning{color:var(--warning)}.note{color:var(--note)}
.grid{stroke:var(--line);stroke-width:1}.line{fill:none;stroke-width:1.5;stroke-linejoin:round}
.mark{stroke-dasharray:5 3;stroke-width:1.2;fill:none}.band{fill-opacity:.22;stroke:none}
.area{fill-opacity:.75;stroke:none}
.part{fill:var(--card);stroke:var(--dim);stroke-width:1.2}
.link{fill:none;stroke:var(--dim);stroke-width:1.5}.target{fill:none;stroke-dasharray:4 3}
@media print{body{max-width:none}figure,table{break-inside:avoid}}
"""


def page(title: str, sections: Iterable[str]) -> str:
    """Return the whole page; ``sections`` are markup."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
        " style-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>{_STYLE}{_series_style()}</style>\n</head>\n"
        f"<body>\n{''.join(sections)}</body>\n</html>\n"
    )


def section(title: str, *content: str) -> str:
    """Return a headed part of the page; nothing when it has no content."""
    inner = "".join(content)
    return f"<section>\n<h2>{escape(title)}</h2>\n{inner}</section>\n" if inner else ""


def tag(origin: Origin) -> str:
    """Return the mark that says what kind of numbers stand here."""
    return f'<span class="tag" title="{escape(_MEANING[origin])}">{origin.value}</span>'


def legend_of_origins() -> str:
    """Return what the marks mean."""
    parts = (f"{tag(origin)} {escape(text)}" for origin, text in _MEANING.items())
    return f'<p class="dim">Marks: {"; ".join(parts)}.</p>\n'


def paragraph(text: str, style: str = "") -> str:
    """Return a paragraph of plain text."""
    return f'<p class="{style}">{escape(text)}</p>\n' if style else f"<p>{escape(text)}</p>\n"


def table(
    caption: str,
    origin: Origin | None,
    heads: Sequence[str],
    rows: Iterable[Sequence[object]],
    numbers: frozenset[int] = frozenset(),
) -> str:
    """Return a table of plain values; ``numbers`` are the columns set flush right."""

    def cells(kind: str, values: Sequence[object]) -> str:
        styles = (' class="n"' if at in numbers else "" for at in range(len(values)))
        return "".join(
            f"<{kind}{style}>{escape(str(value))}</{kind}>"
            for style, value in zip(styles, values, strict=True)
        )

    mark = f" {tag(origin)}" if origin else ""
    body = "".join(f"<tr>{cells('td', row)}</tr>\n" for row in rows)
    return (
        f'<div class="wide"><table>\n<caption>{escape(caption)}{mark}</caption>\n'
        f"<thead><tr>{cells('th', heads)}</tr></thead>\n<tbody>\n{body}</tbody>\n</table></div>\n"
    )


def figure(caption: str, origin: Origin, picture: str, legend: str = "") -> str:
    """Return a picture with its caption; ``picture`` and ``legend`` are markup."""
    return (
        f"<figure>\n<figcaption>{escape(caption)} {tag(origin)}</figcaption>\n"
        f"{picture}{legend}</figure>\n"
    )


def _series_style() -> str:
    return "".join(
        f".s{n}{{stroke:var(--c{n})}}.f{n}{{fill:var(--c{n})}}"
        f".b{n}{{background:var(--c{n});border-color:var(--c{n})}}"
        for n in range(SERIES)
    )
