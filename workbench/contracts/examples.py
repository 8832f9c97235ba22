"""A small task of every kind, with a small network and a small batch for it: what contracts of architectures are tried on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from workbench.cards import (
    BOS,
    EOS,
    IGNORE_INDEX,
    PAD,
    SPECIAL_SYMBOLS,
    ArchitectureCard,
    Classes,
    FreeRun,
    Image,
    NoInput,
    Task,
    Tokens,
    Vectors,
)
from workbench.nn.hand_trained import HandTrained

__all__ = ["EVERY_STEP", "TASKS", "Data", "build", "make_data", "small_config"]

EVERY_STEP = ("label", "forecast", "language")
"""Kinds of task with an answer at every step."""

SMALL = {"hidden_size": 16, "embedding_size": 8, "feedforward_size": 32, "num_filters": 4, "delay": 3}
"""Settings that make any network small, for those cards that have them."""

THREE = Classes(("a", "b", "c"))
BITS = Tokens(("0", "1"), 7, special=False)
LETTERS = Tokens(("a", "b", "c", "d", "e"), 7, special=False)
WORDS = Tokens((*SPECIAL_SYMBOLS, "p", "q", "r", "s"), 7)
XYZ = Tokens((*SPECIAL_SYMBOLS, "x", "y", "z"), 6)

TREES = Tokens((*SPECIAL_SYMBOLS, "0", "1", "[and", "[or", "]"), 12, structure="tree")
FORMULAS = ["[and 0 1 ]", "[or [and 1 0 ] 1 ]", "1", "[or 0 [or 1 1 ] ]"]

TASKS = {
    "classify-image": Task("classify", Image(1, 8, 8), THREE),
    "classify-vectors": Task("classify", Vectors(3, 7), THREE),
    "classify-vectors-of-any-length": Task("classify", Vectors(3), THREE),
    "classify-tokens": Task("classify", WORDS, THREE),
    "classify-trees": Task("classify", TREES, THREE),
    "regress-vectors": Task("regress", Vectors(2, 7), Vectors(2)),
    "regress-vectors-of-any-length": Task("regress", Vectors(2), Vectors(1)),
    "regress-tokens": Task("regress", BITS, Vectors(1)),
    "label-vectors": Task("label", Vectors(2, 7), THREE),
    "label-tokens": Task("label", BITS, THREE),
    "label-words": Task("label", WORDS, THREE),
    "forecast-a-driven-system": Task("forecast", Vectors(2), Vectors(1)),
    "forecast-its-own-series": Task("forecast", Vectors(2, 7), Vectors(2), free_run=FreeRun(4, 3)),
    "language-letters": Task("language", LETTERS, LETTERS),
    "transduce-tokens": Task("transduce", WORDS, XYZ),
    "generate-from-nothing": Task("generate", NoInput(), XYZ),
    "generate-for-a-class": Task("generate", THREE, XYZ),
    "generate-for-a-picture": Task("generate", Image(1, 8, 8), XYZ),
}

Card = type[ArchitectureCard[Any]]


@dataclass(frozen=True)
class Data:
    """A small batch of a task, as tensors."""

    task: Task
    inputs: Tensor
    targets: Tensor
    lengths: Tensor | None

    def outputs(self, model: nn.Module) -> Tensor:
        """The model's outputs on the whole batch."""
        if self.task.kind == "transduce":
            start = torch.full((len(self.targets), 1), BOS)
            out: Tensor = model(self.inputs, self.lengths, torch.cat((start, self.targets[:, :-1]), 1))
        elif self.task.kind == "generate":
            out = model(self.inputs, self.targets)
        else:
            out = model(self.inputs, self.lengths)
        return out

    def loss(self, model: nn.Module) -> Tensor:
        """The loss by which the task is trained."""
        outputs = self.outputs(model)
        if isinstance(model, HandTrained):
            return model.loss(outputs, self.targets)
        if self.task.kind in ("regress", "forecast"):
            return F.mse_loss(outputs, self.targets.to(outputs.dtype))
        if self.task.kind == "generate":
            return outputs.mean()
        ignored = PAD if self.task.kind == "transduce" else IGNORE_INDEX
        return F.cross_entropy(outputs.flatten(0, -2), self.targets.flatten(), ignore_index=ignored)

    def fill_gradients(self, model: nn.Module) -> Tensor:
        """The loss, with its gradient in every parameter."""
        model.zero_grad()
        if isinstance(model, HandTrained):
            return model.loss_and_gradients(self.inputs, self.targets)[0]
        loss = self.loss(model)
        loss.backward()  # type: ignore[no-untyped-call]  # torch's
        return loss

    def only(self, index: int) -> Data:
        """One sample of the batch, its padding cut off."""
        inputs, targets, lengths = self.inputs[index : index + 1], self.targets[index : index + 1], self.lengths
        if lengths is not None:
            length = int(lengths[index])
            inputs, lengths = inputs[:, :length], lengths[index : index + 1]
            targets = targets[:, :length] if self.task.kind in EVERY_STEP else targets
        return Data(self.task, inputs, targets, lengths)


def small_config(card: Card) -> Any:
    """The card's settings, with a small network."""
    return card.Config(**{key: value for key, value in SMALL.items() if key in card.Config.model_fields})


def build(card: Card, task: Task, seed: int = 0) -> nn.Module:
    """A small model in double precision, without dropout at work."""
    torch.manual_seed(seed)
    return card.build(small_config(card), task).double().eval()


def make_data(task: Task, size: int = 4) -> Data:
    """A random batch; padded where lengths may differ."""
    rng = np.random.default_rng(5)
    if task.inputs == TREES:
        formulas = [[TREES.symbols.index(word) for word in text.split()] + [EOS] for text in FORMULAS[:size]]
        trees = torch.tensor([row + [PAD] * (8 - len(row)) for row in formulas])
        return Data(task, trees, _targets(task, trees, rng), torch.tensor([len(row) for row in formulas]))
    steps = 7
    padded = task.inputs == WORDS or (isinstance(task.inputs, Vectors) and task.inputs.length is None)
    lengths = torch.tensor([7, 3, 5, 2])[:size] if padded else None
    match task.inputs:
        case Image(channels=channels, height=height, width=width):
            inputs = torch.from_numpy(rng.normal(size=(size, channels, height, width)))
        case Tokens(symbols=symbols, special=special):
            inputs = torch.from_numpy(rng.integers(4 if special else 0, len(symbols), (size, steps)))
        case Vectors(size=features):
            inputs = torch.from_numpy(rng.normal(size=(size, steps, features)))
        case Classes(names=names):
            inputs = torch.arange(size) % len(names)
        case NoInput():
            inputs = torch.zeros(size, 0, dtype=torch.float64)
        case _:
            raise TypeError(f"no example of {task}")
    for row, length in enumerate([] if lengths is None else lengths.tolist()):
        inputs[row, length:] = 0
        if task.kind == "transduce":
            inputs[row, length - 1] = EOS
    return Data(task, inputs, _targets(task, inputs, rng), lengths)


def _size(task: Task) -> int:
    return task.outputs.size if isinstance(task.outputs, Vectors) else 0


def _targets(task: Task, inputs: Tensor, rng: np.random.Generator) -> Tensor:
    size = len(inputs)
    match task.kind:
        case "classify":
            return torch.arange(size) % 3
        case "regress":
            return torch.from_numpy(rng.normal(size=(size, _size(task))))
        case "label":
            # what a step's own input tells, so that a network without memory can learn it too
            targets = (inputs > 0).sum(-1) if isinstance(task.inputs, Vectors) else inputs % 3
            targets[:, 0] = IGNORE_INDEX
            return targets
        case "language":  # what a step's own input tells, likewise
            return (inputs + 1) % 5
        case "forecast":  # the plain sum of a step's features, so that a network without memory can learn it too
            return inputs.sum(-1, keepdim=True).expand(-1, -1, _size(task)).clone()
        case "transduce" | "generate":
            rows = [[4, 5, 6, 4, 5, EOS], [6, EOS, 0, 0, 0, 0], [5, 4, EOS, 0, 0, 0], [5, 5, 6, EOS, 0, 0]]
            return torch.tensor(rows[:size])
        case _:
            raise TypeError(f"no example of {task}")
