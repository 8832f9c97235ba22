"""Recurrent networks beside the nearest series of aeon, on the included archives: both sides in one go, and their ratio."""

from __future__ import annotations

import gzip
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import workbench

ROOT = Path(__file__).parents[2]
FILES = ROOT / "workbench" / "datasets" / "files" / "series"
NEEDED = ("aeon==1.6.0",)
ARCHIVES = {
    "GunPoint": "series/gun_gru",
    "ItalyPowerDemand": "series/power_gru",
    "JapaneseVowels": "series/vowels_gru",
}
"""Each included archive, and the preset that is trained on it."""
SEEDS = 5


def environment(place: Path) -> Path:
    """The Python of an environment with what is compared, made where it is missing."""
    python = place / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *NEEDED], check=True)
    return python


def nearest(python: Path, place: Path) -> dict[str, Any]:
    """What aeon finds, by archive and distance."""
    for name in ARCHIVES:
        (place / name).mkdir()
        for part in ("TRAIN", "TEST"):
            text = gzip.decompress((FILES / f"{name}_{part}.ts.gz").read_bytes())
            (place / name / f"{name}_{part}.ts").write_bytes(text)
    script = Path(__file__).with_name("nearest_series.py")
    answer = subprocess.run(
        [str(python), str(script), *(str(place / name) for name in ARCHIVES)], check=True, capture_output=True, text=True
    )
    found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return found


def ours(preset: str, place: Path) -> tuple[list[float], float]:
    """Test accuracy of each seed, and the seconds of all."""
    start = time.perf_counter()
    scores = [workbench.train(preset, runs_dir=place, seed=seed).summary()["test/accuracy"] for seed in range(SEEDS)]
    return scores, time.perf_counter() - start


def main() -> None:
    """One line for each archive."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        found = nearest(environment(ROOT / ".venv-peers"), place)
        for name, preset in ARCHIVES.items():
            scores, seconds = ours(preset, place / "runs")
            peers = ", ".join(f"{method} {one['accuracy']:.4f} ({one['seconds']:.1f} s)" for method, one in found[name].items())
            median = statistics.median(scores)
            ratio = (1 - median) / max(1 - found[name]["dtw"]["accuracy"], 1e-9)
            print(  # noqa: T201 - a script's output
                f"{name}: nearest series: {peers}; {preset}: {min(scores):.4f} to {max(scores):.4f}, median {median:.4f} of "
                f"{SEEDS} seeds ({seconds:.0f} s); errors as a multiple of DTW's: {ratio:.2f}"
            )


if __name__ == "__main__":
    main()
