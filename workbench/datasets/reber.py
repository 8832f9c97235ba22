"""reber: strings of the embedded Reber grammar."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.cards import EOS, SPECIAL_SYMBOLS, Baseline, Batch, Config, DatasetCard, HeldOut, NoInput, Task, setting
from workbench.datasets._generator import GeneratedDataset
from workbench.datasets._strings import letters

__all__ = ["LETTERS", "TRANSITIONS", "Reber"]

LETTERS = "BTSXPVE"
_FIRST = len(SPECIAL_SYMBOLS)

TRANSITIONS: tuple[tuple[tuple[str, int], tuple[str, int]], ...] = (
    (("T", 1), ("P", 2)),
    (("S", 1), ("X", 3)),
    (("T", 2), ("V", 4)),
    (("X", 2), ("S", 5)),
    (("P", 3), ("V", 5)),
)
"""The grammar between its B and its E: in each state two letters with equal chances, and the states that they lead to.

State 0 follows B, and in state 5 only E can follow.
"""
_LAST = 5
_FRAME = 6
"""Letters of an embedded string besides those of the walk from state 0 to state 5: B, T or P, B, and E, T or P, E."""


class ReberConfig(Config):
    """Settings of the grammar."""

    max_length: int = setting(
        40, "Length of the longest string; the few longer ones are left out.", ge=12, le=500, unit="letters"
    )


class Reber(DatasetCard[ReberConfig]):
    """A finite automaton inside another one that asks for its second letter at the end."""

    Config = ReberConfig
    title = "Embedded Reber grammar"
    group = "Generation"
    summary = (
        "A small automaton generates strings over seven letters; most of each letter can be predicted from the last two or "
        "three. But the second-to-last letter must equal the second one, T or P, and the letters between carry no information "
        "about it."
    )
    reference = (
        "Reber 1967; Hochreiter & Schmidhuber 1997, Long short-term memory, experiment 1, figures 3 and 4; "
        "Cleeremans, Servan-Schreiber & McClelland 1989."
    )
    held_out = HeldOut(
        "same space",
        "the grammar itself is to be learned, and most further strings drawn from it also occur in training.",
        samples=5000,
        effective=615,
        met=0.94,
    )

    @classmethod
    def task(cls, config: ReberConfig) -> Task:
        """Nothing in, a string of the grammar out."""
        shares = _length_shares(config.max_length)
        nll = _entropy(config.max_length)
        loss = nll / (float(shares @ np.arange(len(shares))) + 1)
        sentence = "the true grammar"
        baselines = (Baseline("nll", nll, sentence), Baseline("loss", loss, sentence))
        return Task("generate", NoInput(), letters(LETTERS, config.max_length), baselines)

    @classmethod
    def open(cls, config: ReberConfig) -> ReberDataset:
        """Strings without end."""
        return ReberDataset(cls.task(config), config)

    @classmethod
    def describe(cls, config: ReberConfig) -> str:
        """What is asked at this length."""
        return (
            f"Strings of up to {config.max_length} letters such as BTBPVVETE: B, T or P, a Reber string from B to E, the same T "
            f"or P again, E. The entropy of the grammar is {_entropy(config.max_length):.2f} nats per string."
        )


@lru_cache(maxsize=8)
def _length_shares(max_length: int) -> NDArray[np.float64]:
    """Probability of each length 0..max_length of an embedded string, given that it is not longer."""
    chances = np.zeros(_LAST + 1)
    chances[0] = 1.0
    shares = np.zeros(max_length + 1)
    for walked in range(1, max_length - _FRAME + 1):
        after = np.zeros_like(chances)
        for state, ways in enumerate(TRANSITIONS):
            for _, target in ways:
                after[target] += chances[state] / 2
        shares[walked + _FRAME] = after[_LAST]
        chances = after
        chances[_LAST] = 0.0
    shares /= shares.sum()
    shares.flags.writeable = False  # it is kept for the next caller
    return shares


def _entropy(max_length: int) -> float:
    """Mean -ln P of a string: an even choice for each letter of the walk, one for the frame, less what the cut-off gives back."""
    shares = _length_shares(max_length)
    lengths = np.arange(len(shares))
    walked = np.maximum(lengths - _FRAME, 0)
    # P(string) = 2^-(walked + 1) / P(not longer), and P(not longer) is found from any length's share
    share = _kept(max_length)
    return float(shares @ (walked + 1)) * math.log(2) + math.log(share)


def _kept(max_length: int) -> float:
    """Probability that a string of the grammar is not longer: the shares of all up to a length that none outlives, cut."""
    far = _length_shares(max(4 * max_length, 400))
    return float(far[: max_length + 1].sum())


class ReberDataset(GeneratedDataset):
    """Strings: inputs (batch, 0), targets (batch, longest + 1).

    Held-out strings are further draws of the grammar; short ones are frequent, so many are also drawn in training.
    """

    num_held_out = 5000

    def __init__(self, task: Task, config: ReberConfig) -> None:
        super().__init__(task)
        self.config = config
        self._index = {letter: _FIRST + number for number, letter in enumerate(LETTERS)}
        self._letters = np.array([[self._index[letter] for letter, _ in ways] for ways in TRANSITIONS])
        self._targets = np.array([[target for _, target in ways] for ways in TRANSITIONS])

    def draw(self, rng: np.random.Generator, n: int) -> NDArray[Any]:
        """Strings of indices padded with PAD, shape (n, max_length); too long ones are drawn again."""
        strings = np.zeros((0, self.config.max_length), dtype=np.int64)
        while len(strings) < n:
            strings = np.concatenate((strings, self._walks(rng, n - len(strings) + 8)))
        return strings[:n]

    def _walks(self, rng: np.random.Generator, n: int) -> NDArray[np.int64]:
        """The strings among n draws that are not too long."""
        longest = self.config.max_length
        ways = rng.integers(0, 2, (n, longest - _FRAME + 1))  # the first way is the frame's T or P
        frame = np.where(ways[:, 0] == 0, self._index["T"], self._index["P"])
        rows = np.zeros((n, longest), dtype=np.int64)
        rows[:, 0], rows[:, 1], rows[:, 2] = self._index["B"], frame, self._index["B"]
        state, lengths = np.zeros(n, dtype=np.int64), np.full(n, 3)
        for step in range(longest - _FRAME):
            going = np.flatnonzero(state < _LAST)
            way = ways[going, step + 1]
            rows[going, 3 + step] = self._letters[state[going], way]
            state[going] = self._targets[state[going], way]
            lengths[going] += 1
        done = np.flatnonzero(state == _LAST)
        for offset, value in ((0, self._index["E"]), (1, frame[done]), (2, self._index["E"])):
            rows[done, lengths[done] + offset] = value
        return rows[done]

    def batch(self, contents: NDArray[Any]) -> Batch:
        """The strings with their ends, cut to the longest of the batch."""
        lengths = np.count_nonzero(contents, axis=1)
        width = int(lengths.max(initial=0))
        targets = np.zeros((len(contents), width + 1), dtype=np.int64)
        targets[:, :width] = contents[:, :width]
        targets[np.arange(len(contents)), lengths] = EOS
        return Batch(np.zeros((len(contents), 0), dtype=np.float32), targets)

    def valid(self, indices: NDArray[np.int64], batch: Batch | None = None) -> NDArray[np.bool_]:  # noqa: ARG002 - no contexts
        """Which strings the grammar can write. See `SequenceSource`."""
        return np.array([self._accepts(row) for row in indices.tolist()], dtype=np.bool_)

    def _accepts(self, row: list[int]) -> bool:
        if EOS not in row or any(not _FIRST <= index < _FIRST + len(LETTERS) for index in row[: row.index(EOS)]):
            return False
        text = "".join(LETTERS[index - _FIRST] for index in row[: row.index(EOS)])
        if text[:3] not in {"BTB", "BPB"} or text[-3:] != f"E{text[1]}E" or len(text) <= _FRAME:
            return False
        state = 0
        for letter in text[3:-3]:
            ways = dict(TRANSITIONS[state]) if state < _LAST else {}
            if letter not in ways:
                return False
            state = ways[letter]
        return state == _LAST

    def length_distribution(self) -> NDArray[np.float64]:
        """From the automaton, exactly."""
        return _length_shares(self.config.max_length).copy()
