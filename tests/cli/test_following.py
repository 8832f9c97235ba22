"""`workbench run` from start to end, with a worker that is only played, and the three ways of showing it."""

from __future__ import annotations

import io
import json
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from tests.cli.commands import Command, fill
from workbench.cli.progress import Progress, Snapshot
from workbench.cli.views import LiveView, PlainView, pace
from workbench.experiment import Experiment
from workbench.paths import CONFIG_ENV
from workbench.runs.folder import RunFolder
from workbench.runs.writer import RunWriter
from workbench.training import launch, notifying


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[RunFolder]]:
    """Replaces the worker by one that ends at once in a state; gives the folders that it was started on."""
    started: list[RunFolder] = []

    def play(state: str) -> list[RunFolder]:
        def start(folder: RunFolder) -> int:
            started.append(folder)
            fill(folder, state)
            return 0

        monkeypatch.setattr(launch, "start", start)
        return started

    return play


def test_run_prints_results_and_the_id_last(command: Command, played: Callable[[str], list[RunFolder]]) -> None:
    """Plain lines without a terminal; the last one is the run's id."""
    started = played("finished")
    answer = command("run", "adding_lstm", "--name", "one")
    lines = answer.out.splitlines()
    assert answer.code == 0
    assert lines[-1] == started[0].id
    assert any("test/mse 0.02   (predicting 1: 0.1667)" in line for line in lines)


def test_run_says_what_the_best_weights_score(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where they differ from the last ones, both stand side by side, and which of them are exported is said."""

    def start(folder: RunFolder) -> int:
        fill(folder, "running")
        writer = RunWriter(folder)
        writer.log(100, {"test/mse": 0.02, "test_best/mse": 0.01, "test/loss": 0.3, "test_best/loss": 0.3}, 1.0, 3200)
        writer.set_status("finished", step=100)
        writer.close()
        return 0

    monkeypatch.setattr(launch, "start", start)
    lines = command("run", "adding_lstm").out.splitlines()
    assert any("test/mse 0.02   (best weights: 0.01; predicting 1: 0.1667)" in line for line in lines)
    assert any("test/loss 0.3" in line and "best weights" not in line for line in lines)
    assert any("Measured with the last weights" in line for line in lines)


def test_run_quiet_prints_the_id_alone(command: Command, played: Callable[[str], list[RunFolder]]) -> None:
    """Nothing else, on either stream."""
    started = played("finished")
    answer = command("run", "adding_lstm", "--quiet")
    assert (answer.out, answer.err) == (f"{started[0].id}\n", "")


def test_run_says_how_it_read_bare_keys(command: Command, played: Callable[[str], list[RunFolder]]) -> None:
    """A key without its table is told with it on stderr; one given in full is not."""
    played("finished")
    answer = command("run", "adding_lstm", "--set", "hidden_size=5", "--set", "optimizer.lr=0.02")
    assert answer.err == "hidden_size -> model.hidden_size\n"
    assert command("run", "adding_lstm", "--set", "hidden_size=5", "-q").err == ""


def test_run_says_that_a_name_is_taken(command: Command, played: Callable[[str], list[RunFolder]], finished: RunFolder) -> None:
    """An older run of the same name is named; from then on the name asks which one is meant, until one has another."""
    started = played("finished")
    answer = command("run", "adding_lstm", "--name", "first")
    assert answer.err.startswith(f"An older run is named 'first' as well: {finished.id}. ")
    asked = command("show", "first", "--json")
    assert asked.code == 2
    assert finished.id in asked.err
    assert started[0].id in asked.err
    assert command("name", finished.id, "older").code == 0
    assert json.loads(command("show", "first", "--json").out)["run"] == started[0].id
    assert command("run", "adding_lstm", "--name", "second").err == ""


def test_run_json_is_one_object(command: Command, played: Callable[[str], list[RunFolder]]) -> None:
    """Stdout holds the object with its stable keys, stderr the progress."""
    started = played("finished")
    answer = command("run", "adding_lstm", "--json")
    values = json.loads(answer.out)
    assert set(values) == {"run", "path", "state", "step", "seconds", "metrics", "checkpoints"}
    assert (values["run"], values["state"], values["step"]) == (started[0].id, "finished", 100)
    assert values["metrics"]["test/mse"] == 0.02
    assert "100/100" in answer.err


def test_options_become_the_runs_experiment(command: Command, played: Callable[[str], list[RunFolder]]) -> None:
    """--set, --seed and --device are what the run stores, with the preset's full name."""
    started = played("finished")
    command("run", "adding_lstm", "--set", "model.hidden_size=5", "--seed", "7", "--device", "cpu", "-q")
    experiment = started[0].experiment()
    assert experiment.model.config.hidden_size == 5
    assert (experiment.training.seed, experiment.training.device) == (7, "cpu")
    assert json.loads(command("show", "latest", "--json").out)["preset"] == "gated/adding_lstm"


def test_a_runs_own_file_starts_it_again(command: Command, played: Callable[[str], list[RunFolder]], finished: RunFolder) -> None:
    """experiment.toml is a preset like any other."""
    started = played("finished")
    assert command("run", str(finished.experiment_path), "-q").code == 0
    assert started[0].experiment() == finished.experiment()


def test_detached_returns_at_once(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """The id is printed while the worker has not even begun."""
    monkeypatch.setattr(launch, "start", lambda _: 0)
    answer = command("run", "adding_lstm", "--detach", "--json")
    assert json.loads(answer.out)["state"] == "starting"


def test_the_command_to_call_is_that_of_the_option_else_of_the_settings(
    command: Command, played: Callable[[str], list[RunFolder]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Before the command or after it; what is none is refused before anything is made."""
    called: list[tuple[str, str]] = []
    monkeypatch.setattr(notifying, "start_notifier", lambda folder, words, after: called.append((folder.id, words)))
    monkeypatch.setenv(CONFIG_ENV, str(tmp_path / "settings"))
    started = played("finished")
    assert command("run", "adding_lstm", "--notify", "say 'all done'").code == 0
    assert command("--notify", "say before", "run", "adding_lstm").code == 0
    assert command("run", "adding_lstm").code == 0
    (tmp_path / "settings").mkdir()
    (tmp_path / "settings" / "settings.toml").write_text('notify = "say usual"\n')
    assert command("run", "adding_lstm").code == 0
    assert called == [
        (folder.id, words) for folder, words in zip(started, ["say 'all done'", "say before", "", "say usual"], strict=True)
    ]
    answer = command("run", "adding_lstm", "--notify", "say 'all done")
    assert (answer.code, len(started)) == (2, 4)
    assert answer.err.startswith('--notify: no closing quotation, got "say \'all done"; expected a command')


def test_a_failed_run_is_code_1_with_its_reason(command: Command, played: Callable[[str], list[RunFolder]]) -> None:
    """The reason and the log's path are told."""
    started = played("failed")
    answer = command("run", "adding_lstm", "-q")
    assert answer.code == 1
    assert f"{started[0].id}: failed at step 100: loss is not finite." in answer.err
    assert str(started[0].log_path) in answer.err


def test_a_worker_that_never_speaks_is_lost(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is gone before its first word is noticed at once."""
    import subprocess
    import sys

    def start(_: RunFolder) -> int:
        process = subprocess.Popen([sys.executable, "-c", ""])
        process.wait()
        return process.pid

    monkeypatch.setattr(launch, "start", start)
    answer = command("run", "adding_lstm", "-q")
    assert answer.code == 1
    assert "the worker is gone" in answer.err


def test_ctrl_c_asks_the_run_to_stop(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first Ctrl-C sends `stop` and follows the run to its end; the code says that it was interrupted."""
    from workbench.runs.writer import RunWriter

    verbs: list[str] = []
    workers: list[threading.Thread] = []

    def work(folder: RunFolder) -> None:
        writer = RunWriter(folder)
        writer.set_status("running", step=1, total=100)
        signal.raise_signal(signal.SIGINT)
        pause = threading.Event()
        while not verbs:
            verbs.extend(asked.verb for asked in writer.take_commands())
            pause.wait(0.01)
        writer.set_status("stopped", step=1)
        writer.close()

    def start(folder: RunFolder) -> int:
        workers.append(threading.Thread(target=work, args=(folder,)))
        workers[0].start()
        return 0

    monkeypatch.setattr(launch, "start", start)
    monkeypatch.setattr("workbench.cli.progress.Progress._stillborn", lambda _: False)
    answer = command("run", "adding_lstm")
    workers[0].join()
    assert verbs == ["stop"]
    assert answer.code == 130
    assert "Stopping after this step, with a checkpoint." in answer.out
    assert "stopped at step 1" in answer.err


def test_live_view_draws_bar_values_and_curves(finished: RunFolder) -> None:
    """The picture holds step, loss and the held-out values."""
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=100, color_system=None, legacy_windows=False)
    with Progress(finished) as progress, LiveView(console, progress, "A small LSTM") as view:
        view.show(progress.snapshot())
    text = out.getvalue()
    assert "A small LSTM" in text
    assert "100/100" in text
    assert "loss 0.01" in text
    assert "validation/loss 0.02" in text


@pytest.mark.parametrize("width", [1, 20, 44, 60, 200])
def test_live_view_survives_every_width(finished: RunFolder, width: int) -> None:
    """No width ends the program."""
    console = Console(file=io.StringIO(), force_terminal=True, width=width, legacy_windows=False)
    with Progress(finished) as progress, LiveView(console, progress, "A small LSTM") as view:
        view.show(progress.snapshot())


def test_plain_view_writes_seldom(experiment: Experiment, runs_dir: Path) -> None:
    """Two snapshots in a row are one line; the last one is always written."""
    out = io.StringIO()
    view = PlainView(out)
    for step, ended in ((1, False), (2, False), (3, True)):
        view.show(Snapshot("running", step, 3, 0.0, 50.0, {"train/loss": 0.5}, (), ended))
    assert [line.split("  ")[0] for line in out.getvalue().splitlines()] == ["step 1/3", "step 3/3"]


def test_the_last_steps_are_not_the_end() -> None:
    """While the test evaluation runs that is said, with what it is expected to take, and not "ETA 0 ms"."""
    assert pace(Snapshot("running", 50, 100, 1.0, 25.0, left_s=3.0)) == ["50%", "25 steps/s", "ETA 3 s"]
    assert pace(Snapshot("running", 100, 100, 1.0, 25.0, left_s=4.0)) == ["100%", "evaluating", "ETA 4 s"]
    assert pace(Snapshot("running", 100, 100, 1.0, 0.0)) == ["100%", "evaluating"]
    assert pace(Snapshot("finished", 100, 100, 1.0, 25.0, ended=True)) == ["100%"]
