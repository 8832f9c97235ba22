"""What a probe is drawn as: lines, a heatmap, points, bars, a table, a coloured text, passages, small pictures, a computation.

Each picture is drawn as cells of text, as an SVG figure and as rows of a CSV table, and says what stands under a cursor, by one
interface (`Picture`). Neither torch nor textual.
"""

from __future__ import annotations

from workbench.plotting.pictures._picture import Drawn, Mode, Picture, csv_text, svg_document, text_of
from workbench.plotting.pictures.bars import Bars
from workbench.plotting.pictures.concordance import Concordance, Entry
from workbench.plotting.pictures.gallery import Gallery, Tile
from workbench.plotting.pictures.heatmap import Heatmap, Names
from workbench.plotting.pictures.passage import Passage
from workbench.plotting.pictures.plot import Plot
from workbench.plotting.pictures.scale import Scale
from workbench.plotting.pictures.scatter import Points, Scatter
from workbench.plotting.pictures.shares import Shares
from workbench.plotting.pictures.sheet import Sheet
from workbench.plotting.pictures.unrolled import Link, Stage, Unrolled

__all__ = [
    "Bars",
    "Concordance",
    "Drawn",
    "Entry",
    "Gallery",
    "Heatmap",
    "Link",
    "Mode",
    "Names",
    "Passage",
    "Picture",
    "Plot",
    "Points",
    "Scale",
    "Scatter",
    "Shares",
    "Sheet",
    "Stage",
    "Tile",
    "Unrolled",
    "csv_text",
    "svg_document",
    "text_of",
]
