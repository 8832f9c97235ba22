"""`workbench snap`: a run's curves, drawn once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.options import RunName, RunsDir, runs_root
from workbench.cli.output import console, drawing_size, is_ascii
from workbench.saying import number

if TYPE_CHECKING:
    from rich.text import Text

    from workbench.plotting import Series
    from workbench.runs.reader import RunReader

__all__ = ["PANEL", "command"]

PANEL = "Look"


_PLOTS = {
    "loss": (("train/loss", "cyan", ""), ("validation/loss", "yellow", "o")),
    "gradient norm": (("train/grad_norm", "cyan", ""),),
}
"""Title -> (series, colour, marker) of each line."""


def command(
    run: RunName,
    width: Annotated[int | None, typer.Option("--width", help="Columns; the terminal's by default.")] = None,
    height: Annotated[int, typer.Option("--height", help="Lines of each plot.")] = 14,
    runs_dir: RunsDir = None,
) -> None:
    """Draw a run's loss and gradient norm to stdout, once."""
    from workbench.runs.listing import find_run
    from workbench.runs.reader import RunReader

    columns, height = drawing_size("workbench snap", width, height)
    folder = find_run(runs_root(runs_dir), run)
    with RunReader(folder) as reader:
        _draw(reader, folder.id, columns, height)


def _draw(reader: RunReader, run_id: str, width: int, height: int) -> None:
    from rich.text import Text

    from workbench.plotting.static import static_figure

    out = console(width=width)
    ascii_only = is_ascii(out.encoding)
    status = reader.status()
    out.print(_packed([Text(run_id, "bold"), Text(f"{status.state}  step {status.step:,}/{status.total:,}")], width, gap=2))
    values = reader.latest_values()
    for title, lines in _PLOTS.items():
        captions = [Text(title, style="bold")]
        series = []
        for tag, colour, marker in lines:
            if tag in values:
                series.append(_series(reader, tag, colour, marker, width))
                captions.append(Text(f"{marker or '-'} {tag} {number(values[tag])}", style=colour))
        out.print(_packed(captions if series else [*captions, Text("no values yet" if status.alive else "no values")], width))
        if series:
            log_y = all((line.y > 0).any() and not (line.y <= 0).any() for line in series)
            begins = min(float(line.x[0]) for line in series)
            view = (0.0 if begins <= 1 else None, None, None, None)  # a run begins at step 0, though its first value stands at 1
            figure = static_figure(series, width, height, log_y=log_y, view=view, ascii_only=ascii_only)
            out.print(figure, no_wrap=True, overflow="crop")


def _packed(words: Sequence[Text], width: int, gap: int = 3) -> Text:
    """Words beside each other, `gap` blanks apart; one without room begins a new line, one too wide for it is cut."""
    from rich.text import Text

    lines: list[Text] = []
    for word in words:
        if lines and lines[-1].cell_len + gap + word.cell_len <= width:
            lines[-1] = Text.assemble(lines[-1], " " * gap, word)
        else:
            lines.append(word)
    for line in lines:
        line.truncate(width, overflow="ellipsis")
    return Text("\n").join(lines)


def _series(reader: RunReader, tag: str, colour: str, marker: str, width: int) -> Series:
    """A series as a line of a chart, as it was measured: a dense one by its extremes, without marks."""
    from workbench.plotting import Series

    steps, values = reader.buckets(tag, 2 * width)
    return Series(tag, steps.astype(float), values, colour=colour, marker=marker if len(steps) <= width else "")
