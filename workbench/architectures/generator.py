"""Card of the recurrent network that writes sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.architectures._cell_setting import Cell, cell_layer, refuse_cell
from workbench.architectures._writing import alphabet_of, context_of
from workbench.cards import ArchitectureCard, Classes, Config, Image, Interface, NoInput, Task, Tokens, setting
from workbench.cards.catalog import does
from workbench.nn.names import ContextUse, Stop

if TYPE_CHECKING:
    from torch import nn


class GeneratorConfig(Config):
    """Settings of the writing network."""

    cell: Cell = setting("gru", "Kind of recurrent layer.")
    stop: Stop = setting(
        "end_symbol",
        "How a sequence ends: by an end token, by a Bernoulli stop variable before each token, or at a length sampled first.",
    )
    context: ContextUse = setting(
        "none", "How the model is conditioned on the class or picture: not at all, as an input of each step, by h_0, or both."
    )
    hidden_size: int = setting(64, "Size of the hidden state, and of the context's embedding.", ge=1, le=4096, unit="units")
    embedding_size: int = setting(16, "Embedding size of a token.", ge=1, le=4096, unit="units")
    num_layers: int = setting(1, "Number of stacked recurrent layers.", ge=1, le=16, unit="layers")
    dropout: float = setting(0.0, "Dropout rate between layers and before the softmax.", ge=0, lt=1, live=True)


class Generator(ArchitectureCard[GeneratorConfig]):
    """A distribution over sequences, generated token by token."""

    Config = GeneratorConfig
    title = "Sequence generator"
    group = "Probabilistic and conditioned"
    summary = (
        "An autoregressive recurrent network: it reads its last token and gives the distribution of the next. The hidden state "
        "summarises the past, so the number of parameters does not grow with its length. It also models where a sequence "
        "ends, and can be conditioned on a class or a picture."
    )
    reference = "Goodfellow et al. 2016, sections 10.2.3-10.2.4 and figures 10.8-10.9; Graves 2013, arXiv:1308.0850"
    equation = (
        "P(y_t | y_1 .. y_{t-1}, x) = softmax(V h_t + c)\n"
        "h_t = cell([y_{t-1}; R x], h_{t-1})   context = input\n"
        "h_0 = tanh(W x)                       context = initial_state\n"
        "P(end) = a class of the softmax       stop = end_symbol\n"
        "P(end) = sigmoid(w . h_t + b)         stop = bernoulli\n"
        "n ~ softmax(U x + d), then n symbols  stop = length"
    )
    drawing = (
        "            y_1       y_2       y_3       end\n"
        "             ▲         ▲         ▲         ▲\n"
        "     W x  ┌──┴──┐   ┌──┴──┐   ┌──┴──┐   ┌──┴──┐\n"
        " h_0 ────▶│ h_1 ├──▶│ h_2 ├──▶│ h_3 ├──▶│ h_4 │\n"
        "          └─▲─▲─┘   └─▲─▲─┘   └─▲─▲─┘   └─▲─▲─┘\n"
        "            │ │ R     │ │ R     │ │ R     │ │ R\n"
        "        start x     y_1 x     y_2 x     y_3 x"
    )
    tasks = does(Interface.AUTOREGRESSIVE)
    recurrent = True

    @classmethod
    def refuse(cls, config: GeneratorConfig, task: Task) -> str | None:
        """A context is a class or a picture, and a cell may need more units."""
        if config.context == "none" or isinstance(task.inputs, Classes | Image):
            return refuse_cell(config.cell, config.hidden_size)
        if isinstance(task.inputs, NoInput):
            return "these data have no context. Set model.context = none, or choose class_strings."
        return "its context is one class or one picture. Set model.context = none, or choose class_strings or mnist_spelling."

    @classmethod
    def build(cls, config: GeneratorConfig, task: Task) -> nn.Module:
        """The network for the task's symbols and contexts."""
        from workbench.nn import generator

        if not isinstance(task.outputs, Tokens):
            raise TypeError(f"no symbols in {task.outputs!r}")
        return generator.Generator(
            alphabet_of(task),
            cell_layer(config.cell),
            max_length=task.outputs.max_length,
            context=None if config.context == "none" else context_of(task, config.hidden_size),
            use=config.context,
            stop=config.stop,
            embedding_size=config.embedding_size,
            hidden_size=config.hidden_size,
            num_layers=config.num_layers,
            dropout=config.dropout,
        )
