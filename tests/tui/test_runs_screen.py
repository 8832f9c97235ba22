"""The Runs screen: list, sort, filter, mark, tag, note, delete, open; and keeping still while it refreshes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import DataTable, Input, Static

from tests.tui.harness import fixed_cards
from tests.tui.running import make_run, opened, until
from workbench.errors import ChangedDataError
from workbench.runs.folder import RunFolder
from workbench.runs.lineage import Parent
from workbench.runs.listing import list_runs
from workbench.runs.summary import RunSummary
from workbench.runs.writer import RunWriter
from workbench.tui.app import WorkbenchApp
from workbench.tui.dialogs.prompts import ChoiceDialog, ConfirmDialog, TextDialog
from workbench.tui.screens.runs import RunsScreen
from workbench.tui.widgets.runs_columns import COLUMNS
from workbench.tui.widgets.runs_table import RunsTable


@pytest.fixture(autouse=True)
def cards() -> Iterator[None]:
    """The same small cards in every picture."""
    with fixed_cards():
        yield


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three runs."""
    for name, done, state in (("alpha", 200, "finished"), ("beta", 50, "stopped"), ("gamma", 20, "failed")):
        make_run(tmp_path / "runs", name=name, done=done, state=state)
    return tmp_path / "runs"


@asynccontextmanager
async def runs_screen(
    root: Path, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[Pilot[None], WorkbenchApp, RunsScreen]]:
    """The app with the Runs screen on top and its rows read."""
    async with opened(root, size=size) as (pilot, app, _bench):
        await pilot.press("f3")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen) and bool(app.screen.view.runs), "the rows")
        assert isinstance(app.screen, RunsScreen)
        yield pilot, app, app.screen


def _names(screen: RunsScreen) -> list[str]:
    table = screen.query_one("#table", DataTable)
    return [str(table.get_row_at(row)[2]) for row in range(table.row_count)]


@pytest.mark.slow
async def test_all_runs_newest_first(root: Path) -> None:
    """Every run has a row with its state, cards and progress; the newest stands first."""
    async with runs_screen(root) as (_pilot, _app, screen):
        assert set(_names(screen)) == {"alpha", "beta", "gamma"}
        table = screen.query_one("#table", DataTable)
        rows = {str(table.get_row_at(row)[2]): [str(cell) for cell in table.get_row_at(row)] for row in range(3)}
        assert rows["beta"][1] == "■ stopped"
        assert rows["beta"][3:5] == ["cell", "sums"]
        assert rows["beta"][5] == "50 25%"


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
async def test_no_column_is_cut(root: Path, width: int) -> None:
    """Columns go whole, the least telling first, and what has gone stands below the table; state and name stay."""
    make_run(root, name="a name as long as that of an experiment with much to tell", done=10, state="stopped")
    async with runs_screen(root, (width, 24)) as (pilot, _app, screen):
        table = screen.query_one(RunsTable)
        await until(pilot, lambda: table.row_count == 4, "the rows")
        assert table.virtual_size.width <= table.scrollable_content_region.width
        shown = [str(key.value) for key in table.columns]
        assert shown[:3] == ["mark", "state", "name"]
        about = str(screen.query_one("#about", Static).render())
        assert "a name as long as that of an experiment with much to tell" in about or width == 200
        assert all(column in shown or f"{column} " in about for column in ("architecture", "dataset", "age", "time"))
        assert ("time" in shown) == (width == 200)


async def test_sort_and_reverse(root: Path) -> None:
    """`s` goes through the columns, `S` turns the order round."""
    async with runs_screen(root) as (pilot, _app, screen):
        while screen.view.sort != "name":
            await pilot.press("s")
        assert _names(screen) == ["alpha", "beta", "gamma"]
        await pilot.press("S")
        assert _names(screen) == ["gamma", "beta", "alpha"]


async def test_pinned_runs_stand_first_until_the_pin_is_taken_off(root: Path) -> None:
    """In every order; the pin is a tag, by which commands find them too."""
    async with runs_screen(root) as (pilot, _app, screen):
        while screen.view.sort != "name":
            await pilot.press("s")
        await pilot.press("end", "exclamation_mark")
        await until(pilot, lambda: _names(screen) == ["gamma", "alpha", "beta"], "the pin")
        assert [run.name for run in list_runs(root, "tag:pinned")] == ["gamma"]
        await pilot.press("S")
        assert _names(screen) == ["gamma", "beta", "alpha"]
        await pilot.press("home", "exclamation_mark")
        await until(pilot, lambda: not list_runs(root, "tag:pinned"), "no pin")


async def test_a_filter_is_saved_by_a_name_and_chosen_by_it(root: Path) -> None:
    """What was saved stands in any filter as @name; a wrong name is told while it is typed."""
    async with runs_screen(root) as (pilot, app, screen):
        await pilot.press("slash", *"beta", "ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, TextDialog), "the question")
        await pilot.press(*"Two Words", "enter")
        assert isinstance(app.screen, TextDialog)
        await pilot.press("ctrl+u", *"one", "enter")
        await until(pilot, lambda: app.screen is screen, "that it is saved")
        screen.query_one("#filter", Input).value = ""
        await pilot.press("enter")
        await until(pilot, lambda: len(_names(screen)) == 3, "all runs")
        await pilot.press("F")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog), "the saved ones")
        await pilot.press("enter")
        await until(pilot, lambda: _names(screen) == ["beta"], "the filter")
        assert screen.view.query == "@one"
        assert [run.name for run in list_runs(root, "-@one")] == ["gamma", "alpha"]


@pytest.mark.parametrize("width", [80, 120])
async def test_sorted_by_origin_runs_stand_as_a_tree(root: Path, width: int) -> None:
    """A fork and what was forked from it stand below the run that they come from, set in, with its step; so in any order."""
    alpha = next(run for run in list_runs(root) if run.name == "alpha")
    experiment = RunFolder(alpha.path).experiment()
    child = RunFolder.create(root, experiment, "child", Parent(alpha.id, 100).to_dict())
    RunFolder.create(root, experiment, "grandchild", Parent(child.id, 150).to_dict())
    async with runs_screen(root, (width, 24)) as (pilot, _app, screen):
        await until(pilot, lambda: len(_names(screen)) == 5, "the rows")
        while screen.view.sort != "from":
            await pilot.press("s")
        names = _names(screen)
        at = names.index("alpha")
        assert names[at + 1 : at + 3] == ["└ child", "  └ grandchild"]
        table = screen.query_one(RunsTable)
        origins = [str(table.get_cell(run.id, "from")) for run in list_runs(root, "child")]
        assert [origin.strip() for origin in origins] == [f"{child.id[-4:]}@150", f"{alpha.id[-4:]}@100"]
        await pilot.press("S")
        assert "└" not in str(screen.query_one("#about", Static).render())
        turned = _names(screen)
        assert turned != names
        assert turned[turned.index("alpha") + 1 :][:2] == ["└ child", "  └ grandchild"]
        while screen.view.sort != "age":
            await pilot.press("s")
        assert "grandchild" in _names(screen)  # no longer set in


async def test_the_column_that_rows_are_sorted_by_is_seen(root: Path) -> None:
    """Where there is no room for all, `s` goes round all columns that tell anything, and the one in use stays."""
    async with runs_screen(root, (60, 24)) as (pilot, _app, screen):
        table = screen.query_one(RunsTable)
        seen = []
        for _ in table.telling:
            await pilot.press("s")
            marked = [str(column.label) for column in table.columns.values() if "▾" in str(column.label)]
            assert len(marked) == 1
            seen += marked
        assert len(set(seen)) == len(table.telling) > len(table.columns) - 1
        assert not any("tags" in heading for heading in seen)  # no run has any


async def test_home_and_end_lead_to_the_first_and_the_last_row(root: Path) -> None:
    """Not to the first and last column, of which a row has no use."""
    async with runs_screen(root) as (pilot, _app, screen):
        table = screen.query_one(DataTable)
        table.focus()
        await pilot.press("end")
        assert table.cursor_row == table.row_count - 1
        await pilot.press("home")
        assert table.cursor_row == 0


async def test_filter(root: Path) -> None:
    """`/` filters while one types; a query that cannot be read is explained; escape shows all again."""
    async with runs_screen(root) as (pilot, app, screen):
        await pilot.press("slash", *"state:failed")
        await until(pilot, lambda: _names(screen) == ["gamma"], "the filtered rows")
        field = screen.query_one("#filter", Input)
        field.value = "loss<abc"
        await until(pilot, lambda: field.has_class("-wrong"), "the explanation")
        await pilot.press("enter", "escape")
        await until(pilot, lambda: len(_names(screen)) == 3, "all rows")
        assert isinstance(app.focused, DataTable)


async def test_refreshing_keeps_the_cursor(root: Path) -> None:
    """A run that appears leaves the cursor on the run it was on; nothing new means nothing is drawn anew."""
    async with runs_screen(root) as (pilot, _app, screen):
        await pilot.press("down")
        here = screen.current
        assert here is not None
        table = screen.query_one(RunsTable)
        cells = table._cells
        screen.reload()
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert list(table._cells) == list(cells)
        make_run(root, name="delta", done=10, state="stopped")
        screen.reload()
        await until(pilot, lambda: "delta" in _names(screen), "the new run")
        assert screen.current is not None
        assert screen.current.id == here.id


async def test_mark_tag_and_note(root: Path) -> None:
    """Marked runs are tagged together; a note is written on the run under the cursor and shown below the table."""
    async with runs_screen(root) as (pilot, app, screen):
        await pilot.press("space", "space")
        assert len(screen.view.marked) == 2
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, TextDialog), "the dialog")
        await pilot.press(*"+good", "enter")
        await until(pilot, lambda: sum("good" in run.tags for run in screen.view.runs) == 2, "the tags")
        assert screen.view.marked == set()
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, TextDialog), "the dialog")
        await pilot.press(*"best", "enter")
        await until(pilot, lambda: any(run.note == "best" for run in screen.view.runs), "the note")
        assert "best" in str(screen.query_one("#about", Static).render())


async def test_delete_asks_first(root: Path) -> None:
    """Delete does nothing when it is not confirmed, and removes the folder when it is."""
    async with runs_screen(root) as (pilot, app, screen):
        run = screen.current
        assert run is not None
        await pilot.press("delete")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog), "the question")
        await pilot.press("enter")
        assert len(list_runs(root)) == 3
        await pilot.press("D")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog), "the question")
        await pilot.press("y")
        await until(pilot, lambda: len(screen.view.runs) == 2, "the deletion")
        assert run.id not in [left.id for left in list_runs(root)]


async def test_enter_opens_the_run_on_bench(root: Path) -> None:
    """Enter shows the run under the cursor on Bench."""
    async with runs_screen(root) as (pilot, app, screen):
        run = screen.current
        assert run is not None
        await pilot.press("enter")
        bench = app.navigation.bench
        assert bench is not None
        await until(pilot, lambda: bench.run.data is not None, "the run")
        assert app.screen is bench
        assert bench.run.data is not None
        assert bench.run.data.folder.id == run.id


async def test_resume_asks_the_app(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`r` hands the run under the cursor to the app to go on with."""
    async with runs_screen(root) as (pilot, app, screen):
        resumed: list[str] = []
        monkeypatch.setattr(app.run_control, "resume", lambda folder, **_how: resumed.append(folder.id))
        await pilot.press("r")
        await until(pilot, lambda: bool(resumed), "the request")
        assert screen.current is not None
        assert resumed == [screen.current.id]


async def test_changed_data_are_asked_about(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is refused because its file has changed asks, says what it means, and goes on only after a yes."""
    accepted: list[bool] = []

    def resume(folder: RunFolder, *, accept_changed_data: bool = False) -> int:
        accepted.append(accept_changed_data)
        if not accept_changed_data:
            raise ChangedDataError("changed", "/data/[pairs].tsv")
        return 1

    monkeypatch.setattr("workbench.training.launch.resume", resume)
    async with runs_screen(root) as (pilot, app, _screen):
        for answer in ("n", "y"):
            await pilot.press("f3")
            await until(pilot, lambda: isinstance(app.screen, RunsScreen) and bool(app.screen.view.runs), "the rows")
            await pilot.press("r")
            await until(pilot, lambda: isinstance(app.screen, ConfirmDialog), "the question")
            question = "\n".join(str(part.render()) for part in app.screen.query(Static))
            assert "/data/[pairs].tsv is another file" in question
            assert "draws the split into training, validation and test anew" in question
            await pilot.press(answer)
            await until(pilot, lambda: not isinstance(app.screen, ConfirmDialog), "the answer")
        await until(pilot, lambda: accepted == [False, False, True], "going on")


async def test_no_runs_says_how_to_make_one(tmp_path: Path) -> None:
    """An empty runs folder is no empty screen."""
    async with opened(tmp_path / "none") as (pilot, app, _bench):
        await pilot.press("f3")
        await until(pilot, lambda: "F5" in str(app.screen.query_one("#about", Static).render()), "the sentence")


async def test_a_run_is_named_and_what_two_have_is_told(root: Path) -> None:
    """`N` asks with the present name; a name that means something else is refused in a line; one that another run has is said."""
    async with runs_screen(root) as (pilot, app, screen):
        await pilot.press("N")
        await until(pilot, lambda: isinstance(app.screen, TextDialog), "the dialog")
        field = app.screen.query_one(Input)
        assert field.value == "gamma"
        field.value = "latest"
        await pilot.press("enter")
        assert "the newest run" in str(app.screen.query_one(".problem", Static).render())
        field.value = "beta"
        await pilot.press("enter")
        await until(pilot, lambda: sum(run.name == "beta" for run in screen.view.runs) == 2, "the name")
        assert all(run.label == f"beta ({run.id[-4:]})" for run in screen.view.runs if run.name == "beta")
        await until(pilot, lambda: any("use their ids" in note.message for note in app._notifications), "what was said")


@pytest.mark.parametrize("width", [60, 120])
async def test_what_runs_differ_in_is_a_column(root: Path, width: int) -> None:
    """Cut where there is little room, and then in full below the table."""
    make_run(root, name="longer", steps=300, done=10, state="stopped")
    async with runs_screen(root, (width, 24)) as (pilot, _app, screen):
        table = screen.query_one(RunsTable)
        await until(pilot, lambda: table.row_count == 4, "the rows")
        told = " ".join(str(cell) for cell in table.get_row_at(0)) + str(screen.query_one("#about", Static).render())
        assert "steps=" in told
        assert ("differs" in [str(key.value) for key in table.columns]) == (width >= 120)


@pytest.mark.parametrize(
    ("metric", "best", "said"),
    [
        ("test/mse", 0.125, "test/mse 0.25 last"),
        ("test/mse", 0.25, "test/mse 0.25 both"),
        ("test_best/mse", 0.125, "test_best/mse 0.25 best"),
        ("validation/mse", None, "validation/mse 0.25 lowest"),
        ("validation/accuracy", None, "validation/accuracy 0.25 highest"),
        ("train/loss", None, "train/loss 0.25"),
    ],
    ids=lambda value: str(value).replace("/", " "),
)
def test_a_score_says_which_weights_it_is_of(metric: str, best: float | None, said: str) -> None:
    """Of the last step, of the best on validation, or of both; a score on validation data is the best one."""
    values = {} if best is None else {"test_best/mse": best}
    run = RunSummary("id", Path("runs/id"), metric=metric, value=0.25, values=values)
    column = next(column for column in COLUMNS if column.key == "metric")
    assert column.text(run) == said


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """Three seeds of one experiment, one of which failed early, and another experiment."""
    for seed, done, state in ((0, 200, "finished"), (1, 200, "finished"), (2, 60, "failed")):
        folder = make_run(tmp_path / "runs", name=f"wide seed {seed}", done=done, state=state, seed=seed)
        if state == "finished":
            writer = RunWriter(folder)
            writer.log(200, {"test/mse": 0.2 + 0.1 * seed}, 4.0, 6400)
            writer.set_status("finished")
            writer.close()
    make_run(tmp_path / "runs", name="other", steps=100, done=50, state="stopped")
    return tmp_path / "runs"


def _cells(screen: RunsScreen, row: int) -> list[str]:
    return [str(cell) for cell in screen.query_one("#table", DataTable).get_row_at(row)]


@pytest.mark.parametrize("width", [80, 120, 200])
async def test_runs_of_several_seeds_are_folded(seeds: Path, width: int) -> None:
    """`g` makes one row of them with states, median and range; right opens it, left closes it, also from one of its runs."""
    async with runs_screen(seeds, (width, 24)) as (pilot, _app, screen):
        table = screen.query_one(RunsTable)
        table.focus()
        await pilot.press("end")  # the oldest: seed 0
        await pilot.press("g")
        await until(pilot, lambda: table.row_count == 2, "the groups")
        assert table.cursor_row == 1  # its group
        mark, state, name, *rest = _cells(screen, 1)
        assert (mark, name.split(" (")[0]) == ("", "wide")
        assert state == "▸ 2 finished, 1 failed"
        about = str(screen.query_one("#about", Static).render())
        told = " ".join([name, *rest, about])
        assert "(3 runs)" in told
        assert "test/mse 0.25 [0.2 .. 0.3] 2 of 3" in told  # by hand: the median of 0.2 and 0.3
        assert "seeds 0-2" in about
        assert table.virtual_size.width <= table.scrollable_content_region.width
        await pilot.press("right")
        await until(pilot, lambda: table.row_count == 5, "the group's runs")
        assert table.cursor_row == 1
        assert _cells(screen, 1)[1].startswith("▾")
        assert [_cells(screen, row)[2] for row in (2, 3, 4)] == [f"└ wide seed {seed}" for seed in (2, 1, 0)]
        await pilot.press("down", "left")
        await until(pilot, lambda: table.row_count == 2, "the group closed")
        assert table.cursor_row == 1
        await pilot.press("g")
        await until(pilot, lambda: table.row_count == 4, "the runs")


async def test_what_is_done_to_a_group_is_done_to_its_runs(seeds: Path) -> None:
    """A mark marks them all, and says so where only some are; what is for a single run asks for one."""
    async with runs_screen(seeds) as (pilot, _app, screen):
        table = screen.query_one(RunsTable)
        table.focus()
        await pilot.press("g")
        await until(pilot, lambda: table.row_count == 2, "the groups")
        await pilot.press("end", "space")
        members = {run.id for run in list_runs(seeds, "wide")}
        assert screen.view.marked == members
        assert _cells(screen, 1)[0] == "●"
        await pilot.press("right")
        await until(pilot, lambda: table.row_count == 5, "the group's runs")
        await pilot.press("down", "space")
        assert len(screen.view.marked) == 2
        assert _cells(screen, 1)[0] == "◐"
        table.move_cursor(row=1)
        await pilot.press("space")
        assert screen.view.marked == members
        await pilot.press("escape")
        table.move_cursor(row=1)
        await pilot.press("n")
        assert isinstance(screen, RunsScreen)
        assert screen.app.screen is screen
        await pilot.press("t")
        dialog = screen.app.screen
        assert isinstance(dialog, TextDialog)
        dialog.query_one(Input).value = "+good"
        await pilot.press("enter")
        await until(pilot, lambda: all(run.tags == ("good",) for run in list_runs(seeds, "wide")), "the tags")
        await until(pilot, lambda: screen.app.screen is screen, "the table")


async def test_a_group_opens_on_bench_as_a_band(seeds: Path) -> None:
    """All its runs in the same charts: the median and its range, each run behind; the runs are called by their seeds."""
    async with runs_screen(seeds) as (pilot, app, screen):
        screen.query_one(RunsTable).focus()
        await pilot.press("g")
        await until(pilot, lambda: screen.query_one(RunsTable).row_count == 2, "the groups")
        await pilot.press("end", "enter")
        bench = app.navigation.bench
        assert bench is not None
        await until(pilot, lambda: app.screen is bench and bench.workspace is not None, "Bench")
        assert bench.workspace is not None
        race = bench.workspace.race
        await until(pilot, lambda: len(race.runs) == 3 and race.is_group, "the group")
        assert [racer.name for racer in race.runs] == ["seed 0", "seed 1", "seed 2"]
        chart = bench.workspace.charts.first
        await until(pilot, lambda: chart.view.band is not None and chart.view.band.runs == 3, "the band")
        text = chart.figure_text()
        assert "median 0." in text
        assert "░" in text.partition("\n")[2].partition("\n")[2]
        assert "2-3 runs" in chart.view.words()
        chart.focus()
        await pilot.press("u")
        assert "median" not in chart.figure_text()
        assert bench.workspace.charts.second.view.options.band is False
