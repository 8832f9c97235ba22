"""A text -> the next token at every step: cross-entropy, bits per character, perplexity; and what the model writes itself."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast, final

import numpy as np
from numpy.typing import NDArray

from workbench.cards.dataset import Dataset, Split, TextSource
from workbench.cards.metric import Metric
from workbench.cards.signals import Tokens
from workbench.cards.task import Task
from workbench.cards.task_kind import Answer, AnswerForm, Explained, Interface, TaskKind
from workbench.tasks._shared_metrics import ACCURACY, LOSS

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from workbench.nn.decoding import Decoding
    from workbench.nn.tensor_batch import TensorBatch

__all__ = ["Language"]


@final
class Language(TaskKind):
    """Cross-entropy of each token given all tokens before it in the window, in nats.

    Bits per character is that in bits, over the characters that the tokens are written with (`Tokens.num_characters`), so that
    models of characters and of bytes can be compared with each other and with gzip. Words have none: what it would cost to spell
    those outside the vocabulary is not counted.

    Reference:
        Shannon 1951, Prediction and entropy of printed English; Graves 2013, arXiv:1308.0850, section 3.
    """

    title = "text -> the next token at every step"
    interface = Interface.FREE_RUNNING
    metrics = (
        LOSS,
        Metric("bits_per_character", "cross-entropy in bits, per character of the text", lower_is_better=True),
        Metric("perplexity", "exp of the loss: as uncertain as an even choice among that many tokens", lower_is_better=True),
        ACCURACY,
    )
    headline = "perplexity"
    closed_form = "its loss is a likelihood, and a fit by least squares gives no probabilities"

    @classmethod
    def measured(cls, task: Task) -> tuple[str, ...]:
        """`bits_per_character` only where tokens are characters or bytes."""
        spelt = isinstance(task.outputs, Tokens) and not task.outputs.joiner
        return tuple(name for name in Metric.names(cls.metrics) if spelt or name != "bits_per_character")

    @classmethod
    def answer_form(cls, task: Task) -> AnswerForm:  # noqa: ARG003 - the same for all
        """See `TaskKind`."""
        return AnswerForm.PASSAGE

    def loss(self, model: nn.Module, batch: TensorBatch, teacher_forcing: float) -> Tensor:  # noqa: ARG002 - always the true past
        """See `TaskKind`."""
        from torch.nn import functional as F

        logits = model(batch.inputs, batch.lengths)  # (B, T, V)
        return F.cross_entropy(logits.flatten(0, 1), batch.targets.flatten(), label_smoothing=self.label_smoothing)

    def num_counted(self, batch: TensorBatch) -> int:
        """Every token."""
        return batch.targets.numel()

    def score(self, model: nn.Module, batch: TensorBatch) -> tuple[dict[str, tuple[float, float]], NDArray[np.generic]]:
        """See `TaskKind`; the predictions are the likeliest tokens."""
        from torch.nn import functional as F

        from workbench.nn.precision import exact

        logits = model(batch.inputs, batch.lengths)
        nll = float(exact(F.cross_entropy(logits.flatten(0, 1), batch.targets.flatten(), reduction="none")).sum())
        predicted = logits.argmax(-1)
        tokens = float(batch.targets.numel())
        characters = float(self._tokens.num_characters[batch.targets.cpu().numpy()].sum())
        totals = {"loss": (nll, tokens), "accuracy": (float((predicted == batch.targets).sum()), tokens)}
        if "bits_per_character" in self.measured(self.task):
            totals["bits_per_character"] = (nll / math.log(2), characters)
        return totals, predicted.cpu().numpy()

    def sample_totals(self, model: nn.Module, batch: TensorBatch) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """See `TaskKind`; all samples at once."""
        from torch.nn import functional as F

        from workbench.nn.precision import exact

        logits = model(batch.inputs, batch.lengths)
        losses = exact(F.cross_entropy(logits.movedim(-1, 1), batch.targets, reduction="none"))
        nll, tokens = losses.sum(dim=1).numpy(), np.full(len(losses), float(batch.targets.shape[1]))
        right = (logits.argmax(-1) == batch.targets).sum(dim=1).double().cpu().numpy()
        totals = {"loss": (nll, tokens), "accuracy": (right, tokens)}
        if "bits_per_character" in self.measured(self.task):
            characters = self._tokens.num_characters[batch.targets.cpu().numpy()].sum(axis=1).astype(np.float64)
            totals["bits_per_character"] = (nll / math.log(2), characters)
        return totals

    def totalled(self, means: Mapping[str, float]) -> dict[str, float]:
        """See `TaskKind`; infinite where exp has no number for it."""
        return {**means, "perplexity": math.exp(means["loss"]) if means["loss"] < _LARGEST_EXPONENT else math.inf}

    def passages(self, model: nn.Module, dataset: Dataset, split: Split, device: torch.device) -> list[dict[str, Any]] | None:
        """What the model writes after a few prompts, with what follows in the text where they are from there.

        The draws are seeded by the prompt, so that measuring twice gives the same and no random number of training is used.
        """
        import torch

        from workbench.nn.decoding import Decoding

        source = cast("TextSource", dataset)
        decoding = Decoding(temperature=source.temperature)
        items = []
        for prompt, follows in source.prompts(split):
            generator = torch.Generator(device).manual_seed(zlib.crc32(prompt.tobytes()))
            written = self._written(model, torch.tensor(prompt, device=device)[None], source.num_written, decoding, generator)
            items.append(
                {
                    "input": dataset.input_text(prompt),
                    "target": self._tokens.joiner + dataset.target_text(follows) if len(follows) else "",
                    "predicted": self._tokens.joiner + dataset.target_text(written),
                    "correct": None,
                }
            )
        return items

    def usual_decoding(self, dataset: Dataset) -> Decoding:
        """Drawn at the data's temperature: the likeliest token each time soon goes round in a circle."""
        from workbench.nn.decoding import Decoding

        return Decoding(temperature=cast("TextSource", dataset).temperature)

    def answer(self, model: nn.Module, batch: TensorBatch, decoding: Decoding, generator: torch.Generator | None) -> Answer:
        """What follows the prompt."""
        return Answer(self._written(model, batch.inputs, _ANSWERED, decoding, generator))

    def explained(self, model: nn.Module, batch: TensorBatch, predicted: NDArray[np.generic]) -> Explained:
        """The log-probability of the first token that was written."""
        logits = model(batch.inputs[:, -self._tokens.max_length :], None)[0, -1]
        return Explained(logits.log_softmax(-1)[int(predicted[0])], "log-probability of the first token written")

    def correct(self, predicted: NDArray[np.generic], target: NDArray[np.generic]) -> bool | None:  # noqa: ARG002
        """A matter of degree."""
        return None

    def _written(
        self, model: nn.Module, prompt: Tensor, num_tokens: int, decoding: Decoding, generator: torch.Generator | None
    ) -> NDArray[np.generic]:
        from workbench.nn.continuing import continuation

        longest = self._tokens.max_length
        tokens = continuation(model, prompt, num_tokens, longest=longest, decoding=decoding, generator=generator)
        written: NDArray[np.generic] = tokens[0].cpu().numpy()
        return written

    @property
    def _tokens(self) -> Tokens:
        return cast("Tokens", self.task.outputs)


_LARGEST_EXPONENT = 700.0
"""Above it exp leaves the range of doubles."""
_ANSWERED = 200
"""Tokens of an answer to a typed prompt."""
