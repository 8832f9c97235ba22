"""How a task becomes numbers for `workbench.nn`, and what the recurrent cards have in common. Not a card."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, TypeVar

from workbench.cards import PAD, ArchitectureCard, Classes, Config, Image, Interface, NoInput, Task, Tokens, Vectors, setting
from workbench.cards.catalog import does, task_kind
from workbench.nn.names import Kernel, ReadoutName

if TYPE_CHECKING:
    from torch import nn

    from workbench.nn.adapters import InputAdapter, Readout
    from workbench.nn.recurrent import LayerFactory

__all__ = [
    "CAUSAL_TASKS",
    "EVERY_STEP",
    "SEQUENCE_TASKS",
    "RecurrentCard",
    "RecurrentConfig",
    "build_recurrent",
    "input_adapter",
    "longest_input",
    "num_outputs",
    "padding_index",
    "readout",
    "refuse_other_length",
    "refuse_without_steps",
    "refuse_without_tokens",
    "step_size",
]

SEQUENCE_TASKS = does(Interface.ONE_OUTPUT, Interface.EVERY_STEP)
"""What a backbone with a readout can do."""

CAUSAL_TASKS = SEQUENCE_TASKS | does(Interface.FREE_RUNNING)
"""What it can do when it sees only the past and its state can be carried from step to step."""

EVERY_STEP = (Interface.EVERY_STEP, Interface.FREE_RUNNING)
"""Where an output stands at every step."""


class RecurrentConfig(Config):
    """Settings that all recurrent architectures have."""

    hidden_size: int = setting(64, "Size of the hidden state.", ge=1, le=4096, unit="units")
    num_layers: int = setting(1, "Number of stacked recurrent layers.", ge=1, le=32, unit="layers")
    dropout: float = setting(0.0, "Dropout rate between layers and before the readout.", ge=0, lt=1, live=True)
    embedding_size: int = setting(32, "Embedding size of a token, for token inputs.", ge=1, le=4096, unit="units")
    readout: ReadoutName = setting(
        "last", "States that a single output is read from: the last one, or the mean over all steps.", advanced=True
    )
    kernel: Kernel = setting(
        "torch",
        "torch runs all steps in one call (best on a GPU, and on a CPU with less than about 100 units); manual uses "
        "hand-written gradients (faster on a CPU above that); loop runs the equations step by step.",
        advanced=True,
    )


def num_outputs(task: Task) -> int:
    """Number of units of a model's output: classes, symbols or vector size."""
    match task.outputs:
        case Classes(names=names):
            return len(names)
        case Tokens(symbols=symbols):
            return len(symbols)
        case Vectors(size=size):
            return size
        case Image(channels=channels, height=height, width=width):
            return channels * height * width
        case NoInput():
            return 0


def longest_input(task: Task) -> int | None:
    """Steps of the longest input (rows of a picture), 1 where it has no steps, None where there is no bound."""
    match task.inputs:
        case Tokens(max_length=length):
            return length
        case Vectors(length=length, max_length=longest):
            return longest if length is None else length
        case Image(height=height):
            return height
        case Classes() | NoInput():
            return 1


def refuse_other_length(task: Task, num_steps: int) -> str | None:
    """For a model with a fixed number of inputs: what length is expected, or None when it is this one."""
    length = longest_input(task)
    return None if num_steps == length else f"exactly {length:,} steps, the number that the model has inputs for. Cut or fill it."


def padding_index(tokens: Tokens) -> int | None:
    """The symbol that fills up short sequences, if there is one."""
    return PAD if tokens.special else None


def refuse_without_steps(task: Task) -> str | None:
    """Why an input cannot go into an architecture that reads sequences, or None when it can. A picture is read row by row."""
    if isinstance(task.inputs, Classes):
        return "it reads sequences and the input is a single class. Choose data with a sequence as input."
    if isinstance(task.inputs, NoInput):
        return "it reads sequences and there is no input. Choose data with a sequence as input, or choose generator."
    return None


def step_size(signal: Vectors | Image) -> int:
    """Numbers of one step: a vector's, or those of one row of a picture."""
    return signal.size if isinstance(signal, Vectors) else signal.channels * signal.width


def refuse_without_tokens(task: Task) -> str | None:
    """Why an encoder-decoder cannot do a task, or None when it can."""
    if isinstance(task.inputs, Tokens) and isinstance(task.outputs, Tokens) and task.inputs.special and task.outputs.special:
        return None
    return (
        "it maps token sequences to token sequences, with an end token on both sides. Choose data of that form, such as reversal."
    )


def input_adapter(task: Task, embedding_size: int) -> InputAdapter:
    """Symbols become learned vectors; vectors stay as they are, and pictures are read row by row."""
    from workbench.nn.adapters import TokenEmbedding, VectorInput

    match task.inputs:
        case Tokens() as tokens:
            return TokenEmbedding(len(tokens.symbols), embedding_size, padding_index(tokens))
        case Vectors() | Image() as signal:
            return VectorInput(step_size(signal))
        case _:
            raise TypeError(f"no sequence in {task.inputs!r}")


def readout(task: Task, state_size: int, name: ReadoutName, dropout: float) -> Readout:
    """Every step when each has a label; else the last step or the mean."""
    from workbench.nn.adapters import EveryStep, LastStep, MeanOverSteps

    if task_kind(task).interface in EVERY_STEP:
        return EveryStep(state_size, num_outputs(task), dropout)
    kind = LastStep if name == "last" else MeanOverSteps
    return kind(state_size, num_outputs(task), dropout)


R = TypeVar("R", bound=RecurrentConfig)


class RecurrentCard(ArchitectureCard[R]):
    """A stack of one kind of recurrent layer. With its default settings the layer also serves as `cell` in other cards."""

    tasks = CAUSAL_TASKS
    recurrent = True

    @classmethod
    @abstractmethod
    def layer(cls, config: R) -> LayerFactory:
        """What makes one layer from (input_size, hidden_size)."""

    @classmethod
    def refuse(cls, config: R, task: Task) -> str | None:
        """It reads steps."""
        return refuse_without_steps(task)

    @classmethod
    def build(cls, config: R, task: Task) -> nn.Module:
        """Input adapter, recurrent layers, readout."""
        return build_recurrent(cls.layer(config), config, task)


def build_recurrent(layer: LayerFactory, config: RecurrentConfig, task: Task) -> nn.Module:
    """A stack of recurrent layers between input adapter and readout."""
    from workbench.nn.recurrent import RecurrentStack
    from workbench.nn.sequence_model import SequenceModel

    adapter = input_adapter(task, config.embedding_size)
    backbone = RecurrentStack(layer, adapter.output_size, config.hidden_size, config.num_layers, config.dropout)
    return SequenceModel(adapter, backbone, readout(task, config.hidden_size, config.readout, config.dropout))
