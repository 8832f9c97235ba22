"""Writes a report: one HTML file with everything in it, Markdown with its figures beside it, and the figures singly."""

from __future__ import annotations

import time
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Literal

from workbench.comparison.markdown import markdown_table, plain
from workbench.errors import UsageError
from workbench.plotting.canvas import clean
from workbench.plotting.pictures import svg_document
from workbench.plotting.saving import write_files
from workbench.plotting.svg import figure_svg
from workbench.reports.content import Block, Drawing, Items, Lines, Report, Section, Table, Words

__all__ = ["Raster", "html_of", "markdown_of", "write_report"]

Raster = Literal["png", "pdf"]
"""What figures may be written as besides SVG, with matplotlib."""

_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; color: #1b2430; background: #fff;
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.7rem; line-height: 1.25; } h2 { font-size: 1.2rem; margin-top: 2.2rem; border-bottom: 1px solid #e3e6ea; }
.made { color: #56616f; } .scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: .8rem 0; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid #e3e6ea; }
td.best { font-weight: 700; } figure { margin: 1.2rem 0; } figcaption { color: #56616f; font-size: .9rem; }
svg { max-width: 100%; height: auto; } summary { cursor: pointer; color: #0b6aa8; }
pre { background: #f4f6f8; padding: .8rem; overflow-x: auto; font-size: .85rem; white-space: pre-wrap; overflow-wrap: anywhere; }
@media print { body { margin: 0; max-width: none; } figure, table { break-inside: avoid; } }
"""
_HTML, _MARKDOWN, _FIGURES = "report.html", "report.md", "figures"


def write_report(report: Report, folder: Path, *, overwrite: bool = False, raster: Raster | None = None) -> list[Path]:
    """Write `report.html`, `report.md` and `figures/` into a folder, which is made where it is missing.

    Args:
        report: what is written.
        folder: where it goes.
        overwrite: replace a report that is there.
        raster: write the curves in this format as well.
    Returns:
        The files, the HTML first.
    Raises:
        UsageError: there is a report already, or matplotlib is missing.
        StoreError: the folder cannot be written.
    """
    if not overwrite and any((folder / name).exists() for name in (_HTML, _MARKDOWN)):
        raise UsageError(f"{folder}: a report is there already. Name another folder with --out, or replace it with --force.")
    drawings = [block for section in report.sections for block in section.blocks if isinstance(block, Drawing)]
    painted: dict[str, bytes] = {}
    if raster is not None:
        from workbench.reports.raster import painted_figure

        painted = {f"{one.name}.{raster}": painted_figure(one.figure, raster) for one in drawings if one.figure is not None}
    written = write_files(folder, {_HTML: html_of(report), _MARKDOWN: markdown_of(report)})
    written += write_files(folder / _FIGURES, {**{f"{one.name}.svg": svg_of(one) for one in drawings}, **painted})
    return written


def svg_of(drawing: Drawing) -> str:
    """A figure as one SVG document."""
    if drawing.figure is not None:
        return figure_svg(drawing.figure)
    return svg_document([drawing.picture] if drawing.picture is not None else [], "")


def _made(report: Report) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(report.made))


# HTML -----------------------------------------------------------------------------------------------------------------------


def html_of(report: Report) -> str:
    """The report as one HTML document that asks for no other file."""
    title = escape(clean(report.title))
    body = "\n".join(_html_section(section) for section in report.sections)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<link rel="icon" href="data:,">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        f'<p class="made">Made with workbench on {_made(report)}.</p>\n{body}\n</body>\n</html>\n'
    )


def _html_section(section: Section) -> str:
    blocks = "\n".join(_html(block) for block in section.blocks)
    return f"<section>\n<h2>{escape(clean(section.heading))}</h2>\n{blocks}\n</section>"


def _html(block: Block) -> str:
    match block:
        case Words(text):
            return f"<p>{escape(clean(text))}</p>"
        case Items(texts):
            return f"<ul>{''.join(f'<li>{escape(clean(text))}</li>' for text in texts)}</ul>"
        case Lines(texts):
            return f"<pre>{escape(chr(10).join(clean(text) for text in texts))}</pre>"
        case Drawing():
            caption = f"<figcaption>{escape(clean(block.caption))}</figcaption>" if block.caption != block.title else ""
            return f"<figure>{svg_of(block)}{caption}</figure>"
        case Table():
            return _html_table(block)


def _html_table(table: Table) -> str:
    head = "".join(f"<th>{escape(clean(cell))}</th>" for cell in table.head)
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td{' class=best' if (row, column) in table.strong else ''}>{escape(clean(cell))}</td>"
            for column, cell in enumerate(cells)
        )
        + "</tr>"
        for row, cells in enumerate(table.rows)
    )
    made = f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    return f"<details><summary>{escape(clean(table.folded))}</summary>{made}</details>" if table.folded else made


# Markdown -------------------------------------------------------------------------------------------------------------------


def markdown_of(report: Report) -> str:
    """The report as Markdown; figures are files below `figures/`."""
    parts = [f"# {plain(report.title)}", f"Made with workbench on {_made(report)}."]
    for section in report.sections:
        parts.append(f"## {plain(section.heading)}")
        parts += [_markdown(block) for block in section.blocks]
    return "\n\n".join(parts) + "\n"


def _markdown(block: Block) -> str:
    match block:
        case Words(text):
            return plain(text)
        case Items(texts):
            return "\n".join(f"- {plain(text)}" for text in texts)
        case Lines(texts):
            return "\n".join(f"    {clean(text)}" for text in texts)
        case Drawing():
            return f"![{plain(block.caption)}]({_FIGURES}/{block.name}.svg)"
        case Table():
            return "\n\n".join(
                filter(None, (plain(block.folded), markdown_table([plain(cell) for cell in block.head], _bold(block))))
            )


def _bold(table: Table) -> Iterator[list[str]]:
    for row, cells in enumerate(table.rows):
        yield [f"**{plain(cell)}**" if (row, column) in table.strong else plain(cell) for column, cell in enumerate(cells)]
