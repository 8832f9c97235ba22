"""At which length does a GRU begin to fail at copy memory? Trains every length with every seed, and draws what is recalled."""

import argparse
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch

import workbench
from workbench.plotting.figure import Level, Series
from workbench.plotting.svg import FIGURE_HEIGHT, Figure, figure_svg, stacked_svg

NUM_COPIED, CHANCE = 10, 1 / 8
OFTEN = {
    "training.eval_every": 50,
    "training.eval_samples": 200,
    "inspect.views": ("gradient_through_time",),
    "inspect.share": 1.0,
}


def recalled(run):
    """Share of the test sequences in which each of the ten symbols comes back, (10,); and of the wrong ones the share shown."""
    test = run.experiment.open_data().held_out("test")
    with torch.no_grad():
        answers = run.model()(torch.as_tensor(test.inputs)).argmax(-1).numpy()[:, -NUM_COPIED:]
    symbols = test.targets[:, -NUM_COPIED:]
    wrong = answers != symbols
    shown = (answers[:, :, None] == symbols[:, None]).any(axis=2)  # somewhere among the ten
    return 1 - wrong.mean(axis=0), shown[wrong].mean() if wrong.any() else np.nan


def reach(run, length):
    """|dL/dh| where the last symbol is read over that where the signal is: what is left of it on the way back."""
    norms = next(row.array for row in run.inspect("gradient_through_time", samples=100) if row.name.endswith("/norm"))
    last_symbol, signal = norms[:, NUM_COPIED - 1], norms[:, NUM_COPIED + length - 1]
    return float(np.exp(np.mean(np.log(last_symbol.astype(float)) - np.log(signal.astype(float)))))


def sweep(model, lengths, seeds, runs_dir=None, **changes):
    """What is recalled (lengths, seeds, 10), of the wrong ones shown and of the gradient left (lengths, seeds); two at a time."""

    def train(job):
        length, seed = job
        name, changed = f"{model}-{length}-{seed}", {"model.name": model, "data.length": length, "training.seed": seed}
        run = workbench.train("gated/copy_gru", name=name, runs_dir=runs_dir, **{**OFTEN, **changed, **changes})
        (shares, shown), left = recalled(run), reach(run, length)
        print(f"{name}: {shares.mean():.3f} recalled", flush=True)
        return shares, shown, left

    with ThreadPoolExecutor(2) as pool:
        shares, shown, left = zip(*pool.map(train, [(length, seed) for length in lengths for seed in seeds]), strict=True)
    size = (len(lengths), len(seeds))
    return np.reshape(shares, (*size, NUM_COPIED)), np.reshape(shown, size), np.reshape(left, size)


def figures(model, lengths, shares):
    """The share over the length, each seed as a ring; and by the symbol's place, the mean over the seeds of each length."""
    x, place, by_seed = np.array(lengths, dtype=float), np.arange(1.0, NUM_COPIED + 1), shares.mean(axis=2)
    apart = np.stack((by_seed, np.full_like(by_seed, np.nan)), axis=2)  # a gap between two rings: they are no line
    over_length = [
        Series("mean over seeds", x, by_seed.mean(axis=1), "train"),
        Series("each seed", x.repeat(2 * by_seed.shape[1]), apart.ravel(), "validation", "○"),
    ]
    over_place = [Series(f"T = {length}", place, of.mean(axis=0), "") for length, of in zip(lengths, shares, strict=True)]
    guessing = [Level(CHANCE, "guessing: 1/8", "level")]
    whole = (None, None, 0.0, 1.0)
    title, whose = "share of symbols recalled", f"{model} on copy memory, test sequences"
    return [
        Figure(title, over_length, whose, "steps of waiting, T", log_x=True, view=whole, levels=guessing),
        Figure(title, over_place, whose, "place of the symbol", view=whole, levels=guessing),
    ]


def main(words=None):
    """Sweep, table and figures."""
    given = parser().parse_args(words)
    changes = {"training.steps": given.steps, "model.hidden_size": given.hidden}
    shares, shown, left = sweep(given.model, given.lengths, given.seeds, **changes)
    print("    T   recalled                 wrong, but shown         gradient left            recalled by place")
    for place, length in enumerate(given.lengths):
        columns = "   ".join(spread(values[place]) for values in (shares.mean(axis=2), shown, left))
        print(f"{length:5}   {columns}   {' '.join(f'{share:.2f}' for share in shares[place].mean(axis=0))}")
    if given.svg is not None:
        drawn = [(FIGURE_HEIGHT, figure_svg(figure)) for figure in figures(given.model, given.lengths, shares)]
        given.svg.write_text(stacked_svg(drawn), encoding="utf-8")


def spread(values):
    """Mean over the seeds, lowest and highest."""
    return f"{values.mean():.3g} ({values.min():.3g} to {values.max():.3g})".ljust(22)


def parser():
    """What the command line may say."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--model", default="gru")
    words.add_argument("--lengths", type=int, nargs="+", default=[10, 30, 100, 300])
    words.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    words.add_argument("--steps", type=int, default=1500)
    words.add_argument("--hidden", type=int, default=128)
    words.add_argument("--svg", type=Path)
    return words


if __name__ == "__main__":
    main()
