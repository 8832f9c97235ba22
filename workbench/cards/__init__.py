"""What a card is, and what its author writes with: one class in one file, and the file's name is the card's name. No torch here.

A card's `Config` is the single declaration behind the form's field, `--set model.hidden_size=64`, the help text and the
validation. `catalog` finds cards.
"""

from __future__ import annotations

from workbench.cards.architecture import ArchitectureCard
from workbench.cards.carried_data import Carried, SourceFile
from workbench.cards.config import ColumnText, Config, PathText, setting
from workbench.cards.dataset import Dataset, DatasetCard, Sample, SequenceSource, Split
from workbench.cards.held_out import HeldOut
from workbench.cards.metric import Metric
from workbench.cards.optimizer import OptimizerCard, OptimizerSettings
from workbench.cards.signals import (
    BOS,
    EOS,
    PAD,
    SPECIAL_SYMBOLS,
    UNK,
    Classes,
    Image,
    NoInput,
    Signal,
    Tokens,
    Vectors,
)
from workbench.cards.task import IGNORE_INDEX, Baseline, Batch, FreeRun, Task
from workbench.cards.task_kind import Answer, AnswerForm, Explained, Interface, TaskKind

__all__ = [
    "BOS",
    "EOS",
    "IGNORE_INDEX",
    "PAD",
    "SPECIAL_SYMBOLS",
    "UNK",
    "Answer",
    "AnswerForm",
    "ArchitectureCard",
    "Baseline",
    "Batch",
    "Carried",
    "Classes",
    "ColumnText",
    "Config",
    "Dataset",
    "DatasetCard",
    "Explained",
    "FreeRun",
    "HeldOut",
    "Image",
    "Interface",
    "Metric",
    "NoInput",
    "OptimizerCard",
    "OptimizerSettings",
    "PathText",
    "Sample",
    "SequenceSource",
    "Signal",
    "SourceFile",
    "Split",
    "Task",
    "TaskKind",
    "Tokens",
    "Vectors",
    "setting",
]
