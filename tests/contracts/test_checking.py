"""A person's card that breaks a contract is told which; what `workbench new` writes keeps them all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.own_cards import SIGNS, become
from workbench.contracts.checking import Finding, check_file
from workbench.contracts.writing import KINDS, write_card
from workbench.errors import CardError, UsageError

NET = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, input_size: int, output_size: int, hidden_size: int = 8):
        super().__init__()
        self.rnn = nn.GRU(input_size, hidden_size, batch_first=True)
        self.out = nn.Linear(hidden_size, output_size)
        self.start = 0.1 * torch.ones(hidden_size)

    def forward(self, x):
        return self.out(self.rnn(x)[0] + self.start)
"""


@pytest.fixture(autouse=True)
def someone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person who has named no code yet."""
    become(tmp_path / "config", monkeypatch)


def findings(folder: Path, text: str, *, name: str = "net.py") -> list[Finding]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return list(check_file(path))


def problems(folder: Path, text: str) -> set[str]:
    return {finding.problem for finding in findings(folder, text) if finding.problem}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_keeps_its_contracts(kind: str, tmp_path: Path) -> None:
    """A card of each kind, with its test beside it; and never over a file that is there."""
    file, test = write_card(kind, "my_first", tmp_path / "new")
    assert "MyFirst" in file.read_text(encoding="utf-8")
    assert "my_first.py" in test.read_text(encoding="utf-8")
    compile(test.read_text(encoding="utf-8"), str(test), "exec")
    found = list(check_file(file))
    assert found
    assert {finding.kind for finding in found} == {kind}
    assert [finding for finding in found if finding.problem] == []
    with pytest.raises(UsageError, match="is there already"):
        write_card(kind, "my_first", tmp_path / "new")
    for name in ("My", "1a", "a-b", "class", "", "test_x", "../x"):
        with pytest.raises(UsageError, match="expected a name such as"):
            write_card(kind, name, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("", ""), ""),
        (("self.rnn(x)[0] +", "self.rnn(x)[0].detach() +"), "gets no gradient"),
        (("0.1 * torch.ones", "torch.randn"), "a part of it is not in its state_dict"),
        (("batch_first=True", "batch_first=True, bidirectional=True"), "Correct the file"),
        (("self.rnn(x)[0] +", "(self.rnn(x)[0] + self.rnn(x.flip(1))[0].flip(1)) +"), "a sample gives other outputs alone"),
        (("self.rnn(x)[0] +", "self.rnn(x)[0] * 0 +"), "is 0 throughout"),
        (("return self", "print('x' * 0)\n        return 1 / 0 * self"), "ZeroDivisionError"),
    ],
)  # fmt: skip
def test_a_broken_architecture_is_told(change: tuple[str, str], expected: str, tmp_path: Path) -> None:
    """By the contract that it breaks, on the tasks where it shows."""
    told = problems(tmp_path, NET.replace(*change))
    assert any(expected in problem for problem in told) if expected else not told, told


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("", ""), ""),
        (("[0, seed, step]", "None"), "other samples for the same seed and step"),
        (("[0, seed, step]", "[0, seed]"), "the same samples for another step"),
        (("len(split)]", "0]"), "validation and test set share samples"),
        (("return self.draw([1, len(split)], 200)", "return self.train_batch(1, 0, 200)"), "share"),
        ((".astype(np.float32)", ""), "expected float32"),
        ((".astype(np.int64)", ".astype(np.int64) + 1"), "expected int64 0 to 1"),
        (('"signs"', '"si\\ngns"'), "describe gives no line"),
        (("SignsData(cls.task(config))", "1 / 0"), "ZeroDivisionError"),
    ],
)  # fmt: skip
def test_a_broken_dataset_is_told(change: tuple[str, str], expected: str, tmp_path: Path) -> None:
    """By the contract that it breaks."""
    told = problems(tmp_path, SIGNS.replace(*change))
    assert any(expected in problem for problem in told) if expected else not told, told


def test_an_optimizer(tmp_path: Path) -> None:
    """It goes down a bowl, and its state is all that it has."""
    card = (
        "from workbench.cards import OptimizerCard, OptimizerSettings\n\n\nclass Down(OptimizerCard[OptimizerSettings]):\n"
        "    Config = OptimizerSettings\n    title, equation, summary, reference = 'Down', 'w - g', 'It goes down.', 'Mine.'\n\n"
        "    @classmethod\n    def build(cls, config, parameters):\n        import torch\n\n"
        "        return torch.optim.SGD(parameters, lr=SIGN * config.lr, momentum=0.5)\n"
    )
    assert problems(tmp_path, card.replace("SIGN", "1")) == set()
    (problem,) = problems(tmp_path, card.replace("SIGN *", "1e-9 *").replace("momentum=0.5", "maximize=True"))
    assert "brought its height from 13 to" in problem


def test_a_file_without_cards(tmp_path: Path) -> None:
    """Says what can be in one."""
    with pytest.raises(CardError, match=r"has no card; expected a class of torch.nn.Module"):
        findings(tmp_path, "x = 1\n")
    torch_above = "import torch\n" + SIGNS.replace("DatasetCard[Config]", "DatasetCard[Config]")
    assert not problems(tmp_path, torch_above)  # numbers may be worked out with it
