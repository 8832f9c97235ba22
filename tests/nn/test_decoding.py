"""The ways to decode: what is refused, and what a model sees of what was written. What they find is tested with the models."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from torch import Tensor

from workbench.nn.decoding import DRAW, GREEDY, Decoding, StepState, choose, written

END = 2


def garden_path(_number: int, last: Tensor | None, state: StepState) -> tuple[Tensor, StepState]:
    """0 comes first with .6, then 0 and 1 are even and the end has .1; 1 comes first with .4, and is followed by the end."""
    if last is None:
        return torch.tensor([[0.6, 0.4, 0.0]]).log().expand(len(state[0]), -1), state
    after = torch.tensor([[0.45, 0.45, 0.1], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]).log()
    return after[last], state


def test_a_beam_finds_what_the_greedy_path_misses() -> None:
    """The greedy path goes on with 0; the likeliest sequence begins with 1."""
    state = (torch.zeros(2, 1),)
    assert choose(garden_path, state, 3, END, GREEDY).tolist() == [[0, 0, 0]] * 2
    assert choose(garden_path, state, 3, END, Decoding(beam=2)).tolist() == [[1, END, END]] * 2


@pytest.mark.parametrize("decoding", [DRAW, GREEDY, Decoding(beam=3)], ids=str)
def test_the_state_follows_the_beginning_that_it_belongs_to(decoding: Decoding) -> None:
    """A model that keeps all that it was told finds exactly the choices before it."""

    def step(number: int, last: Tensor | None, state: StepState) -> tuple[Tensor, StepState]:
        row, told = state
        if last is not None:
            told = torch.cat((told, last[:, None]), 1)
        assert told.shape[1] == number
        keys = row[:, 0] * 31 + (told * 7 ** torch.arange(number)).sum(1)
        return torch.sin(keys[:, None] * torch.tensor([1.1, 2.3, 3.7, 0.9])), (row, told)

    def score(sequence: list[int], row: int) -> float:
        state: StepState = (torch.tensor([[row]]), torch.zeros(1, 0, dtype=torch.int64))
        last, total = None, 0.0
        for number, choice in enumerate(sequence):
            scores, state = step(number, last, state)
            total, last = total + float(scores.log_softmax(-1)[0, choice]), torch.tensor([choice])
        return total

    start = (torch.arange(5)[:, None], torch.zeros(5, 0, dtype=torch.int64))
    generator = torch.Generator().manual_seed(0)
    found = choose(step, start, 4, 9, decoding, generator=generator)
    assert found.shape == (5, 4)
    if decoding.beam > 1:
        greedy = choose(step, start, 4, 9, GREEDY)
        ours, theirs = ([score(row.tolist(), index) for index, row in enumerate(rows)] for rows in (found, greedy))
        assert all(our >= their - 1e-5 for our, their in zip(ours, theirs, strict=True))
        assert sum(ours) > sum(theirs)


def coins(_number: int, _last: Tensor | None, state: StepState) -> tuple[Tensor, StepState]:
    """Five choices with .1, .4, .05, .3 and .15, whatever came before; the last one ends."""
    return torch.tensor([0.1, 0.4, 0.05, 0.3, 0.15]).log().expand(len(state[0]), -1), state


@pytest.mark.parametrize(
    ("temperature", "top_k", "expected"),
    [
        (1.0, 2, [0, 4 / 7, 0, 3 / 7, 0]),
        (1.0, 3, [0, 0.4 / 0.85, 0, 0.3 / 0.85, 0.15 / 0.85]),
        (0.5, 2, [0, 16 / 25, 0, 9 / 25, 0]),  # squares: .16 and .09
        (1.0, 1, [0, 1, 0, 0, 0]),
        (1.0, 5, [0.1, 0.4, 0.05, 0.3, 0.15]),
        (1.0, 9, [0.1, 0.4, 0.05, 0.3, 0.15]),
    ],
)
def test_the_likeliest_alone_are_drawn_in_their_own_shares(temperature: float, top_k: int, expected: list[float]) -> None:
    """Of a distribution that is written down: the k likeliest, made to sum to 1; at a temperature their powers."""
    count = 40_000
    drawn = choose(
        coins,
        (torch.zeros(count, 1),),
        1,
        4,
        Decoding(temperature, top_k=top_k),
        generator=torch.Generator().manual_seed(1),
    )
    shares = torch.bincount(drawn[:, 0], minlength=5) / count
    assert [share > 0 for share in shares.tolist()] == [share > 0 for share in expected]
    assert torch.allclose(shares, torch.tensor(expected, dtype=torch.float32), atol=4 * 0.5 / math.sqrt(count))


def test_of_equals_no_more_than_k_are_drawn() -> None:
    """Four choices that are alike, of which two are asked for."""

    def even(_number: int, _last: Tensor | None, state: StepState) -> tuple[Tensor, StepState]:
        return torch.zeros(len(state[0]), 4), state

    drawn = choose(even, (torch.zeros(200, 1),), 1, 9, Decoding(1.0, top_k=2), generator=torch.Generator().manual_seed(0))
    assert set(drawn[:, 0].tolist()) == {0, 1}


def test_a_wide_beam_finds_the_likeliest_of_all_sequences() -> None:
    """Of a small table of probabilities, against every sequence written out."""
    table = torch.tensor([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7], [0.25, 0.7, 0.05]])  # row: the choice before; 2 does not end here
    first = torch.tensor([0.4, 0.35, 0.25])

    def step(_number: int, last: Tensor | None, state: StepState) -> tuple[Tensor, StepState]:
        return (first.expand(len(state[0]), -1) if last is None else table[last]).log(), state

    every = list(itertools.product(range(3), repeat=4))
    chances = [math.prod([float(first[one[0]]), *(float(table[a, b]) for a, b in itertools.pairwise(one))]) for one in every]
    best = every[max(range(len(every)), key=chances.__getitem__)]
    assert choose(step, (torch.zeros(1, 1),), 4, 9, Decoding(beam=81)).tolist() == [list(best)]


@pytest.mark.parametrize(
    ("temperature", "beam", "expected"),
    [
        (0.0, 1, r"^temperature: got 0; expected a finite number of at least 0\.001"),
        (-1.0, 1, r"^temperature: got -1"),
        (math.nan, 1, r"^temperature: got nan"),
        (math.inf, 1, r"^temperature: got inf"),
        (None, 0, r"^beam: got 0; expected at least 1"),
        (0.7, 4, r"^beam: got 4 with temperature 0.7; expected one of the two"),
    ],
)
def test_what_makes_no_sense_is_refused(temperature: float | None, beam: int, expected: str) -> None:
    """Each is one line with what was expected."""
    with pytest.raises(ValueError, match=expected):
        Decoding(temperature, beam)


@pytest.mark.parametrize(
    ("temperature", "top_k", "expected"),
    [
        (1.0, 0, r"^top_k: got 0; expected at least 1 choice"),
        (None, 3, r"^top_k: got 3 and no temperature; expected both"),
    ],
)
def test_the_likeliest_alone_need_a_draw(temperature: float | None, top_k: int, expected: str) -> None:
    """Nothing is taken silently for something else."""
    with pytest.raises(ValueError, match=expected):
        Decoding(temperature, top_k=top_k)


def test_after_the_end_there_is_padding() -> None:
    """The first end stays; a row without one is left alone."""
    choices = torch.tensor([[3, END, END, END], [3, 3, 3, 3], [END, END, END, END]])
    assert written(choices, END, 0).tolist() == [[3, END, 0, 0], [3, 3, 3, 3], [END, 0, 0, 0]]
