"""The words by which networks are told how to be built, each list once: for the modules here and for the settings of cards.

Nothing is imported here, so a card can take its choices from this file without loading torch.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

__all__ = [
    "ClassLoss",
    "ContextUse",
    "ConvolutionKernel",
    "DelayedInit",
    "Derivative",
    "HiddenActivation",
    "Kernel",
    "LeakyInit",
    "Loss",
    "ManualKernel",
    "MissingGRUGate",
    "MissingLSTMGate",
    "NormPlace",
    "PerceptronInit",
    "PositionName",
    "ReadoutName",
    "RecurrentActivation",
    "RecurrentInit",
    "ResetPlace",
    "ResidualInit",
    "Shortcut",
    "ShortcutMap",
    "Side",
    "Skip",
    "Stop",
]

# How steps and windows are computed

Kernel: TypeAlias = Literal["torch", "manual", "loop"]
"""torch's own call over all steps, gradients by hand (`workbench.nn.kernels`), or the equations step by step."""
ManualKernel: TypeAlias = Literal["manual", "loop"]
"""The same for a layer that torch has no call for."""
ConvolutionKernel: TypeAlias = Literal["manual", "torch"]
"""The convolution written by hand, or torch's own."""

# Recurrent layers

RecurrentActivation: TypeAlias = Literal["tanh", "relu", "identity"]
RecurrentInit: TypeAlias = Literal["default", "orthogonal", "identity"]
LeakyInit: TypeAlias = Literal["default", "orthogonal"]
DelayedInit: TypeAlias = Literal["orthogonal", "default"]
ResetPlace: TypeAlias = Literal["after", "before"]
"""Whether the reset gate acts after the product with the recurrent matrix or before it."""
MissingGRUGate: TypeAlias = Literal["nothing", "reset_gate", "update_gate"]
MissingLSTMGate: TypeAlias = Literal["nothing", "input_gate", "forget_gate", "output_gate"]
Side: TypeAlias = Literal["inputs", "outputs"]
"""Which sequence a module goes along: the one that is read, or the one that is written."""
Skip: TypeAlias = Literal["none", "residual", "dense"]
"""Skip connections between layers, see `workbench.nn.recurrent.RecurrentStack`."""
ReadoutName: TypeAlias = Literal["last", "mean"]
"""The state that gives one output for a whole sequence."""

# Feed-forward networks

HiddenActivation: TypeAlias = Literal["sigmoid", "tanh", "relu"]
ClassLoss: TypeAlias = Literal["mse", "cross_entropy"]
Loss: TypeAlias = ClassLoss | Literal["regression"]
Derivative: TypeAlias = Literal["full", "no_output", "no_hidden", "none"]
"""Which derivative factors back-propagation keeps, see `workbench.nn.bp.BPNetwork`."""
PerceptronInit: TypeAlias = Literal["scaled_normal", "scaled_uniform", "standard_normal"]
ShortcutMap: TypeAlias = Literal["identity", "projection"]
Shortcut: TypeAlias = ShortcutMap | Literal["none"]
"""What is added to a block's output: its input, a linear map of it, or nothing."""
ResidualInit: TypeAlias = Literal["default", "he"]

# Transformers and generators

PositionName: TypeAlias = Literal["sinusoidal", "learned", "none"]
NormPlace: TypeAlias = Literal["pre", "post"]
"""Layer normalisation of what goes into each sublayer, or of the sum that comes out of it."""
Stop: TypeAlias = Literal["end_symbol", "bernoulli", "length"]
"""How a generated sequence ends."""
ContextUse: TypeAlias = Literal["none", "input", "initial_state", "both"]
"""Where the vector of a context goes."""
