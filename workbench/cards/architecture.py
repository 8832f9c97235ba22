"""An architecture, as a user chooses one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Generic

from workbench.cards.card import C, Card
from workbench.cards.config import Config
from workbench.cards.metric import Metric
from workbench.cards.task import Task

if TYPE_CHECKING:
    from torch import nn

__all__ = ["ArchitectureCard"]


class ArchitectureCard(Card, ABC, Generic[C]):
    """An architecture a user can choose. Importing its file must not import torch."""

    Config: ClassVar[type[Config]]
    group: ClassVar[str]
    """The chapter it belongs to ("Recurrent", "Gated", ...)."""
    equation: ClassVar[str]
    """The defining equations as plain text, one a line."""
    drawing: ClassVar[str]
    """The unrolled graph in text, at most 60 columns wide and 12 lines high."""
    tasks: ClassVar[frozenset[str]]
    """Names of the kinds of task that it does."""
    free_running: ClassVar[bool] = False
    """Whether it can be trained on its own output (`training.teacher_forcing` below 1)."""
    closed_form: ClassVar[bool] = False
    """Whether its parameters are fitted in closed form, without gradient descent: the model is a
    `workbench.nn.closed_form.ClosedForm`, and a training step gives it one batch more to fit."""
    recurrent: ClassVar[bool] = False
    """Whether its model has a `workbench.nn.recurrent.RecurrentLayer`: then the flow of the gradient through time is measured,
    and can be cut or regularised."""
    measures: ClassVar[tuple[Metric, ...]] = ()
    """Metrics besides the task's, which its model takes of itself (`workbench.nn.closed_form.SelfMeasuring`)."""

    @classmethod
    def refuse(cls, config: C, task: Task) -> str | None:  # noqa: ARG003 - most architectures refuse nothing
        """Why this architecture cannot do a task of a kind that it lists, or None. The answer says what to choose instead."""
        return None

    @classmethod
    def refuse_length(cls, config: C, task: Task, num_steps: int) -> str | None:  # noqa: ARG003 - most take any length
        """What length is expected, and how to fix it, where a sequence of this one cannot go into the model; else None.

        Asked for what a person types; data are known beforehand, and refused as a whole.
        """
        return None

    @classmethod
    @abstractmethod
    def build(cls, config: C, task: Task) -> nn.Module:
        """The model, with freshly initialised parameters drawn from torch's global generator.

        Its `forward` takes, by kind of task:

        - `classify`, `regress`, `label`: `(inputs, lengths=None)` and returns logits (batch, classes), a vector
          (batch, size), or logits (batch, length, classes).
          A model for `label` that reads its own labels also has `forced` (see `workbench.nn.label_fed`).
        - `transduce`: `(source, source_lengths, target_in, teacher_forcing)`, where target_in is BOS + target[:-1],
          and returns logits (batch, target length, symbols). It also has
          `generate(source, source_lengths, max_length, decoding=GREEDY, generator=None)`, which returns indices
          (batch, <= max_length); `workbench.nn.encoder_decoder.EncoderDecoder` has it for whoever gives the single step.
        - `forecast`: `(inputs, lengths=None)` and returns a vector at every step, (batch, length, size). Where
          `task.free_run` is set it also has `free_run(inputs, horizon)`, which reads (batch, warmup, size) and returns the
          (batch, horizon, size) that follow when each output is fed back.
        - `generate`: `nll(inputs, targets)`, the negative log-likelihood of each sequence, (batch,), and
          `sample(inputs, count=None, *, max_length, decoding=DRAW, generator=None)`, which returns indices
          (batch, <= max_length); `workbench.nn.autoregressive.AutoregressiveModel` likewise. `inputs` is the context; without
          one, `count` says how many sequences are wanted. A `decoding` is one of `workbench.nn.decoding`.
        """

    @classmethod
    def apply_live(cls, model: nn.Module, config: C) -> None:
        """Give a running model the settings that may change while it trains. Here: the rate of every dropout layer."""
        from torch import nn

        rate = getattr(config, "dropout", None)
        if rate is not None:
            for module in model.modules():
                if isinstance(module, nn.Dropout):
                    module.p = float(rate)
