"""Runs every `bench_*.py` beside it and prints one table: `python -m tests.benchmarks.run [NAME ...]`.

A benchmark file has `main() -> list[Result]`. The exit code is 1 when a limit is missed.
"""

from __future__ import annotations

import importlib
import sys
import time
from pathlib import Path

from tests.benchmarks.result import Result


def benchmark_names() -> list[str]:
    """The benchmarks by name: `bench_runs.py` is `runs`."""
    return sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))


def main(wanted: list[str]) -> int:
    """Run the named benchmarks, or all, one after another; 0 when every limit holds, 1 when one is missed, 2 for a wrong name."""
    known = benchmark_names()
    unknown = [name for name in wanted if name not in known]
    if unknown:
        print(f"no benchmark named {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)  # noqa: T201 - a script
        return 2
    results: list[Result] = []
    for name in wanted or known:
        start = time.perf_counter()
        found: list[Result] = importlib.import_module(f"tests.benchmarks.bench_{name}").main()
        print(f"{name} ({time.perf_counter() - start:.0f} s)", flush=True)  # noqa: T201 - a script's output
        for result in found:
            print(f"  {result.line()}", flush=True)  # noqa: T201 - a script's output
        results += found
    missed = sum(not result.holds for result in results)
    print(f"{len(results) - missed} of {len(results)} limits hold")  # noqa: T201 - a script's output
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
