"""What kinds of task declare, and what follows from that."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from workbench.cards import Classes, Metric, Task, Tokens, Vectors, catalog
from workbench.cards.signals import SPECIAL_SYMBOLS

KINDS = catalog.task_kinds()


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_says_what_it_measures(name: str) -> None:
    """No metric twice; the loss is one, and so is what stands for all."""
    names = Metric.names(KINDS[name].metrics)
    assert len(set(names)) == len(names)
    assert {"loss", KINDS[name].headline} <= set(names)
    assert KINDS[name].title


def test_a_metric_of_one_name_is_the_same_for_every_kind() -> None:
    """So that a listing of runs can say which way is better, and what it is, without knowing the kind."""
    metrics = [metric for kind in KINDS.values() for metric in kind.metrics]
    for metric in metrics:
        assert {(other.meaning, other.lower_is_better) for other in metrics if other.name == metric.name} == {
            (metric.meaning, metric.lower_is_better)
        }


@pytest.mark.parametrize(
    ("measured", "main"),
    [
        (("loss", "accuracy", "exact_match", "bleu"), "exact_match"),
        (("loss", "accuracy"), "accuracy"),
        (("loss", "accuracy", "sequence_accuracy", "gradient_ratio"), "accuracy"),
        (("loss", "mse"), "mse"),
        (("loss", "mse", "nrmse", "nrmse84", "start_distance"), "nrmse"),
        (("loss", "nll", "length_tv", "validity"), "nll"),
        (("loss",), "loss"),
        (("gradient_ratio",), ""),
        ((), ""),
    ],
)
def test_what_stands_for_a_run(measured: tuple[str, ...], main: str) -> None:
    """The headline of the kind that measures most of them, else the loss."""
    assert catalog.main_metric(measured) == main


def test_which_way_is_better() -> None:
    """With its split or without it; of what nobody declares, more is better."""
    assert [
        catalog.lower_is_better(tag) for tag in ("test/loss", "nrmse84", "validation/unknown", "length_tv", "flow_penalty")
    ] == [True] * 5
    assert [catalog.lower_is_better(tag) for tag in ("test/bleu", "accuracy", "nobody/knows")] == [False] * 3


def test_what_a_task_has_no_data_for_is_not_measured() -> None:
    """Unknown words need an open vocabulary."""
    words = (*SPECIAL_SYMBOLS, "a")
    closed, free = (Task("transduce", Tokens(words, 4), Tokens(words, 4, open=is_open)) for is_open in (False, True))
    assert "unknown" not in catalog.task_kind(closed).measured(closed)
    assert "unknown" in catalog.task_kind(free).measured(free)


KIND = """
from workbench.cards import Answer, AnswerForm, Interface, Metric, TaskKind


class Huber(TaskKind):
    title = "sequence -> one vector, with a loss that outliers do not rule"
    interface = Interface.ONE_OUTPUT
    metrics = (
        Metric("loss", "mean loss of an answer: cross-entropy in nats, or squared error", lower_is_better=True),
        Metric("mae", "mean absolute error", lower_is_better=True),
    )
    headline = "mae"
    not_smoothed = "it has no classes"

    @classmethod
    def answer_form(cls, task):
        return AnswerForm.NUMBERS

    def loss(self, model, batch, teacher_forcing):
        from torch.nn import functional as F

        return F.huber_loss(self.outputs(model, batch), batch.targets)

    def score(self, model, batch):
        outputs = self.outputs(model, batch)
        count = float(len(batch.targets))
        wrong = float((outputs - batch.targets).abs().mean())
        return {"loss": (float(self.loss(model, batch, 1.0)) * count, count), "mae": (wrong * count, count)}, outputs.numpy()

    def answer(self, model, batch, decoding, generator):
        found = self.outputs(model, batch)[0].numpy()
        return Answer(found, {"value": found.item()})

    def outputs(self, model, batch):
        return model(batch.inputs, batch.lengths)

    def correct(self, predicted, target):
        return None
"""


def test_a_kind_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in the folder is a kind: architectures do it, experiments measure it, and it is trained, scored and answered."""
    import workbench.tasks
    from workbench.datasets.adding import Adding, AddingConfig
    from workbench.experiment import Experiment
    from workbench.training.evaluation import evaluate
    from workbench.training.state import TrainingState

    (tmp_path / "huber.py").write_text(KIND, encoding="utf-8")
    monkeypatch.setattr(workbench.tasks, "__path__", [*workbench.tasks.__path__, str(tmp_path)])
    catalog.cards_of.cache_clear()
    architectures = [name for name in sys.modules if name.startswith("workbench.architectures.")]
    before = {name: sys.modules.pop(name) for name in architectures}  # what they can do is asked when they are loaded
    try:
        assert "huber" in catalog.task_kinds()
        assert "huber" in catalog.architectures()["gru"].tasks
        task = Adding.task(AddingConfig(length=10))
        monkeypatch.setattr(
            catalog.datasets()["adding"], "task", classmethod(lambda _cls, _config: Task("huber", task.inputs, task.outputs))
        )
        experiment = Experiment.from_dict(
            {
                "model": {"name": "gru", "hidden_size": 4},
                "data": {"name": "adding", "length": 10},
                "optimizer": {"name": "sgd"},
                "training": {"steps": 1, "monitor": "mae"},
            }
        )
        assert experiment.metrics[:2] == ("loss", "mae")
        dataset = experiment.open_data()
        dataset.task = experiment.task
        state = TrainingState(experiment, dataset, torch.device("cpu"))
        measured = evaluate(state.model, state.objective, state.dataset, "test", torch.device("cpu"), limit=8)
        assert measured.metrics["mae"] > 0
        assert catalog.main_metric(measured.metrics) == "mae"
        assert catalog.lower_is_better("test/mae")
    finally:
        for name in [name for name in sys.modules if name.startswith("workbench.architectures.")]:
            del sys.modules[name]  # what was loaded here knows a kind that is no more
        sys.modules.pop("workbench.tasks.huber", None)
        sys.modules.update(before)
        catalog.cards_of.cache_clear()


def test_a_kind_of_whatever_signals_reads_and_writes() -> None:
    """What is typed comes back as text."""
    assert Vectors(1).input_text(Vectors(1).parse("0.5 1")) == "0.5  1"
    assert Classes(("no", "yes")).target_text(Classes(("no", "yes")).parse("yes")) == "yes"
