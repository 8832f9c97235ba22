"""A card made from a plain `torch.nn.Module` in a person's file: its settings are the arguments of its constructor. Not a card.

Nothing of the file is run for that, so that the process that draws imports no torch: names, annotations, defaults and docstrings
stand in the text. The file is imported where a model is built.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import create_model

from workbench.architectures._recurrent_card import (
    CAUSAL_TASKS,
    EVERY_STEP,
    input_adapter,
    longest_input,
    num_outputs,
    refuse_without_steps,
)
from workbench.cards import ArchitectureCard, Config, Image, Interface, Task, Tokens, setting
from workbench.cards.catalog import task_kind
from workbench.cards.own_code import CodeFile, failure, imported, parse
from workbench.errors import CardError
from workbench.saying import said

if TYPE_CHECKING:
    from torch import nn

__all__ = ["module_cards"]

FROM_TASK = {
    "input_size": "features of a step",
    "output_size": "classes, symbols or numbers that come out",
    "num_tokens": "symbols; the module reads their indices itself",
    "in_channels": "channels of a picture, which the module reads whole",
    "length": "steps of the input",
}
"""Arguments of a constructor that the data determine."""
_KINDS: dict[str, type[Any]] = {"int": int, "float": float, "bool": bool, "str": str}
_ARGUMENT = re.compile(r"\s+(\w+)(?: \([^)]*\))?: (.+)")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")
_SAMPLES = 3


class _ModuleConfig(Config):
    """What every module has besides the arguments of its constructor."""

    embedding_size: int = setting(
        32,
        "Embedding size of a token, for token inputs that the module does not read itself.",
        ge=1,
        le=4096,
        unit="units",
        advanced=True,
    )


class ModuleCard(ArchitectureCard[Config]):
    """A module of the user's own.

    Attributes:
        code: the file.
        class_name: the class in it.
        arguments: of its constructor.
        takes_lengths: whether its `forward` has a second argument.
    """

    code: ClassVar[CodeFile]
    class_name: ClassVar[str]
    arguments: ClassVar[tuple[str, ...]]
    takes_lengths: ClassVar[bool]
    group = "Own"
    tasks = CAUSAL_TASKS

    @classmethod
    def refuse(cls, config: Config, task: Task) -> str | None:
        """It reads steps; pictures, tokens and a length only where the data have them."""
        missing = [
            name
            for name, there in (
                ("num_tokens", isinstance(task.inputs, Tokens)),
                ("in_channels", isinstance(task.inputs, Image)),
                ("length", longest_input(task) is not None),
            )
            if name in cls.arguments and not there
        ]
        if missing:
            return f"its argument {missing[0]} ({FROM_TASK[missing[0]]}) has no meaning for these data. Choose others."
        if "in_channels" in cls.arguments and task_kind(task).interface in EVERY_STEP:
            return "it reads whole pictures, which have no steps. Choose data with one answer for a picture."
        return refuse_without_steps(task)

    @classmethod
    def build(cls, config: Config, task: Task) -> nn.Module:
        """The module between an input adapter and the task.

        Raises:
            CardError: it fails, or gives something else than the task wants.
        """
        import numpy as np
        import torch

        from workbench.nn.own_module import OwnModule, check_own_module

        where = f"the class {cls.class_name}"
        kind = getattr(imported(cls.code, where), cls.class_name, None)
        if not (isinstance(kind, type) and issubclass(kind, torch.nn.Module)):
            raise CardError(f"{where}: {cls.code.path}: is no torch.nn.Module; expected one. Name another class.")
        itself = "num_tokens" in cls.arguments or "in_channels" in cls.arguments
        adapter = None if itself else input_adapter(task, config.embedding_size)  # type: ignore[attr-defined]  # of _ModuleConfig
        given = {
            "input_size": 0 if adapter is None else adapter.output_size,
            "output_size": num_outputs(task),
            "num_tokens": len(task.inputs.symbols) if isinstance(task.inputs, Tokens) else 0,
            "in_channels": task.inputs.channels if isinstance(task.inputs, Image) else 0,
            "length": longest_input(task),
        }
        arguments = {name: given[name] if name in given else getattr(config, name) for name in cls.arguments}
        interface = task_kind(task).interface
        try:
            module = kind(**arguments)
            model = OwnModule(
                adapter,
                module,
                num_outputs(task),
                every_step=interface in EVERY_STEP,
                takes_lengths=cls.takes_lengths,
            )
            if not any(parameter.is_meta for parameter in model.parameters()):
                made = task.inputs.random(_SAMPLES, np.random.default_rng(0))
                only_past = interface is Interface.FREE_RUNNING or task.kind == "language"
                check_own_module(model, torch.from_numpy(made), only_past=only_past)
        except CardError:
            raise
        except Exception as error:
            raise CardError(f"{where}: {failure(cls.code, error)}") from error
        return model


def module_cards(code: CodeFile, where: str) -> dict[str, type[ModuleCard]]:
    """The modules of a file as cards, by class name; classes that other modules of the file are made of are among them.

    Raises:
        CardError: it is not Python.
    """
    classes = {node.name: node for node in parse(code, where).body if isinstance(node, ast.ClassDef)}
    modules = [node for node in classes.values() if _is_module(node, classes)]
    cards: dict[str, type[ModuleCard]] = {}
    for node in modules:
        try:
            cards[node.name] = _card(code, node)
        except CardError as error:
            reason = f"{code.path}: {error}"
            if len(modules) == 1:
                raise CardError(f"{where}: {reason}") from error
    return cards


def _is_module(node: ast.ClassDef, classes: Mapping[str, ast.ClassDef]) -> bool:
    """Whether a class is written as a module, or as a kind of one in the same file."""
    for base in node.bases:
        name = _last(base)
        if name == "Module" or (name in classes and name != node.name and _is_module(classes[name], classes)):
            return True
    return False


def _last(node: ast.expr) -> str:
    """`Module` of `torch.nn.Module`."""
    if isinstance(node, ast.Subscript):
        return _last(node.value)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _card(code: CodeFile, node: ast.ClassDef) -> type[ModuleCard]:
    functions = {item.name: item for item in node.body if isinstance(item, ast.FunctionDef)}
    documentation = ast.get_docstring(node) or ""
    constructor = functions.get("__init__")
    told = _told(documentation) | _told(ast.get_docstring(constructor) or "" if constructor else "")
    arguments = _arguments(constructor) if constructor else []
    fields: dict[str, Any] = {}
    for argument, default in arguments:
        if argument.arg in FROM_TASK:
            continue
        kind, value = _setting(node, argument, default)
        fields[argument.arg] = (kind, setting(value, told.get(argument.arg, f"Argument {argument.arg} of {node.name}.")))
    config = create_model(f"{node.name}Config", __base__=_ModuleConfig, __module__=__name__, **fields)
    words = _WORD.findall(node.name)
    title = " ".join([words[0], *(word if word.isupper() else word.lower() for word in words[1:])]) if words else node.name
    first = " ".join(documentation.partition("\n\n")[0].split())
    forward = functions.get("forward")
    return type(
        node.name,
        (ModuleCard,),
        {
            "__doc__": first or node.name,
            "__module__": __name__,
            "Config": config,
            "name": node.name,
            "title": title,
            "summary": first or f"The class {node.name} in {code.stem}.py.",
            "reference": f"{code.stem}.py, SHA-256 {code.sha256[:12]}",
            "equation": f"y = {node.name}(x)",
            "drawing": f"x -> {node.name} -> y",
            "code": code,
            "class_name": node.name,
            "arguments": tuple(argument.arg for argument, _ in arguments),
            "takes_lengths": forward is not None and len(_positional(forward)) > 1,
        },
    )


def _positional(function: ast.FunctionDef) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args][1:]


def _arguments(function: ast.FunctionDef) -> list[tuple[ast.arg, ast.expr | None]]:
    """The arguments but `self`, each with its default."""
    named = _positional(function)
    defaults: list[ast.expr | None] = [None] * (len(named) - len(function.args.defaults)) + list(function.args.defaults)
    defaults = defaults[len(defaults) - len(named) :]
    return [*zip(named, defaults, strict=True), *zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)]


def _setting(node: ast.ClassDef, argument: ast.arg, default: ast.expr | None) -> tuple[Any, Any]:
    """Type and default of a setting.

    Raises:
        CardError: they cannot be told from the text.
    """
    where = f"line {argument.lineno}: argument {said(argument.arg)} of {node.name}"
    if default is None:
        names = ", ".join(FROM_TASK)
        raise CardError(f"{where}: has no default; expected one, or a name that the data fill in: {names}. Give it a default.")
    try:
        value = ast.literal_eval(default)
    except ValueError:
        raise CardError(f"{where}: has a default that is worked out; expected a number or text. Write it out.") from None
    annotation = argument.annotation
    if annotation is None:
        kind: Any = type(value)
    elif isinstance(annotation, ast.Subscript) and _last(annotation) == "Literal":
        choices = ast.literal_eval(annotation.slice)
        kind = Literal[choices if isinstance(choices, tuple) else (choices,)]
    else:
        kind = _KINDS.get(ast.unparse(annotation).strip("'\""))
    if kind not in _KINDS.values() and not str(kind).startswith("typing.Literal"):
        got = ast.unparse(annotation) if annotation is not None else type(value).__name__
        raise CardError(f"{where}: is {said(got)}; expected int, float, bool, str or Literal. Annotate it so.")
    return kind, float(value) if kind is float and isinstance(value, int) else value


def _told(documentation: str) -> dict[str, str]:
    """What the section Args of a docstring says of each argument."""
    _, _, section = documentation.partition("Args:\n")
    section = re.split(r"\n\S", f"\n{section}")[0]
    told: dict[str, str] = {}
    name = ""
    for line in section.splitlines():
        if match := _ARGUMENT.fullmatch(line):
            name = match[1]
            told[name] = match[2]
        elif name and line.strip():
            told[name] += f" {line.strip()}"
    return {name: text if text.endswith(".") else f"{text}." for name, text in told.items()}
