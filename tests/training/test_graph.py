"""The graph of a computation: what reads what is seen and never guessed, whoever wrote the modules; when a run records it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tests.training.driving import experiment, new_run, run_all, state_of
from tests.training.test_lives import Asking, life
from workbench.cards import Classes, Task, Vectors
from workbench.cards.catalog import task_kind
from workbench.nn.names import Side
from workbench.nn.tensor_batch import TensorBatch
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.training import kept_snapshots, worker
from workbench.training.events import Evaluated, Request
from workbench.training.forking import fork
from workbench.training.graph import Graph, graph_of
from workbench.training.rewinding import rewind

LABEL = Task("label", Vectors(2, 9), Classes(("a", "b", "c")))
CLASSIFY = Task("classify", Vectors(2, 9), Classes(("a", "b", "c")))


def graph(model: nn.Module, task: Task = LABEL) -> Graph:
    """Of four sequences of nine steps with two features."""
    inputs = torch.from_numpy(np.random.default_rng(0).normal(size=(4, 9, 2)).astype(np.float32))
    targets = torch.zeros((4, 9) if task is LABEL else 4, dtype=torch.int64)
    return graph_of(model.eval(), task_kind(task)(task), TensorBatch(inputs, targets, None))


def links(found: Graph) -> dict[tuple[str, str], dict[str, Any]]:
    """Edges by the paths of their ends."""
    nodes = found.info["nodes"]
    return {(nodes[edge["source"]]["path"], nodes[edge["target"]]["path"]): edge for edge in found.info["edges"]}


def node(found: Graph, path: str) -> dict[str, Any]:
    """The node of a path."""
    (one,) = [one for one in found.info["nodes"] if one["path"] == path]
    return dict(one)


class Stranger(nn.Module):
    """Modules of torch's, that announce nothing, with a connection past one of them."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(2, 6, batch_first=True, bidirectional=True)
        self.norm = nn.LayerNorm(12)
        self.attention = nn.MultiheadAttention(12, 2, batch_first=True)
        self.dropout = nn.Dropout(0.5)
        self.head = nn.Linear(12, 3)

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        h, _ = self.lstm(inputs)
        y = self.norm(h)
        mask = torch.ones(9, 9, dtype=torch.bool).triu(1)
        found, _ = self.attention(y, y, y, attn_mask=mask, need_weights=False)
        out: Tensor = self.head(self.dropout(h + found))
        return out


def test_modules_that_announce_nothing() -> None:
    """Boxes, directions, the sum past a norm and attention, which looks back only; dropout does nothing outside of training."""
    found = graph(Stranger())
    assert [one["path"] for one in found.info["nodes"]] == ["inputs", "lstm", "norm", "attention", "+", "head"]
    assert node(found, "lstm")["flow"] == "both"
    assert node(found, "norm")["words"] == "layer norm"
    assert node(found, "attention")["words"] == "multihead attention"
    assert node(found, "attention")["axes"] == ["N", "T", ""]
    known = links(found)
    assert set(known) == {
        ("inputs", "lstm"), ("lstm", "norm"), ("norm", "attention"), ("lstm", "+"), ("attention", "+"), ("+", "head"),
    }  # fmt: skip
    assert known["norm", "attention"]["reach"] == "past"
    assert known["norm", "attention"]["ports"] == ["query", "key", "value"]
    assert known["lstm", "norm"]["reach"] == known["+", "head"]["reach"] == "step"


class Convolutions(nn.Module):
    """A convolution that sees two steps before, and one that sees a step on each side."""

    def __init__(self, *, frozen: bool) -> None:
        super().__init__()
        self.past = nn.Conv1d(2, 4, 3)
        self.around = nn.Conv1d(4, 3, 3, padding=1)
        self.requires_grad_(not frozen)

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        x = torch.tanh(self.past(F.pad(inputs.transpose(1, 2), (2, 0))))
        out: Tensor = self.around(x).transpose(1, 2)
        return out


@pytest.mark.parametrize("frozen", [False, True])
def test_windows_are_those_of_the_convolutions(*, frozen: bool) -> None:
    """Also where no parameter is trained, which is noted."""
    found = graph(Convolutions(frozen=frozen))
    known = links(found)
    assert known["inputs", "past"]["window"] == [-2, 0]
    assert known["past", "around"]["window"] == [-1, 1]
    assert node(found, "past")["parameters"] == [["weight", [4, 2, 3], not frozen], ["bias", [4], not frozen]]


class Pooling(nn.Module):
    """Some steps of a recurrence's states are read."""

    def __init__(self, which: str) -> None:
        super().__init__()
        self.rnn = nn.GRU(2, 5, batch_first=True)
        self.which = which
        self.head = nn.Linear(10 if which == "ends" else 5, 3)

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        h, _ = self.rnn(inputs)
        read = {
            "last": h[:, -1],
            "first": h[:, 0],
            "ends": torch.cat((h[:, 0], h[:, -1]), -1),
            "all": h.mean(1),
            "some": h[:, 2:5].sum(1),
        }[self.which]
        out: Tensor = self.head(read)
        return out


@pytest.mark.parametrize("which", ["last", "first", "ends", "all", "some"])
def test_which_steps_are_read(which: str) -> None:
    """By gradients, whatever function takes them out."""
    assert links(graph(Pooling(which), CLASSIFY))["rnn", "head"]["reach"] == which


class Written(nn.Module):
    """A cell step by step, fed its own choice, with parameters that no module is called for."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.GRUCell(5, 4)
        self.head = nn.Linear(4, 3)
        self.scale = nn.Parameter(torch.ones(3))

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        h, chosen, out = inputs.new_zeros(len(inputs), 4), inputs.new_zeros(len(inputs), 3), []
        for x in inputs.unbind(1):
            h = self.cell(torch.cat((x, chosen), -1), h)
            out.append(F.linear(h, self.head.weight, self.head.bias) * self.scale)
            chosen = F.one_hot(out[-1].argmax(-1), 3).to(x)
        return torch.stack(out, 1)


def test_what_is_fed_back_is_seen() -> None:
    """A cell called once a step goes forwards in time; its choice leads back; the head is seen although it is not called."""
    found = graph(Written())
    known = links(found)
    assert node(found, "cell")["calls"] == 9
    assert node(found, "cell")["time"] == "T"
    assert node(found, "cell")["flow"] == "forwards"
    assert known["cell", "cell"]["back"]
    assert known["", "joined"]["back"]
    assert not known["cell", "head"]["back"]
    assert node(found, "")["words"] == "parameters of the whole"
    assert found.counts.sum() == sum(parameter.numel() for parameter in Written().parameters())


class Decoder(nn.Module):
    """One vector is read at every step, another one is the first state."""

    def __init__(self) -> None:
        super().__init__()
        self.read = nn.Linear(2, 5)
        self.start = nn.Linear(2, 4)
        self.rnn = nn.GRU(5, 4, batch_first=True)
        self.head = nn.Linear(4, 3)

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        last = inputs[:, -1]
        h, _ = self.rnn(self.read(last)[:, None].expand(-1, 9, -1), self.start(last)[None])
        out: Tensor = self.head(h)
        return out


def test_a_first_state_is_told_from_what_is_read() -> None:
    """By the argument as which it comes."""
    known = links(graph(Decoder()))
    assert (known["read", "rnn"]["first"], known["start", "rnn"]["first"]) == (True, False)


class Hidden(nn.Module):
    """Data go through numpy, weights are tied, and one module is never used."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(2, 2)
        self.tied = nn.Linear(2, 2)
        self.tied.weight = self.first.weight
        self.unused = nn.Linear(7, 7)
        self.head = nn.Linear(2, 3)

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        x = self.tied(self.first(inputs))
        out: Tensor = self.head(torch.from_numpy(x.detach().numpy().copy()))
        return out


def test_nothing_is_claimed_that_was_not_seen() -> None:
    """No link leads through numpy; tied weights count once, where they stand first; what is not used is said to be so."""
    found = graph(Hidden())
    assert set(links(found)) == {("inputs", "first"), ("first", "tied")}
    counts = {one["path"]: count for one, count in zip(found.info["nodes"], found.counts.tolist(), strict=True)}
    assert counts == {"unused": 56, "inputs": 0, "first": 6, "tied": 2, "head": 9}
    assert node(found, "unused")["role"] == "idle"


class Stubborn(Convolutions):
    """Gives its inputs to numpy, which torch refuses where gradients lead to them."""

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        inputs.numpy()
        return super().forward(inputs, lengths)


def test_a_model_that_refuses_gradients_of_its_inputs() -> None:
    """It is seen without them: all links are there, and only the first one's window is not known."""
    known = links(graph(Stubborn(frozen=False)))
    assert known["inputs", "past"]["reach"] == ""
    assert known["past", "around"]["window"] == [-1, 1]


class Said(nn.Module):
    """Says what it is, which sequence it goes along, and how far back its state reaches."""

    called = "memory of three steps"
    backwards = True
    side: Side = "outputs"

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(2, 3)

    def steps_back(self) -> tuple[int, ...]:
        return 1, 3

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        out: Tensor = self.inner(inputs)
        return out


class Wrapped(nn.Module):
    """Around it."""

    def __init__(self) -> None:
        super().__init__()
        self.said = Said()

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        out: Tensor = self.said(inputs, lengths)
        return out


def test_a_module_that_says_what_it_is() -> None:
    """It is one box with all within it."""
    one = node(graph(Wrapped()), "said")
    assert (one["words"], one["flow"], one["steps_back"]) == ("memory of three steps", "backwards", [3])


# When it is recorded ----------------------------------------------------------------------------------------------------


def steps_of(folder: RunFolder, kind: str) -> list[int]:
    with RunReader(folder) as reader:
        return reader.probe_steps(kind)


def test_it_is_in_the_first_snapshot_alone() -> None:
    """And in a later one where it was not asked for before."""
    events = [event for event in run_all(state_of(experiment(training__eval_every=5))) if isinstance(event, Evaluated)]
    assert [event.step for event in events if any(probe.kind == "graph" for probe in event.snapshot)] == [5]


def test_it_outlives_the_thinning_and_a_second_life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A resumed run does not record it again; other snapshots go when they are too many."""
    monkeypatch.setattr(kept_snapshots, "MOST_SNAPSHOTS", 3)
    folder = new_run(tmp_path, experiment(training__eval_every=2))
    list(life(folder, Asking({5: [Request("stop")]})))
    assert steps_of(folder, "graph") == [2]
    list(life(folder, Asking({})))
    assert steps_of(folder, "graph") == [2]
    assert len(steps_of(folder, "samples")) <= 3


def test_it_comes_again_after_going_back_behind_it(tmp_path: Path) -> None:
    """A run that is rewound behind its first snapshot records it anew; one that is not keeps it; a fork has its own."""
    folder = new_run(tmp_path, experiment(training__eval_every=5))
    assert worker.work(folder) == 0
    assert steps_of(folder, "graph") == [5]
    rewind(folder, 12)
    assert worker.work(folder) == 0
    assert steps_of(folder, "graph") == [5]
    rewind(folder, 2)
    assert steps_of(folder, "graph") == []
    assert worker.work(folder) == 0
    assert steps_of(folder, "graph") == [5]
    child = fork(folder, 8, {}, tmp_path)
    assert worker.work(child) == 0
    assert steps_of(child, "graph") == [10]


def test_trees_come_with_it() -> None:
    """The nodes of each sample, children by their places; the cell is what goes along them."""
    state = state_of(experiment(model__name="recursive", data__name="boolean_trees"))
    events = [event for event in run_all(state) if isinstance(event, Evaluated) and event.snapshot]
    rows = {(probe.kind, probe.name): probe for probe in events[0].snapshot}
    trees = rows["graph", "model/trees"].array
    told = rows["tree", "model"].info["nodes"]
    assert trees is not None
    for sample, nodes in enumerate(told):
        assert trees[sample, : len(nodes)].tolist() == nodes
        assert (trees[sample, len(nodes) :] == -1).all()
    (cell,) = [one for one in rows["graph", "model"].info["nodes"] if one["tree"]]
    assert cell["path"] == "cell"
