"""Card of the perceptron with back-propagation by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.architectures._recurrent_card import SEQUENCE_TASKS, num_outputs, refuse_other_length
from workbench.cards import ArchitectureCard, Classes, Config, Image, Interface, NoInput, Task, Tokens, Vectors, setting
from workbench.cards.catalog import task_kind
from workbench.nn.names import ClassLoss, Derivative, HiddenActivation, PerceptronInit

if TYPE_CHECKING:
    from torch import nn


class BPConfig(Config):
    """Settings of the perceptron."""

    hidden_size: int = setting(30, "Units of each hidden layer.", ge=1, le=4096, unit="units")
    num_layers: int = setting(
        1, "Number of hidden layers; 0 connects the input directly to the output.", ge=0, le=16, unit="layers"
    )
    activation: HiddenActivation = setting("sigmoid", "Activation function of the hidden units.")
    loss: ClassLoss = setting("mse", "For classes: half the squared error of sigmoid outputs, or the cross-entropy of a softmax.")
    derivative: Derivative = setting(
        "full", "Derivative factors kept in the backward pass: full is the true gradient, the others leave some out."
    )
    init: PerceptronInit = setting(
        "scaled_normal", "Initialisation of the weights: scaled by 1/sqrt(inputs), or N(0, 1).", advanced=True
    )


class BP(ArchitectureCard[BPConfig]):
    """Forward and backward pass written out."""

    Config = BPConfig
    title = "Perceptron, back-propagation by hand"
    group = "Feed-forward"
    summary = (
        "Fully connected layers whose gradients are computed by the four equations of back-propagation instead of automatic "
        "differentiation, so that each factor can be left out to see its effect. It has no memory: where every step has a "
        "label, it sees one step at a time."
    )
    reference = "Rumelhart, Hinton and Williams 1986; Goodfellow et al. 2016, algorithms 6.3 and 6.4"
    equation = (
        "a_l = f(z_l),  z_l = W_l a_{l-1} + b_l\n"
        "delta_L = (a_L - y) * sigmoid'(z_L)          mse\n"
        "delta_L = softmax(z_L) - y                   cross_entropy\n"
        "delta_{l-1} = (W_l^T delta_l) * f'(z_{l-1})\n"
        "dE/dW_l = delta_l a_{l-1}^T,  dE/db_l = delta_l"
    )
    drawing = (
        "      W_1, b_1         W_2, b_2\n"
        "  x ═══════════▶ a_1 ═══════════▶ a_2 ──▶ E ◀── y\n"
        "                  │                │      │\n"
        "               f'(z_1)          f'(z_2)   │\n"
        "                  ▼                ▼      │\n"
        "    delta_1 ◀════(×)═══ delta_2 ◀═(×)─────┘\n"
        "       │           W_2^T   │\n"
        "       ▼                   ▼\n"
        "     dE/dW_1             dE/dW_2"
    )
    tasks = SEQUENCE_TASKS

    @classmethod
    def refuse(cls, config: BPConfig, task: Task) -> str | None:
        """Sequences of changing length do not fit its fixed number of inputs, and some factors are not there to leave out."""
        if task_kind(task).interface is not Interface.EVERY_STEP and _num_inputs(task) is None:
            return (
                "it has a fixed number of inputs and these sequences differ in length. "
                "Choose an architecture with a memory, such as lstm, or data of fixed length."
            )
        if config.derivative in ("no_output", "none") and (config.loss != "mse" or isinstance(task.outputs, Vectors)):
            return (
                f"derivative = {config.derivative} leaves out the sigmoid's derivative at the output, which only classes with "
                "loss = mse have. Set model.derivative = full or no_hidden, or model.loss = mse."
            )
        return None

    @classmethod
    def refuse_length(cls, config: BPConfig, task: Task, num_steps: int) -> str | None:
        """The number of inputs is fixed, except where each step is treated alone."""
        return None if task_kind(task).interface is Interface.EVERY_STEP else refuse_other_length(task, num_steps)

    @classmethod
    def build(cls, config: BPConfig, task: Task) -> nn.Module:
        """Layers for the whole input, or for one step of it when each step has its own label."""
        from workbench.nn.bp import BPNetwork

        per_step = task_kind(task).interface is Interface.EVERY_STEP
        size = _step_size(task) if per_step else _num_inputs(task) or 0  # never 0 here: refused before
        hidden = [config.hidden_size] * config.num_layers
        return BPNetwork(
            [size, *hidden, num_outputs(task)],
            activation=config.activation,
            loss="regression" if isinstance(task.outputs, Vectors) else config.loss,
            derivative=config.derivative,
            init=config.init,
            per_step=per_step,
            num_tokens=_step_size(task) if isinstance(task.inputs, Tokens | Classes) else 0,
        )


def _step_size(task: Task) -> int:
    """Number of inputs of one step."""
    match task.inputs:
        case Vectors(size=size):
            return size
        case Tokens(symbols=symbols) | Classes(names=symbols):
            return len(symbols)
        case Image(channels=channels, height=height, width=width):
            return channels * height * width
        case NoInput():
            return 0


def _num_inputs(task: Task) -> int | None:
    """Number of inputs of the whole input, or None when it changes from sample to sample."""
    match task.inputs:
        case Vectors(length=length):
            return None if length is None else length * _step_size(task)
        case Tokens(special=special, max_length=length):
            return None if special else length * _step_size(task)
        case Image() | Classes() | NoInput():
            return _step_size(task)
