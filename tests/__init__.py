"""The tests, importable so that they can share code (`from tests.benchmarks.result import Result`)."""
