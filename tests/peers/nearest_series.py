"""Runs with aeon alone: the class of the nearest series, by Euclidean distance and by dynamic time warping, as JSON.

Arguments: folders of archives, each with NAME_TRAIN.ts and NAME_TEST.ts in it.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
from aeon.datasets import load_from_ts_file  # type: ignore[import-not-found]  # in the other environment alone
from aeon.distances import pairwise_distance  # type: ignore[import-not-found]


def main(folders: list[str]) -> None:
    """Accuracy and seconds of each archive."""
    found = {}
    for folder in map(Path, folders):
        (train,) = folder.glob("*_TRAIN.ts")
        (test,) = folder.glob("*_TEST.ts")
        (x, y), (x_test, y_test) = (load_from_ts_file(str(path)) for path in (train, test))
        scores = {}
        for method in ("euclidean", "dtw"):
            if method == "euclidean" and not isinstance(x, np.ndarray):
                continue  # lengths differ
            start = time.perf_counter()
            distances = pairwise_distance(x_test, x, method=method)
            right = np.asarray(y)[distances.argmin(axis=1)] == np.asarray(y_test)
            scores[method] = {"accuracy": float(right.mean()), "seconds": time.perf_counter() - start}
        found[folder.name] = scores
    print(json.dumps(found))  # noqa: T201 - its answer


if __name__ == "__main__":
    main(sys.argv[1:])
