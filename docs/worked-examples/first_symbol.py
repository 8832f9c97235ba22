"""Which unit of an LSTM remembers the first symbol of an embedded Reber string? How each unit separates, and what it is worth."""

import argparse
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import torch

import workbench
from workbench.nn.ablation import without
from workbench.plotting.figure import Series
from workbench.plotting.svg import Figure, figure_svg

LAYER, NUM_STRINGS, SHOWN_STEPS = "stack.layers.0", 1000, 10


def states(run):
    """The states of validation strings, and what is asked of them.

    Returns:
        values (strings, steps, units), the step at which each string's last but one letter is written, and whether that is T.
    """
    samples, found = run.inspect("states", samples=NUM_STRINGS)
    strings = [[letter for letter in letters if len(letter) == 1] for letters in samples.info["outputs"]]  # without the end
    asked = np.array([len(letters) - 2 for letters in strings])
    return found.array.astype(np.float64), asked, np.array([letters[1] == "T" for letters in strings])


def separation(values, is_t):
    """|difference of means| / pooled standard deviation of each unit, of (states, units)."""
    one, other = values[is_t], values[~is_t]
    pooled = ((len(one) - 1) * one.var(0, ddof=1) + (len(other) - 1) * other.var(0, ddof=1)) / (len(values) - 2)
    return np.abs(one.mean(0) - other.mean(0)) / np.sqrt(pooled)


def between(asked):
    """All steps from behind the frame to the one before the question, as (strings, steps)."""
    return np.array([(row, step) for row, last in enumerate(asked) for step in range(3, last)]).T


def input_gates(run, asked):
    """The mean of each unit's input gate over these steps: the less, the less is written into its cell."""
    gates = {row.name: row.array for row in run.inspect("gates", samples=NUM_STRINGS)}
    rows, steps = between(asked)
    return gates[f"{LAYER}/input"][rows, steps].astype(np.float64).mean(axis=0)


def right_letter(run, units):
    """Share of the strings whose last but one letter, T or P, is likelier than the other one: intact, then without each unit."""
    model, targets = run.model(), run.experiment.open_data().held_out("validation").targets[:NUM_STRINGS]
    rows, asked = np.arange(len(targets)), np.count_nonzero(targets, axis=1) - 3  # E and the end stand behind it
    twins = targets.copy()
    twins[rows, asked] = np.unique(targets[:, 1]).sum() - targets[:, 1]
    strings = [torch.as_tensor(each) for each in (targets, twins)]
    shares = []
    for unit in [None, *units]:
        with nullcontext() if unit is None else without(model, f"{LAYER}/unit", unit), torch.no_grad():
            true, other = (model.nll(torch.zeros(len(targets), 0), each) for each in strings)
        shares.append(float((true < other).double().mean()))
    return shares[0], np.array(shares[1:])


def figure(unit, values, asked, is_t):
    """The mean of a unit over the last steps before the question, for both first symbols."""
    back, lines = np.arange(SHOWN_STEPS, -1, -1), []
    for symbol, chosen, role in (("T", is_t, "train"), ("P", ~is_t, "validation")):
        long = np.flatnonzero(chosen & (asked >= SHOWN_STEPS + 3))
        mean = values[long[:, None], asked[long, None] - back, unit].mean(0)
        lines.append(Series(f"first symbol {symbol}", -back.astype(float), mean, role, "●"))
    return Figure(
        f"mean of unit {unit}", lines, f"strings with {SHOWN_STEPS} steps and more in between", "steps from the question"
    )


def main(words=None):
    """For each run the units that separate best, and what each is worth; the figure is of the first run's unit."""
    given = parser().parse_args(words)
    for name in given.runs:
        run = workbench.open_run(name)
        values, asked, is_t = states(run)
        rows, steps = between(asked)
        before, when_asked = separation(values[rows, steps], is_t[rows]), separation(values[np.arange(len(asked)), asked], is_t)
        gates = input_gates(run, asked)
        intact, without_unit = right_letter(run, range(values.shape[2]))
        print(f"{name}: {intact:.3f} of {len(values)} strings right; without the median unit {np.median(without_unit):.3f}")
        print("  unit   separates before   when asked   input gate before (rank)   right without it")
        for unit in dict.fromkeys([*np.argsort(-before)[:2], *np.argsort(-when_asked)[:3]]):
            rank = f"{gates[unit]:.2f} ({(gates <= gates[unit]).sum()})"
            print(f"  {unit:4}   {before[unit]:16.2f}   {when_asked[unit]:10.2f}   {rank:>24}   {without_unit[unit]:16.3f}")
        if given.svg is not None and name == given.runs[0]:
            given.svg.write_text(figure_svg(figure(int(before.argmax()), values, asked, is_t)), encoding="utf-8")


def parser():
    """What the command line may say."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("runs", nargs="+", help="the same experiment with other seeds")
    words.add_argument("--svg", type=Path)
    return words


if __name__ == "__main__":
    main()
