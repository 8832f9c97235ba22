"""What a view of a kind of probe is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from workbench.plotting.probes._look import Chosen, Kept, Look, Options, Snapshot

if TYPE_CHECKING:
    from workbench.plotting.pictures import Picture
    from workbench.runs.reader import RunReader
    from workbench.runs.records import Probe

__all__ = ["ProbeView"]


_MEASURED_ALWAYS = "validation"
"""The data that are measured at each evaluation; others only after the last step."""


class ProbeView(ABC):
    """How one kind of probe is drawn. Importing its file imports neither torch nor textual.

    A view is a pure function of a `Look`; how its pictures become text, SVG and CSV is the same for all.
    """

    name: ClassVar[str]
    """The kind of probe; set from the file's name."""
    title: ClassVar[str]
    """Its name for people, in a word or two."""
    about: ClassVar[str]
    """What is seen and how it is read, in two or three sentences."""
    leads: ClassVar[bool] = False
    """Whether it says more of a run than answers on single samples: the interface then opens it first."""
    axes: ClassVar[tuple[str, ...]] = ()
    """What the axes of its arrays are. A person chooses one place of `sample`, `head` and `unit`; others are named freely."""
    alike: ClassVar[bool] = False
    """Whether passages of the validation set can be found in which its values are alike (`workbench.training.alike`)."""
    named: ClassVar[str] = "layer"
    """What a row's name stands for, as people call it."""

    numbers: ClassVar[tuple[str, ...]] = ()
    """Where in a row's info the numbers stand that are drawn over training, as SQLite writes it (`$.norms[0]`)."""

    @classmethod
    def axes_of(cls, name: str) -> tuple[str, ...]:
        """The axes of a row, where those of one kind differ by their names."""
        del name
        return cls.axes

    @classmethod
    def group(cls, name: str) -> str:
        """What is chosen of a row's name: the layer, which stands before the first slash."""
        return name.partition("/")[0]

    @classmethod
    def fits(cls, name: str, shape: tuple[int, ...]) -> bool:
        """Whether a row is of the form that is drawn here; another version may have written another one."""
        return len(shape) == len(cls.axes_of(name)) and min(shape, default=0) > 0

    @classmethod
    def over_training(cls, name: str) -> bool:
        """Whether the row of this name is wanted at the other steps of training too, for what is drawn over them."""
        del name
        return False

    @classmethod
    @abstractmethod
    def summary(cls, look: Look) -> str:
        """What is seen, in a line."""

    @classmethod
    @abstractmethod
    def pictures(cls, look: Look) -> Sequence[Picture]:
        """What is drawn, the most important first."""

    @classmethod
    def look(cls, snapshot: Snapshot, chosen: Chosen, kept: Kept | None = None) -> Look:
        """A snapshot with what is chosen brought within what it has.

        Args:
            snapshot: what was recorded.
            chosen: what is to be seen of it.
            kept: what earlier looks at the same run have decided; this one adds to it.
        """
        grouped = dict.fromkeys(cls.group(name) for name in snapshot.rows)
        names = tuple(sorted(grouped, key=lambda name: name != _MEASURED_ALWAYS))
        within_layer = (known for known in names if known.startswith(f"{chosen.name}/"))
        wanted = (chosen.name, cls.group(chosen.name), *within_layer)
        name = next((known for known in wanted if known in names), names[0])
        rows = {row.name[len(name) + 1 :]: row for row in snapshot.rows.values() if cls.group(row.name) == name}
        sizes: dict[str, int] = {}
        for row in rows.values():
            if row.array is not None:
                for axis, size in zip(cls.axes_of(row.name), row.array.shape, strict=True):
                    sizes[axis] = max(sizes.get(axis, 0), size)
        options = Options(names, sizes.get("sample", 0), sizes.get("head", 0), sizes.get("unit", 0))
        unit = None if chosen.unit is None or not options.units else chosen.unit % options.units
        within = Chosen(chosen.sample % max(1, options.samples), name, chosen.head % max(1, options.heads), unit)
        return Look(snapshot, within, options, rows, {} if kept is None else kept)

    @classmethod
    def part(cls, row: Probe, **places: int | None) -> NDArray[np.generic] | None:
        """A row's array at the places that are chosen of its axes; an axis with None stays whole.

        Args:
            row: the row.
            places: by the axis' name: `sample`, `head` or `unit`.
        Raises:
            IndexError: there is no such place.
        """
        if row.array is None:
            return None
        where: list[Any] = []
        for axis, size in zip(cls.axes_of(row.name), row.array.shape, strict=False):
            place = places.get(axis)
            if place is not None and not 0 <= place < size:
                raise IndexError(f"{axis} {place}; expected 0 to {size - 1}")
            where.append(slice(None) if place is None else place)
        return np.asarray(row.array[tuple(where)])

    @classmethod
    def read(cls, reader: RunReader, step: int | None = None) -> Snapshot | None:
        """What a run has of this kind at a step (by default the newest that has any), or None.

        Raises:
            StoreError: the run's database is damaged.
        """
        read = reader.probes(cls.name, step=step)
        rows = {row.name: row for row in read if row.array is not None and cls.fits(row.name, row.array.shape)}
        if not rows:
            return None
        at = next(iter(rows.values())).step
        samples = next(iter(reader.probes("samples", step=at)), None)
        history = {
            name: [
                row for row in reader.probe_history(cls.name, name) if row.array is not None and cls.fits(name, row.array.shape)
            ]
            for name in rows
            if cls.over_training(name)
        }
        numbers = reader.probe_numbers(cls.name, *cls.numbers) if cls.numbers else {}
        return Snapshot(at, rows, samples, history, reader.meta().get("experiment", {}), numbers)
