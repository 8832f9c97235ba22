"""table: rows of the user's own table, in order of time: forecasts, and classes or numbers of rows and of whole series."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from workbench.cards import (
    IGNORE_INDEX,
    Baseline,
    Batch,
    Carried,
    Classes,
    ColumnText,
    Config,
    Dataset,
    FreeRun,
    HeldOut,
    PathText,
    SourceFile,
    Split,
    Task,
    Vectors,
    setting,
)
from workbench.cards.recognised import Recognised
from workbench.datasets._classes import sorted_classes
from workbench.datasets._file_card import FileCard
from workbench.datasets._series import series_text
from workbench.datasets._stored import EpochOrder
from workbench.datasets._table_file import Decimal, Header, Reading, Separator, Table, read_table
from workbench.datasets._table_proposal import proposed
from workbench.datasets._table_series import Asked, Chosen, Missing, Rows, chosen_columns, rows_of
from workbench.datasets._table_windows import (
    Cutting,
    Forecasting,
    Part,
    Windows,
    forecast_baselines,
    forecast_parts,
    label_parts,
    masked,
    series_parts,
)
from workbench.errors import DataError
from workbench.paths import checked_path
from workbench.saying import nearest, said

__all__ = ["TableCard", "TableConfig"]

SHIPPED = Path(__file__).parent / "files" / "sunspots" / "sunspots.csv"
_DIGITS = 4
_END = re.compile(r"end(:(?P<name>.+))?")
_LONGEST = 100_000
"""Steps of a whole series."""

Scaling = Literal["standard", "range", "none"]


class TableConfig(Config):
    """Settings of the table."""

    path: PathText = setting("", "CSV, TSV or Parquet file; empty for the included one, monthly sunspot numbers since 1749.")
    task: Asked = setting(
        "forecast",
        "What is asked: forecast numbers, label each row with a class, or classify or regress whole series (rows with the same "
        "id).",
    )
    target_columns: ColumnText = setting(
        "", "Columns to be predicted, by name or number from 1, parted by commas; empty to forecast all that are read."
    )
    input_columns: ColumnText = setting("", "Columns that are read, parted by commas; empty for all columns of numbers.")
    time_column: ColumnText = setting(
        "", "Column of times, by which rows are put in order; empty to find it; none to take the rows as they stand."
    )
    id_column: ColumnText = setting("", "Column that says which series a row belongs to; empty where all rows are one series.")
    horizon: int = setting(1, "Forecast: how many steps ahead.", ge=1, le=10_000, unit="steps")
    window: int = setting(30, "Forecast and label: steps that the model reads at a time.", ge=2, le=10_000, unit="steps")
    washout: int = setting(
        10, "Forecast and label: first steps of each window that are read and do not count.", ge=0, le=9_999, unit="steps"
    )
    season: int = setting(0, "Steps of a season, for the forecast that repeats it; 0 for none.", ge=0, le=100_000, unit="steps")
    missing: Missing = setting(
        "refuse",
        "What becomes of missing numbers: refuse the file, take the previous one, interpolate (which looks ahead), take 0, or "
        "drop the row.",
    )
    scaling: Scaling = setting(
        "standard",
        "standard: mean 0 and standard deviation 1 of each column in the training part; range: from 0 to 1; none: as it stands.",
    )
    validation_fraction: float = setting(0.15, "Fraction of the rows or series used for validation.", gt=0, le=0.4, advanced=True)
    test_fraction: float = setting(
        0.15, "Fraction of the rows, at the end, or of the series, held out for the test.", gt=0, le=0.4, advanced=True
    )
    encoding: str = setting(
        "", "Text encoding (cp1252, latin-1, gb18030 ...); empty for UTF-8, or UTF-16 if it is detected.", advanced=True
    )
    separator: Separator = setting("auto", "What parts the cells of a line.", advanced=True)
    header: Header = setting("auto", "Whether the first line names the columns.", advanced=True)
    decimal: Decimal = setting("auto", "Sign before the fraction of a number.", advanced=True)
    time_format: str = setting("", "Format of the times (%d.%m.%Y %H:%M); empty to find it.", advanced=True)

    @model_validator(mode="after")
    def _some_steps_count(self) -> TableConfig:
        if self.washout >= self.window:
            raise ValueError(f"expected a washout below window = {self.window}")
        return self

    @property
    def fractions(self) -> tuple[float, float]:
        """Of validation and test."""
        return self.validation_fraction, self.test_fraction


@dataclass(frozen=True, eq=False)
class _Prepared:
    """A table as it is learnt from, but for its scale.

    Attributes:
        rows: all series.
        part: where the windows stand.
        classes: by index, where classes are asked for.
        labels: the class of each row, IGNORE_INDEX for none; of each series where these are classified; else (0,).
        names: of the inputs and of the targets.
        runs_on: whether a forecast can be fed back.
    """

    rows: Rows
    part: Part
    classes: tuple[str, ...]
    labels: NDArray[np.int64]
    names: tuple[tuple[str, ...], tuple[str, ...]]
    runs_on: bool


class TableCard(FileCard[TableConfig, "TableDataset"]):
    """Rows of numbers in order of time.

    Scales are learnt on the training part alone and travel with the model, like the names of columns and classes: it answers in
    the table's own units without the table.
    """

    Config = TableConfig
    title = "Table"
    group = "Series"
    kind = "forecast"
    suffixes = (".csv", ".tsv", ".parquet", ".csv.gz", ".tsv.gz")
    summary = (
        "Your own CSV, TSV or Parquet table, or sunspots since 1749: forecast columns from columns, label rows, or classify and "
        "regress whole series. Scores stand beside the last value, the season before and a linear regression."
    )
    reference = (
        "Yule 1927, On a method of investigating periodicities in disturbed series, with special reference to Wolfer's sunspot "
        "numbers. Included: monthly sunspot numbers 1749 to 2008, National Geophysical Data Center, public domain."
    )
    held_out = HeldOut(
        "disjoint",
        "the rows are cut by time: validation and test targets lie behind all that is trained on.",
        samples=23,
        effective=23,
    )

    @classmethod
    def sources(cls, config: TableConfig) -> tuple[SourceFile, ...]:
        """The one file."""
        return (SourceFile.of(checked_path(config.path, "data.path", DataError) if config.path else SHIPPED),)

    @classmethod
    def task_of(cls, config: TableConfig, sources: tuple[SourceFile, ...]) -> Task:
        """What the settings ask of the table."""
        return _task(config, sources)

    @classmethod
    def dataset(cls, config: TableConfig, carried: Carried, *, accept_changed: bool = False) -> TableDataset:
        """The table, with the columns, scales and classes that are carried."""
        return TableDataset(config, carried, accept_changed=accept_changed)

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:
        """A file of rows that have numbers in columns."""
        return proposed(path, cls.Config, lambda config: _prepared(config, cls.sources(config)).rows.notices)

    @classmethod
    def describe(cls, config: TableConfig) -> str:
        """What is asked of which table."""
        what = Path(config.path).name if config.path else "the monthly sunspot numbers since 1749"
        targets = config.target_columns or "every column"
        match config.task:
            case "forecast":
                ahead = "the next step" if config.horizon == 1 else f"{config.horizon} steps ahead"
                counted = f"the first {config.washout} of which do not count" if config.washout else "all of which count"
                return (
                    f"{targets} of {what}, {ahead}, in windows of {config.window} steps, {counted}; the last "
                    f"{config.test_fraction:.0%} of the rows are the test."
                )
            case "label":
                return f"{targets} of {what}, a class for every row, in windows of {config.window} steps."
            case "classify" | "regress":
                return f"{targets} of {what}, for each series of rows with the same {config.id_column}."


@lru_cache(maxsize=2)
def _table(source: SourceFile, reading: Reading) -> Table:
    return read_table(Path(source.path), reading)


def _prepared(config: TableConfig, sources: tuple[SourceFile, ...], classes: tuple[str, ...] = ()) -> _Prepared:
    """The table as the settings want it, with classes that a model knows, or its own."""
    return _prepare(config.model_copy(update={"path": "", "season": 0, "scaling": "none"}), sources, classes)


@lru_cache(maxsize=4)
def _prepare(config: TableConfig, sources: tuple[SourceFile, ...], classes: tuple[str, ...]) -> _Prepared:
    reading = Reading(config.encoding, config.separator, config.header, config.decimal, config.time_format)
    table = _table(sources[0], reading)
    where = sources[0].path
    chosen = chosen_columns(table, config)
    rows = rows_of(table, chosen, config)
    cutting = Cutting(config.window, config.washout, config.fractions, where, config.horizon)
    labels = np.zeros(0, dtype=np.int64)
    if config.task == "forecast":
        part = forecast_parts(rows, cutting)
    elif config.task == "label":
        classes, labels = _labels(rows.words, classes, where, chosen)
        part = label_parts(rows, cutting)
    else:
        _check_lengths(rows, where)
        words = _word_of_each(rows, chosen) if config.task == "classify" else [""] * rows.num_series
        if config.task == "classify":
            classes, labels = _labels(words, classes, where, chosen)
        else:
            rows = replace(rows, targets=_numbers_of_each(rows, chosen))
        part = series_parts(rows, words, cutting)
    names = (chosen.names, chosen.target_names)
    return _Prepared(rows, part, classes, labels, names, config.task == "forecast" and chosen.runs_on)


def _labels(
    words: tuple[str, ...] | list[str], classes: tuple[str, ...], where: str, chosen: Chosen
) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Classes, and the class of each word; "" is none.

    Raises:
        DataError: there is one class only, or one that the model does not know.
    """
    there = {word for word in words if word}
    known = classes or tuple(sorted_classes(there))
    column = said(chosen.target_names[0])
    if len(known) < 2:  # noqa: PLR2004 - something to tell apart
        raise DataError(f"{where}: column {column} has {len(known)} class; expected at least two. Choose data.target_columns.")
    if unknown := next(iter(there.difference(known)), ""):
        raise DataError(
            f"{where}: column {column} has the class {said(unknown)}; expected those that the model knows. Train anew."
        )
    if len(known) > len(words) // 2 + 1:
        raise DataError(
            f"{where}: column {column} has {len(known):,} classes in {len(words):,} places; expected several of each. Choose a "
            "column that names classes."
        )
    index = {name: number for number, name in enumerate(known)} | {"": IGNORE_INDEX}
    return known, np.array([index[word] for word in words], dtype=np.int64)


def _check_lengths(rows: Rows, where: str) -> None:
    longest = int(rows.sizes.max(initial=0))
    if longest > _LONGEST:
        raise DataError(f"{where}: a series of {longest:,} rows; expected at most {_LONGEST:,}. Cut it, or label its rows.")


def _word_of_each(rows: Rows, chosen: Chosen) -> list[str]:
    """The class of each series.

    Raises:
        DataError: one has none, or several.
    """
    words = []
    for number, name in enumerate(rows.names):
        of_series = set(rows.words[rows.starts[number] : rows.starts[number + 1]]) - {""}
        if len(of_series) != 1:
            got = " and ".join(map(said, sorted(of_series)[:2])) if of_series else "none"
            raise DataError(
                f"{rows.where[number]}: series {said(name)} has {got}; expected one {said(chosen.target_names[0])} for all "
                "its rows. Correct it, or check data.id_column."
            )
        words.append(of_series.pop())
    return words


def _numbers_of_each(rows: Rows, chosen: Chosen) -> NDArray[np.float64]:
    """The targets of each series, (series, targets).

    Raises:
        DataError: one has none, or several.
    """
    made = np.zeros((rows.num_series, rows.targets.shape[1]))
    for number, name in enumerate(rows.names):
        values = rows.targets[rows.starts[number] : rows.starts[number + 1]]
        for place, target in enumerate(chosen.target_names):
            of_series = np.unique(values[np.isfinite(values[:, place]), place])
            if len(of_series) != 1:
                got = f"{of_series[0]:g} and {of_series[1]:g}" if len(of_series) else "none"
                raise DataError(
                    f"{rows.where[number]}: series {said(name)} has {got}; expected one {said(target)} for all its rows. "
                    "Correct it, or check data.id_column."
                )
            made[number, place] = of_series[0]
    return made


@lru_cache(maxsize=4)
def _task(config: TableConfig, sources: tuple[SourceFile, ...]) -> Task:
    made = _prepared(config, sources)
    rows, part = made.rows, made.part
    inputs = _scaled_by(config.scaling, rows.inputs[part.fitted], made.names[0])
    lengths = np.concatenate([windows.lengths for windows in (part.train, part.validation, part.test)])
    if lengths.min() == lengths.max():
        inputs = replace(inputs, length=int(lengths.max()))
    else:
        inputs = replace(inputs, max_length=int(lengths.max()))
    if config.task in ("label", "classify"):
        return Task(config.task, inputs, Classes(made.classes), (_most_frequent(made, config),))
    if config.task == "regress":
        places = np.searchsorted(rows.starts, part.train.starts)
        outputs = _scaled_by(config.scaling, rows.targets[places], made.names[1])
        truth = outputs.scaled(rows.targets[np.searchsorted(rows.starts, part.test.starts)]).astype(np.float64)
        guess = outputs.scaled(rows.targets[places]).astype(np.float64).mean(axis=0)
        mean = Baseline("mse", float(((truth - guess) ** 2).mean()), "predicting the mean of the training series")
        return Task("regress", inputs, outputs, (mean,))
    outputs = _scaled_by(config.scaling, rows.targets[part.fitted], made.names[1])
    asked = Forecasting(
        inputs.scaled(rows.inputs).astype(np.float64),
        outputs.scaled(rows.targets).astype(np.float64),
        rows.starts[:-1],
        config.horizon,
        config.season,
    )
    baselines = forecast_baselines(asked, part)
    fed_back = made.runs_on and config.horizon == 1 and config.washout > 0
    free_run = FreeRun(config.washout, config.window - config.washout) if fed_back else None
    return Task("forecast", inputs, outputs, baselines, config.washout, free_run)


def _scaled_by(scaling: Scaling, values: NDArray[np.float64], names: tuple[str, ...]) -> Vectors:
    """Vectors with the scale of some rows; a column that does not change is only moved."""
    size = values.shape[1]
    if scaling == "none":
        return Vectors(size, columns=names)
    low = values.mean(axis=0) if scaling == "standard" else values.min(axis=0)
    spread = values.std(axis=0) if scaling == "standard" else values.max(axis=0) - low
    spread = np.where(spread > 0, spread, 1.0)
    return Vectors(size, columns=names, shift=tuple(low.tolist()), scale=tuple(spread.tolist()))


def _most_frequent(made: _Prepared, config: TableConfig) -> Baseline:
    """The test score of the class that is most frequent in the training part."""
    if config.task == "classify":
        train, test = (
            made.labels[np.searchsorted(made.rows.starts, windows.starts)] for windows in (made.part.train, made.part.test)
        )
    else:
        train = made.labels[made.part.fitted]
        test = np.concatenate([_label_windows(made, made.part.test, np.array([place])) for place in range(len(made.part.test))])
    train, test = train[train != IGNORE_INDEX], test[test != IGNORE_INDEX]
    guess = int(np.bincount(train, minlength=len(made.classes)).argmax())
    return Baseline("accuracy", float(np.mean(test == guess)) if len(test) else 0.0, "always predicting the most frequent class")


def _label_windows(made: _Prepared, windows: Windows, places: NDArray[np.intp]) -> NDArray[np.int64]:
    """The labels of some windows, (windows * steps,) without padding."""
    rows = windows.rows(places)
    steps = np.arange(int(rows.lengths.max()))
    index = np.minimum(rows.starts[:, None] + steps, len(made.labels) - 1)
    labels = np.where(steps < rows.lengths[:, None], made.labels[index], IGNORE_INDEX)
    return masked(labels, rows.counted).ravel()


class TableDataset(Dataset):
    """Windows or whole series of a table, scaled as a model knows it.

    Args:
        config: how the table is read and cut.
        carried: columns, scales and classes, and the file.
        accept_changed: whether windows may come from a file that has changed since.
    """

    def __init__(self, config: TableConfig, carried: Carried, *, accept_changed: bool = False) -> None:
        super().__init__(carried.task, sources=carried.sources)
        self.config = config
        self._accept_changed = accept_changed

    @cached_property
    def _files(self) -> tuple[SourceFile, ...]:
        return self.carried().files_now(accept_changed=self._accept_changed) or TableCard.sources(self.config)

    @cached_property
    def _made(self) -> _Prepared:
        """The table as it is now, with the columns and classes of the model.

        Raises:
            DataError: it cannot be read any more as the model needs it.
        """
        outputs = self.task.outputs
        made = _prepared(self.config, self._files)
        if isinstance(outputs, Classes) and made.classes != outputs.names:  # other classes, or in another order
            made = _prepared(self.config, self._files, outputs.names)
        if made.names[0] != self._inputs.columns:
            raise DataError(
                f"{self._files[0].path}: columns {', '.join(made.names[0])[:80]} would be read; expected "
                f"{', '.join(self._inputs.columns)[:80]}, which the model knows. Name them in data.input_columns."
            )
        return made

    @property
    def _inputs(self) -> Vectors:
        if not isinstance(self.task.inputs, Vectors):
            raise DataError("data: the model stores no columns; expected those of a table. Train it again.")
        return self.task.inputs

    @cached_property
    def _values(self) -> NDArray[np.float32]:
        return self._inputs.scaled(self._made.rows.inputs)

    @cached_property
    def _targets(self) -> NDArray[np.float32]:
        outputs = self.task.outputs
        return outputs.scaled(self._made.rows.targets) if isinstance(outputs, Vectors) else np.zeros((0, 0), dtype=np.float32)

    @property
    def notices(self) -> tuple[str, ...]:
        """Order, gaps and what was left out."""
        name = Path(self._files[0].path).name
        return (*self._made.rows.notices, *(f"{name}: {notice}" for notice in self._made.part.notices))

    @property
    def num_train(self) -> int:
        """Number of training windows, or of training series."""
        return len(self._made.part.train)

    @cached_property
    def _epochs(self) -> EpochOrder:
        return EpochOrder(__name__, self.num_train)

    def train_batch(self, seed: int, step: int, size: int) -> Batch:
        """The windows of a step in the epoch's order."""
        return self._batch(self._made.part.train.rows(self._epochs.indices(seed, step, size)))

    def held_out(self, split: Split) -> Batch:
        """The windows, or the series, of the split."""
        return self._batch(self._made.part.test if split == "test" else self._made.part.validation)

    def _batch(self, windows: Windows) -> Batch:
        padded = self._inputs.length is None
        steps = np.arange(int(windows.lengths.max(initial=1)))
        within = steps < windows.lengths[:, None]
        index = np.minimum(windows.starts[:, None] + steps, len(self._values) - 1)
        inputs = np.where(within[:, :, None], self._values[index], np.float32(0))
        lengths = windows.lengths.astype(np.int64) if padded else None
        match self.config.task:
            case "forecast":
                return Batch(inputs, self._targets[index + self.config.horizon], lengths)
            case "label":
                labels = np.where(within, self._made.labels[index], IGNORE_INDEX)
                return Batch(inputs, masked(labels, windows.counted), lengths)
            case "classify":
                return Batch(inputs, self._made.labels[np.searchsorted(self._made.rows.starts, windows.starts)], lengths)
            case "regress":
                return Batch(inputs, self._targets[np.searchsorted(self._made.rows.starts, windows.starts)], lengths)

    def parse_input(self, text: str) -> NDArray[np.generic]:
        """Steps as they are typed, in the table's units; for a forecast also `end`, its last rows, or `end:NAME` of a series.

        Raises:
            DataError: it is neither.
        """
        named = _END.fullmatch(text.strip())
        if self.config.task != "forecast" or named is None:
            return super().parse_input(text)
        rows = self._made.rows
        name = named["name"] or ("" if rows.num_series > 1 else rows.names[0])
        if name not in rows.names:
            expected = f"end:NAME of a series. {nearest(name, rows.names)}" if rows.num_series > 1 else "end. Leave the name out."
            raise DataError(f"input: got {said(text.strip())}; expected {expected}")
        number = rows.names.index(name)
        stop = int(rows.starts[number + 1])
        return self._values[max(int(rows.starts[number]), stop - self.config.window) : stop]

    def asked_of(self, text: str, predicted: NDArray[np.generic]) -> NDArray[np.generic]:
        """Of the end of the table what comes after it: the last answers, as many as the horizon has steps."""
        is_end = self.config.task == "forecast" and _END.fullmatch(text.strip()) is not None
        return predicted[-self.config.horizon :] if is_end else predicted

    def input_text(self, inputs: NDArray[np.generic]) -> str:
        """The first and the last steps, in the table's own units."""
        return series_text(self._inputs.unscaled(inputs), _DIGITS)

    def target_text(self, target: NDArray[np.generic]) -> str:
        """The first and the last steps of a forecast, in the table's own units; a class, or numbers."""
        if self.config.task == "forecast" and isinstance(self.task.outputs, Vectors):
            return series_text(self.task.outputs.unscaled(target), _DIGITS)
        return super().target_text(target)
