"""Where does a translating network look when the adjective changes places? Counted over all validation sentences."""

import argparse
from pathlib import Path

import numpy as np

import workbench
from workbench.datasets._french.lexicon import ADJECTIVES, COUNTED, MEASURED
from workbench.plotting.figure import Series
from workbench.plotting.svg import Figure, figure_svg

NOUNS = {noun.english[plural]: noun for noun in (*COUNTED, *MEASURED) for plural in (False, True)}
MOVING = [adjective for adjective in ADJECTIVES if not adjective.before]  # behind the noun in French


def changed_places(english, french):
    """Where adjectives change places: of each the places of adjective and noun in English, of noun and adjective in French."""
    found = [
        (here, here + 1, there - 1, there)
        for adjective in MOVING
        for here in range(len(english) - 1)
        for there in range(1, len(french))
        if english[here] == adjective.english and french[there] in adjective.french
        if english[here + 1] in NOUNS and french[there - 1] in NOUNS[english[here + 1]].french
    ]
    # the same pair twice in a sentence could be taken for each other
    return [pair for pair in found if sum(pair[0] == other[0] or pair[3] == other[3] for other in found) == 1]


def looks(run, step):
    """What the two words that change places look at while they are written, in all validation sentences.

    Returns:
        Whether each looks most at its own word (pairs, 2), whether at the other one's, and the mean weights (2, 2): of the noun
        and of the adjective that are written, on the noun and on the adjective that are read.
    """
    samples, attention = run.inspect("attention", step)
    own, others, weights = [], [], []
    for row, words in enumerate(zip(samples.info["inputs"], samples.info["outputs"], strict=True)):
        for adjective, noun, *written in changed_places(*words):
            lines = attention.array[row, 0, written].astype(float)  # (2, words read)
            own.append(lines.argmax(axis=1) == (noun, adjective))
            others.append(lines.argmax(axis=1) == (adjective, noun))
            weights.append(lines[:, [noun, adjective]])
    return np.array(own), np.array(others), np.mean(weights, axis=0)


def steps_of(run):
    """The steps that the run has a checkpoint of."""
    return sorted(int(path.stem.removeprefix("step-")) for path in (run.path / "checkpoints").glob("step-*"))


def figure(steps, shares):
    """Shares (runs, steps, 2) over the steps of training: the mean over the runs as a line, each run as a ring."""
    x, lines = np.array(steps, dtype=float), []
    for word, role, values in zip(("noun", "adjective"), ("train", "validation"), np.moveaxis(shares, 2, 0), strict=True):
        apart = np.stack((values, np.full_like(values, np.nan)), axis=2)  # a gap between two rings: they are no line
        lines.append(Series(f"{word}: mean", x, values.mean(axis=0), role))
        lines.append(Series("each seed", np.tile(x.repeat(2), len(values)), apart.ravel(), role, "○"))
    return Figure("share that looks at its own word", lines, "English to French, where noun and adjective change places")


def main(words=None):
    """A table with a line for each step, and the figure."""
    given = parser().parse_args(words)
    runs = [workbench.open_run(name) for name in given.runs]
    steps, shares = steps_of(runs[0]), []
    print(
        " step  noun at noun      adj. at adjective  both  both at the other's  weights: noun on noun, adj.; adj. on noun, adj."
    )
    for step in steps:
        found = [looks(run, step) for run in runs]
        shares.append([own.mean(axis=0) for own, _, _ in found])
        both, crossed = (np.mean([each[place].all(axis=1).mean() for each in found]) for place in (0, 1))
        spread = [f"{of.mean():.3f} ({of.min():.3f}-{of.max():.3f})" for of in np.array(shares[-1]).T]
        weights = " ".join(f"{weight:.2f}" for weight in np.mean([each[2] for each in found], axis=0).ravel())
        print(f"{step:5}  {'  '.join(spread)}  {both:.3f}  {crossed:.3f}  {weights}", flush=True)
    print(f"{len(found[0][0])} pairs of noun and adjective in the validation set, {len(runs)} runs")
    if given.svg is not None:
        given.svg.write_text(figure_svg(figure(steps, np.array(shares).swapaxes(0, 1))), encoding="utf-8")


def parser():
    """What the command line may say."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("runs", nargs="+", help="the same experiment with other seeds")
    words.add_argument("--svg", type=Path)
    return words


if __name__ == "__main__":
    main()
