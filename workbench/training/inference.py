"""Inference: a trained model, loaded from a checkpoint, and what it predicts for inputs that a person types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from numbers import Integral
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from workbench.cards import Answer, Batch, Classes, Dataset, NoInput, Tokens, Vectors
from workbench.cards.catalog import task_kind
from workbench.cards.typed_input import sample_place
from workbench.errors import CheckpointError, DataError, UsageError
from workbench.experiment import Experiment
from workbench.nn.decoding import Decoding
from workbench.nn.tensor_batch import TensorBatch
from workbench.runs.folder import RunFolder
from workbench.saying import one_line, said
from workbench.training.attending import attention_of
from workbench.training.checkpoint_files import find_checkpoint
from workbench.training.checkpoints import Checkpoint, load_checkpoint
from workbench.training.predictions import prediction_items
from workbench.training.saliency import saliency_of

__all__ = ["Inputs", "LoadedModel", "build_model", "checkpoint_data", "checkpoint_model", "load_model"]

_CPU = torch.device("cpu")
_SHOWN = 12
_LONGEST_EXAMPLE = 100
"""Letters of an example in a message."""
_EXAMPLE_FILE = "input.npy"
"""What is shown where there is no sample, and nothing short to type."""
_SEEDS = 2**63
LONGEST_RUN = 10_000
"""Steps by which a forecast is continued at most."""


Inputs: TypeAlias = str | NDArray[Any] | Sequence[str | NDArray[Any]]
"""What a model can be asked."""


@dataclass(frozen=True)
class _Writing:
    """How symbols are chosen, with the random numbers for it, and what is told beside the answer."""

    decoding: Decoding
    generator: torch.Generator | None
    saliency: bool = False
    attention: bool = False
    go_on: int = 0


@dataclass(frozen=True)
class LoadedModel:
    """A trained model with all that is needed to use it, from a checkpoint or an export.

    Attributes:
        model: in eval mode, on the CPU.
        experiment: what it was trained with.
        step: steps it was trained for.
        dataset: its data as it knows them; their files are touched for samples of the test set alone.
    """

    model: nn.Module
    experiment: Experiment
    step: int
    dataset: Dataset = field(repr=False)

    def __repr__(self) -> str:
        count = sum(parameter.numel() for parameter in self.model.parameters())
        return (
            f"LoadedModel({self.experiment.model.name} on {self.experiment.data.name}, {count:,} parameters, step {self.step:,})"
        )

    def predict(  # noqa: PLR0913 - what is asked, how it is answered, and what is told beside the answer
        self,
        inputs: Inputs | None = None,
        *,
        decoding: Decoding | None = None,
        seed: int | None = None,
        saliency: bool = False,
        attention: bool = False,
        go_on: int = 0,
    ) -> list[dict[str, Any]]:
        """What the model predicts for inputs as a person types them, for arrays, or for samples of the test set.

        Args:
            inputs: what a person typed, as the dataset's `parse_input` reads it, or `test:12` for a sample of the test set,
                from 0; one text is one input; an array of inputs, or a list of arrays of one input each, in the data's own
                numbers; None for the first samples of the test set.
            decoding: how the tokens of a generated sequence are chosen; None for greedy decoding or, where a model generates from
                no input, for drawing from its distribution.
            seed: of what is drawn; None for other draws each time.
            saliency: tell what the answer hangs on, see `workbench.training.saliency`.
            attention: tell where the model looked, see `workbench.training.attending`.
            go_on: steps by which a forecast is continued after the input's last one, each output the next input.

        Returns:
            For each one `input`, `predicted`, and as numbers `value`: the class's index, or one for each step; for vectors the
            number, or their list. `probabilities` (class -> probability, likeliest first) where it answers with one class; of a
            sequence that was ended `log_probability`, the model's own for the whole, in nats.
            For samples of the test set also `sample`, `target` and `correct`, of a drawn sequence whether it is `valid`; their
            `predicted` and `target` are those of an evaluation, at the steps that count; `value` has every step.
            `saliency`, `attention` and `continuation` (a list for each step) where they are asked for.
            `notice` where a poor answer has a known reason; `unknown`, the words of the input that the model does not know.

        Raises:
            DataError: an input is not one of this dataset's, or a sample of the test set is asked for without its files;
                `predict_each` goes on with the other inputs.
            UsageError: the model generates no sequence, or a seed is out of range or given where nothing is drawn; it is to go on
                and does not run on its own outputs.
        """
        items = []
        for item in self.predict_each(inputs, decoding=decoding, seed=seed, saliency=saliency, attention=attention, go_on=go_on):
            if isinstance(item, DataError):
                raise item
            items.append(item)
        return items

    def predict_each(  # noqa: PLR0913 - as `predict`
        self,
        inputs: Inputs | None = None,
        *,
        decoding: Decoding | None = None,
        seed: int | None = None,
        saliency: bool = False,
        attention: bool = False,
        go_on: int = 0,
    ) -> Iterator[dict[str, Any] | DataError]:
        """As `predict`, one input after the other; where one cannot be read, the reason stands in its place.

        Raises:
            DataError: the inputs are no texts, or samples of the test set are asked for and cannot be had.
            UsageError: as `predict`.
        """
        decoding, generator = self._writing(decoding, seed)
        if go_on:
            self._check_going_on(go_on)
        writing = _Writing(decoding, generator, saliency, attention, go_on)
        texts = None if inputs is None else self._texts(inputs)
        dataset = self.dataset
        test = (
            dataset.held_out("test")
            if texts is None or any(isinstance(text, str) and text.strip().startswith("test:") for text in texts)
            else None
        )
        if texts is None:
            if not test:
                raise DataError("input: got none, and the test set is empty; expected an input. Type one.")
            alike = isinstance(dataset.task.inputs, NoInput) and decoding.temperature is None  # no input, and nothing drawn
            texts = [f"test:{index}" for index in range(1 if alike else min(_SHOWN, len(test)))]
        for text in texts:
            try:
                if isinstance(text, str):
                    yield self._sample_item(text, test, writing) or self._typed_item(text, writing)
                else:
                    yield self._array_item(text, writing)
            except DataError as error:
                yield error

    def example(self) -> str:
        """An input that this very model takes, for messages: the dataset's own, or one of the test set, typed or by its place."""
        dataset = self.dataset
        candidates = [dataset.input_example()]
        try:
            test = dataset.held_out("test")
        except DataError:  # its files are not here: what can be typed needs none
            test = None
        if test is not None and len(test):
            candidates += [dataset.samples(test.slice(0, 1))[0].input_text, "test:0"]
        for text in candidates:
            if text == "test:0":
                return text
            with suppress(DataError):
                if 0 < len(text) <= _LONGEST_EXAMPLE and self._refused_length(dataset.parse_input(text)) is None:
                    return text
        return _EXAMPLE_FILE

    def _sample_item(self, text: str, test: Batch | None, writing: _Writing) -> dict[str, Any] | None:
        """The answer to a sample of the test set; None where the text names none."""
        if test is None or (place := sample_place(text, "test", len(test))) is None:
            return None
        one, dataset = test.slice(place, place + 1), self.dataset
        answer, item = self._item(dataset.samples(one)[0].inputs, "", writing)
        truth = Batch(one.inputs, dataset.truth("test", place)[None], one.lengths)
        (told,) = prediction_items(task_kind(dataset.task)(dataset.task), dataset, truth, [answer])
        return {**item, **told, "sample": text.strip(), "input": told["input"] or text.strip()}

    def _typed_item(self, text: str, writing: _Writing) -> dict[str, Any]:
        """The answer to what a person typed."""
        array = self._parsed(text)
        answer, item = self._item(array, self.dataset.input_text(array) or text, writing)
        asked = self.dataset.asked_of(text, answer)
        if asked.size < answer.size:
            item |= {"value": item["value"][-len(asked) :], "predicted": self.dataset.target_text(asked)}
        if unknown := self.dataset.unknown_words(text):
            item["unknown"] = list(unknown)
            item["notice"] = f"unknown to the model: {', '.join(map(said, unknown))}"
        return item

    def _array_item(self, given: NDArray[np.generic], writing: _Writing) -> dict[str, Any]:
        """The answer to an input that a program gave."""
        array = self.dataset.take_input(given)
        if (expected := self._refused_length(array)) is not None:
            raise DataError(f"input: got {len(array):,} steps; expected {expected}")
        return self._item(array, self.dataset.input_text(array), writing)[1]

    def _texts(self, inputs: Any) -> list[str | NDArray[np.generic]]:
        """The inputs one by one.

        Raises:
            DataError: they are neither texts nor arrays.
        """
        if isinstance(inputs, str):
            return [inputs]
        texts = list(inputs) if isinstance(inputs, Iterable) and not isinstance(inputs, bytes | Mapping) else [inputs]
        for text in texts:
            if not isinstance(text, str | np.ndarray):
                raise DataError(f"predict: got {said(text)}; expected texts, such as '{self.example()}', or arrays.")
        return texts

    def _refused_length(self, array: NDArray[np.generic]) -> str | None:
        """What length is expected where the model cannot read one of this length; else None."""
        experiment, task = self.experiment, self.dataset.task
        if not isinstance(task.inputs, Vectors | Tokens):
            return None
        return experiment.architecture.refuse_length(experiment.model.config, task, len(array))

    def _parsed(self, text: str) -> NDArray[np.generic]:
        """The input that was typed; an error comes with an example of this dataset."""
        if isinstance(self.dataset.task.inputs, NoInput):
            raise DataError(f"input: got {said(text)}; expected none, since this model generates from no input. Leave it out.")
        try:
            array = self.dataset.parse_input(text)
        except DataError as error:
            shown = self.example()
            if shown in str(error):
                raise
            raise DataError(f"{error} For example '{shown}'.") from error
        expected = self._refused_length(array)
        if expected is not None:
            raise DataError(f"input: got {len(array):,} steps; expected {expected} For example '{self.example()}'.")
        return array

    def _check_going_on(self, num_steps: Any) -> None:
        """Raises UsageError where a forecast cannot be continued by so many steps."""
        if isinstance(num_steps, bool) or not isinstance(num_steps, Integral) or not 0 < int(num_steps) <= LONGEST_RUN:
            raise UsageError(f"go_on: got {said(num_steps)}; expected a whole number of steps from 1 to {LONGEST_RUN:,}.")
        if self.dataset.task.free_run is None:
            chosen = f"{self.experiment.model.name} on {self.experiment.data.name}"
            raise UsageError(
                f"go_on: got {num_steps}; expected none, since {chosen} does not run on its own outputs. Leave it out."
            )

    def _writing(self, decoding: Decoding | None, seed: int | None) -> tuple[Decoding, torch.Generator | None]:
        """What was asked for, or what is usual for this model; refused where it would be without effect."""
        _check_kinds(decoding, seed)
        task = self.dataset.task
        if not isinstance(task.outputs, Tokens) and (decoding is not None or seed is not None):
            what = "a temperature, greedy path or beam" if decoding is not None else "a seed"
            chosen = f"{self.experiment.model.name} on {self.experiment.data.name}"
            raise UsageError(f"predict: got {what}; expected none, since {chosen} writes no sequences. Leave it out.")
        if decoding is None:
            decoding = task_kind(task)(task).usual_decoding(self.dataset)
        if seed is None:
            return decoding, None
        if decoding.temperature is None:
            raise UsageError(f"seed: got {seed}; expected none, since nothing is drawn. Leave it out, or give a temperature.")
        if not 0 <= seed < _SEEDS:
            raise UsageError(f"seed: got {seed}; expected a whole number from 0 to {_SEEDS - 1}.")
        return decoding, torch.Generator().manual_seed(int(seed))

    def _item(self, array: NDArray[np.generic], shown: str, writing: _Writing) -> tuple[NDArray[np.generic], dict[str, Any]]:
        """The answer to one input, and what is told of it."""
        task = self.dataset.task
        kind, batch = task_kind(task)(task), self._batch(array)
        with torch.no_grad():
            answer = kind.answer(self.model, batch, writing.decoding, writing.generator)
            followed = kind.continued(self.model, batch.inputs, writing.go_on) if writing.go_on else None
        item: dict[str, Any] = {"input": shown, **answer.told}
        item["predicted"] = self.dataset.target_text(answer.predicted)
        if writing.saliency:
            item["saliency"] = self._saliency(array, batch, answer)
        if writing.attention:
            item["attention"] = attention_of(self.model, self.dataset, batch, answer.predicted)
        if followed is not None and isinstance(task.outputs, Vectors):
            item["continuation"] = task.outputs.unscaled(followed[0].numpy()).tolist()
        if isinstance(task.inputs, Vectors) and task.inputs.length not in (None, len(array)):
            item["notice"] = f"trained on {task.inputs.length:,} steps, got {len(array):,}: the answer may be poor"
        return answer.predicted, item

    def _saliency(self, array: NDArray[np.generic], batch: TensorBatch, answer: Answer) -> dict[str, Any]:
        """What an answer hangs on; beside values of symbols stand the symbols."""
        told = saliency_of(self.model, self.dataset, batch, answer.predicted).to_dict()
        signal = self.dataset.task.inputs
        if "values" in told and isinstance(signal, Tokens | Classes):
            names = signal.symbols if isinstance(signal, Tokens) else signal.names
            told["symbols"] = [names[index] for index in np.atleast_1d(array).tolist()]
        return told

    def _batch(self, array: NDArray[np.generic]) -> TensorBatch:
        """One input as a batch."""
        inputs, task = array[None], self.dataset.task
        lengths = np.array([len(array)]) if isinstance(task.inputs, Tokens) and task.inputs.special else None
        return TensorBatch.of(Batch(inputs, inputs, lengths), _CPU)


def build_model(experiment: Experiment, dataset: Dataset, weights: dict[str, Tensor]) -> nn.Module:
    """The experiment's model with these weights, in eval mode, on the CPU.

    Raises:
        RuntimeError: they are those of another model, in torch's words.
    """
    model = experiment.architecture.build(experiment.model.config, dataset.task)
    for name, own in model.state_dict().items():
        if name in weights and weights[name].dtype != own.dtype:  # torch would convert them, and lose what does not fit
            raise RuntimeError(f"{name}: got numbers of type {weights[name].dtype}; expected {own.dtype}.")
    model.load_state_dict(weights)
    return model.eval()


def checkpoint_model(checkpoint: Checkpoint, dataset: Dataset) -> nn.Module:
    """A checkpoint's model, in eval mode, on the CPU.

    Raises:
        CheckpointError: its weights are those of another model.
    """
    try:
        return build_model(checkpoint.experiment, dataset, checkpoint.model)
    except RuntimeError as error:  # load_state_dict
        raise CheckpointError(
            f"{checkpoint.path}: its weights do not fit the model: {one_line(str(error))} Use another checkpoint of the run."
        ) from error


def checkpoint_data(folder: RunFolder, checkpoint: Checkpoint, *, accept_changed: bool = False) -> Dataset:
    """The data as a checkpoint's model knows them; the run says which files are in force, and whether changed ones are."""
    carried = checkpoint.carried
    in_force = folder.carried()
    if carried is not None and in_force is not None:
        carried = replace(carried, sources=in_force.sources)
    return checkpoint.experiment.open_data(carried or in_force, accept_changed=accept_changed)


def load_model(folder: RunFolder, which: str | int = "", *, accept_changed_data: bool = False) -> LoadedModel:
    """The model of a run's checkpoint, with the vocabulary and classes that it carries; its data files may be gone.

    Args:
        folder: the run.
        which: "best", "last" or a step; "" is the best one, or the last where none is marked as best.
        accept_changed_data: take samples of the test set also from files that have changed since.

    Raises:
        UsageError: there is no checkpoint of that name.
        CheckpointError: there is none yet, or it is damaged.
        DataError: the run's data cannot be opened here.
    """
    checkpoint = load_checkpoint(find_checkpoint(folder, which).path)
    experiment = checkpoint.experiment
    dataset = checkpoint_data(folder, checkpoint, accept_changed=accept_changed_data)
    return LoadedModel(checkpoint_model(checkpoint, dataset), experiment, checkpoint.step, dataset)


def _check_kinds(decoding: Any, seed: Any) -> None:
    if decoding is not None and not isinstance(decoding, Decoding):
        raise UsageError(f"predict: got decoding {said(decoding)}; expected a workbench.Decoding, or None.")
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, Integral)):
        raise UsageError(f"seed: got {said(seed)}; expected a whole number from 0 to {_SEEDS - 1}, or None.")
