"""Every key of the interface, in one table: footer, help, command palette and documentation come from here.

A person can give other keys to an id in the settings file (`[keys]`), which becomes Textual's keymap.
"""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding

__all__ = ["FORM_WIDE", "TABLE", "Key", "bindings"]


@dataclass(frozen=True)
class Key:
    """One thing a person can do with a key.

    Attributes:
        id: name used by keymaps, `group.verb`; its group is where the binding is active.
        keys: keys that do it, separated by commas; the footer shows the first.
        action: Textual action that is run.
        description: what it does, in one or two words.
        tooltip: what it does, in a sentence.
        rank: how long the bottom line keeps it where there is little room; 0 is never shown there.
        display: how the footer writes the key; "" leaves that to Textual.
        priority: whether it works even while a text field has the focus.
    """

    id: str
    keys: str
    action: str
    description: str
    tooltip: str
    rank: int = 0
    display: str = ""
    priority: bool = False

    @property
    def group(self) -> str:
        """The part of the interface where it works."""
        return self.id.partition(".")[0]


TABLE: tuple[Key, ...] = (
    Key("app.bench", "f2", "go('bench')", "Bench", "Choose, tweak, train and watch.", rank=9, display="F2", priority=True),
    Key(
        "app.runs", "f3", "go('runs')", "Runs", "All runs: sort, filter, tag, delete, open.", rank=9, display="F3", priority=True
    ),
    Key(
        "app.presets",
        "f4",
        "go('presets')",
        "Presets",
        "The gallery of ready-made experiments.",
        rank=9,
        display="F4",
        priority=True,
    ),
    Key("app.concepts", "c", "concepts", "Concepts", "Pages on the systems: idea, equation, what to try and to look at.", rank=4),
    Key(
        "app.lessons",
        "f7",
        "go('lessons')",
        "Lessons",
        "Lessons, whose steps start runs, ask for a prediction first and tell what came of it.",
        display="F7",
        priority=True,
    ),
    Key("app.help", "f1,question_mark", "help", "Help", "What the focused part is for, and every key.", rank=10, display="F1"),
    Key("app.palette", "ctrl+p", "command_palette", "Palette", "Find anything by name.", rank=1, priority=True),
    Key("app.theme", "ctrl+t", "change_theme", "Theme", "Choose the colours."),
    Key(
        "app.quit",
        "q,ctrl+q,ctrl+c",
        "ask_quit",
        "Quit",
        "Leave; a run that goes on may be left running.",
        rank=7,
        display="q",
    ),
    Key(
        "bench.start",
        "f5",
        "start",
        "Start",
        "Start a run of the experiment in the form.",
        rank=8,
        display="F5",
        priority=True,
    ),
    Key(
        "bench.start_named", "N", "start_named", "Start with a name", "Ask for a name, then start the run under it.", display="N"
    ),
    Key(
        "bench.start_queued",
        "Q",
        "start_queued",
        "Queue",
        "Start a run that waits until a core is free; the longest waiting comes first.",
        display="Q",
    ),
    Key(
        "bench.open",
        "O,ctrl+o",
        "open_file",
        "Open a file",
        "Choose a data file of your own, on which an experiment is proposed, or an experiment's TOML file.",
        display="^o",
    ),
    Key("bench.pause", "space", "pause", "Pause", "Pause the run, or go on with it.", rank=8),
    Key(
        "bench.step",
        "n",
        "take_step",
        "Step",
        "Let the run take one step and be paused after it; one at rest goes on for it.",
        rank=7,
    ),
    Key("bench.stop", "x", "steer('stop')", "Stop", "End the run after this step; it keeps a checkpoint.", rank=6),
    Key("bench.checkpoint", "s", "steer('checkpoint')", "Checkpoint", "Save a checkpoint now.", rank=3),
    Key(
        "bench.evaluate",
        "v,E",
        "steer('evaluate')",
        "Evaluate",
        "Evaluate on validation data now; in a chart, where v chooses the metric, with E.",
    ),
    Key(
        "bench.rate",
        "l,r",
        "learning_rate",
        "Learning rate",
        "Change the learning rate while the run goes on; in a chart, where l moves, with r.",
        rank=5,
    ),
    Key(
        "bench.export",
        "e",
        "export",
        "Export",
        "Export a checkpoint or the metrics of the run; in a chart or panel, where e keeps what it shows, the last line there.",
        rank=5,
    ),
    Key(
        "bench.fork",
        "f",
        "fork",
        "Fork",
        "Begin a new run at the moment shown, with other settings or more steps.",
        rank=3,
    ),
    Key(
        "bench.rewind",
        "R",
        "rewind",
        "Rewind",
        "Bring the run back to the step under the crosshair; what came after is kept as a run of its own.",
        rank=2,
        display="R",
    ),
    Key(
        "bench.replay",
        "V",
        "replay",
        "Replay",
        "Compute the run once more and compare every value and its weights, bit for bit.",
        display="V",
    ),
    Key("bench.front", "b", "turn_front(1)", "Front", "Of several runs in the charts, put the next one in front.", rank=7),
    Key(
        "bench.take_out",
        "B",
        "take_out",
        "Take out",
        "Take the run in front out of the charts; it goes on, and Runs has it.",
        rank=5,
        display="B",
    ),
    Key("bench.drawer", "d,f6", "drawer", "Form", "Show or hide the experiment form.", rank=6),
    Key("bench.maximise", "m", "maximise", "Maximise", "Give the whole screen to the chart or panel in use, or back.", rank=2),
    Key(
        "bench.panel",
        "p",
        "turn_panel(1)",
        "Panel",
        "Show the next panel; of two side by side, in the one with the focus.",
        rank=2,
    ),
    Key("bench.panel_back", "P", "turn_panel(-1)", "Panel before", "Show the panel before.", display="P"),
    Key("bench.charts", "g", "focus_chart", "Charts", "Move the focus to the next chart."),
    Key(
        "bench.gradient",
        "G",
        "gradient",
        "Gradient norm",
        "Turn the second chart, or the one in use, to the gradient norm, and back.",
        display="G",
    ),
    Key("bench.grid", "M", "grid", "All metrics", "Show every metric as a small chart, or the two charts again.", display="M"),
    Key("bench.close", "ctrl+w", "close_run", "Close run", "Clear the charts; the run itself is left alone."),
    Key(
        "bench.earlier",
        "left_square_bracket",
        "scrub(-1)",
        "Earlier",
        "Show all one snapshot earlier.",
        rank=1,
        display="[",
    ),
    Key(
        "bench.later",
        "right_square_bracket",
        "scrub(1)",
        "Later",
        "Show all one snapshot later.",
        rank=1,
        display="]",
    ),
    Key("bench.newest", "end", "scrub_to_end", "Newest", "Show the newest of everything again."),
    Key("bench.sample", "full_stop", "turn_sample(1)", "Sample", "Show the next sample in all panels.", rank=1, display="."),
    Key("bench.sample_back", "comma", "turn_sample(-1)", "Sample before", "Show the sample before.", display=","),
    Key("chart.metric", "v", "choose_metric", "Metric", "Choose what the chart shows, of all that the run records.", rank=3),
    Key("chart.left", "left,h", "view('move_crosshair', -1)", "Crosshair left", "Move the crosshair one column to the left."),
    Key("chart.right", "right,l", "view('move_crosshair', 1)", "Crosshair right", "Move the crosshair one column to the right."),
    Key(
        "chart.far_left",
        "ctrl+left",
        "view('move_crosshair', -10)",
        "Crosshair far left",
        "Move the crosshair ten columns to the left.",
    ),
    Key(
        "chart.far_right",
        "ctrl+right",
        "view('move_crosshair', 10)",
        "Crosshair far right",
        "Move the crosshair ten columns to the right.",
    ),
    Key("chart.pan_left", "shift+left,H,j", "view('pan', -1)", "Pan left", "Move the view to the left."),
    Key("chart.pan_right", "shift+right,L,k", "view('pan', 1)", "Pan right", "Move the view to the right."),
    Key(
        "chart.zoom_in",
        "plus,equals_sign,up",
        "view('zoom', 0.5)",
        "Zoom in",
        "Zoom in at the crosshair, or at the newest step.",
        display="+",
    ),
    Key("chart.zoom_out", "minus,down", "view('zoom', 2)", "Zoom out", "Zoom out.", display="-"),
    Key("chart.follow", "F", "view('follow')", "Follow", "Follow the newest steps in a window, or show all.", display="F"),
    Key("chart.reset", "0,home", "view('show_all')", "Show all", "Show every step again."),
    Key("chart.log_y", "y", "view('turn_log_y')", "Log y", "Logarithmic or linear y axis."),
    Key("chart.log_x", "X", "view('turn_log_x')", "Log x", "Logarithmic or linear x axis.", display="X"),
    Key("chart.axis", "a", "view('next_axis')", "X axis", "Count x in steps, epochs, seconds of training or samples."),
    Key("chart.smoother", "right_curly_bracket", "view('smooth', 1)", "Smoother", "Smooth the lines more.", display="}"),
    Key("chart.rougher", "left_curly_bracket", "view('smooth', -1)", "Rougher", "Smooth the lines less.", display="{"),
    Key("chart.smoothing", "S", "view('turn_smoothing')", "Smoothing", "Turn smoothing off or on.", display="S"),
    Key(
        "chart.outliers",
        "o",
        "view('turn_outliers')",
        "Clip outliers",
        "Fit the y axis to 98 % of the values, and say how many points lie outside, or to all.",
    ),
    Key(
        "chart.toggle",
        "t",
        "view('next_series')",
        "Series",
        "All lines, then each line alone; of several runs the next split of the data. A click on the legend hides a line.",
    ),
    Key(
        "chart.band",
        "u",
        "view('turn_band')",
        "Band",
        "Draw runs that differ in the seed alone as median and range, or each by its number.",
    ),
    Key("chart.clear", "escape", "clear_crosshair", "Clear", "Take the crosshair away."),
    Key("grid.open", "enter", "open", "Open", "Show the metric in one of the two charts.", rank=7),
    Key("grid.next", "pagedown", "turn_page(1)", "Next page", "Show the next metrics.", rank=6, display="pgdn"),
    Key("grid.back", "pageup", "turn_page(-1)", "Page before", "Show the metrics before.", rank=2, display="pgup"),
    Key("predictions.whole", "enter", "whole", "Whole texts", "Show long texts from end to end, or shortened again.", rank=7),
    Key("probe.name", "y", "next_name(1)", "Layer", "Show the next layer or parameter.", rank=6),
    Key("probe.name_back", "Y", "next_name(-1)", "Layer before", "Show the layer or parameter before.", display="Y"),
    Key("probe.head", "a", "next_head(1)", "Head", "Show the next head of attention.", rank=6),
    Key("probe.head_back", "A", "next_head(-1)", "Head before", "Show the head before.", display="A"),
    Key("probe.unit", "u", "next_unit(1)", "Unit", "Show the next unit.", rank=5),
    Key("probe.unit_back", "U", "next_unit(-1)", "Unit before", "Show the unit before.", display="U"),
    Key("probe.picture", "o", "next_picture", "Other figure", "Show the next figure where there is no room for all.", rank=6),
    Key(
        "probe.alike",
        "F",
        "find_alike(False)",
        "Find alike",
        "Find the passages of the validation set in which the layer does most nearly what it does in the marked steps.",
        rank=8,
        display="F",
    ),
    Key(
        "probe.alike_unit",
        "t",
        "find_alike(True)",
        "Alike in unit",
        "The same for one unit alone: the one that was chosen, or the one under the cursor.",
        rank=7,
    ),
    Key(
        "probe.back",
        "escape,backspace",
        "back",
        "Back",
        "From the passages back to the figures, then take the mark away.",
        rank=8,
    ),
    Key("picture.left", "left,h", "move(0, -1)", "Left", "Read off the value to the left."),
    Key("picture.right", "right,l", "move(0, 1)", "Right", "Read off the value to the right."),
    Key("picture.up", "up,k", "move(-1, 0)", "Up", "Read off the value above."),
    Key("picture.down", "down,j", "move(1, 0)", "Down", "Read off the value below."),
    Key("picture.far_left", "ctrl+left,H", "move(0, -10)", "Far left", "Ten values to the left."),
    Key("picture.far_right", "ctrl+right,L", "move(0, 10)", "Far right", "Ten values to the right."),
    Key("picture.far_up", "pageup,K", "move(-10, 0)", "Far up", "Ten values up."),
    Key("picture.far_down", "pagedown,J", "move(10, 0)", "Far down", "Ten values down."),
    Key("picture.mark_left", "shift+left", "mark(-1)", "Mark left", "Mark steps of the sequence from the cursor to the left."),
    Key(
        "picture.mark_right",
        "shift+right",
        "mark(1)",
        "Mark steps",
        "Mark steps of the sequence from the cursor to the right; or draw the pointer over them.",
        rank=4,
    ),
    Key("picture.pick", "enter", "pick", "Choose unit", "Show the unit under the cursor."),
    Key("picture.leave", "escape", "leave", "Clear", "Take the cursor away."),
    Key("parts.choose", "enter", "select", "Switch off", "Measure the model without this part; of several, unfold them.", rank=8),
    Key("parts.fold", "left", "fold(False)", "Fold", "Fold the numbered parts."),
    Key("parts.unfold", "right", "fold(True)", "Unfold", "List the numbered parts one by one."),
    Key("parts.first", "home", "first", "First", "Move to the first line."),
    Key("parts.page_up", "pageup", "page_up", "Page up", "Move up by a page."),
    Key("parts.page_down", "pagedown", "page_down", "Page down", "Move down by a page."),
    Key("ablation.all", "a", "measure_all(False)", "All of them", "Measure all parts of this kind, one after the other.", rank=7),
    Key(
        "ablation.everywhere", "A", "measure_all(True)", "In all layers", "Measure this kind of part in all layers.", display="A"
    ),
    Key("ablation.stop", "escape", "stop", "Stop", "Measure nothing more.", rank=8),
    Key("ablation.renew", "r", "renew", "Measure newest", "Measure the newest checkpoint, or try again what failed.", rank=7),
    Key("ablation.metric", "v", "next_metric", "Metric", "Rank the parts by the next metric.", rank=5),
    Key(
        "keep.as",
        "e",
        "keep('')",
        "Keep as",
        "Keep what the chart, panel or table shows: copy it, or write it as text, SVG or CSV.",
        rank=4,
    ),
    Key("keep.copy", "C", "keep('copy')", "Copy", "Copy it as text.", display="C"),
    Key("keep.save", "w", "keep('all')", "Save", "Write it as a figure on white (SVG), as text, and its data as CSV."),
    Key("keep.save_dark", "W", "keep('all_dark')", "Save dark", "Write the same files, the figure on dark ground.", display="W"),
    Key("list.up", "up,k", "cursor_up", "Line up", "Move to the line above."),
    Key("list.down", "down,j", "cursor_down", "Line down", "Move to the line below."),
    Key("page.up", "up,k", "scroll_up", "Up", "Scroll one line up."),
    Key("page.down", "down,j", "scroll_down", "Down", "Scroll one line down."),
    Key(
        "runs.open",
        "enter",
        "open_run",
        "Open",
        "Open the run on Bench; where several are marked, all of them in the same charts.",
        rank=8,
    ),
    Key("runs.mark", "space", "mark", "Mark", "Mark the run, for what is done to several; enter opens them together.", rank=5),
    Key(
        "runs.beside", "b", "beside", "Beside", "Draw the marked runs, or this one, into the charts of the run on Bench.", rank=4
    ),
    Key("runs.fold", "g", "fold", "Group", "Fold runs that differ in nothing but the seed into one row, or show each.", rank=3),
    Key("runs.unfold", "right,l", "unfold(True)", "Open group", "Show the runs of the group below it."),
    Key("runs.close", "left,h", "unfold(False)", "Close group", "Hide the runs of the group."),
    Key("runs.sort", "s", "sort", "Sort", "Sort by the next column; by 'from', each fork stands below its parent.", rank=2),
    Key("runs.reverse", "S", "reverse", "Reverse", "Turn the order round.", display="S"),
    Key("runs.filter", "slash", "filter", "Filter", "Show only runs that match words.", rank=6, display="/"),
    Key("runs.tag", "t", "tag", "Tag", "Add or remove tags (+word -word).", rank=3),
    Key("runs.note", "n", "note", "Note", "Write a note on the run.", rank=2),
    Key("runs.name", "N", "name_run", "Name", "Give the run a name, or another one.", rank=3, display="N"),
    Key("runs.resume", "r", "resume", "Resume", "Go on with a run from its last checkpoint.", rank=4),
    Key(
        "runs.compare",
        "x",
        "compare",
        "Compare",
        "Compare the marked runs: curves, settings that differ, results, and whether a difference can be told from chance.",
        rank=5,
    ),
    Key(
        "runs.stop", "X", "stop", "Stop", "End the marked runs, or this one, or take them out of the queue.", rank=3, display="X"
    ),
    Key(
        "runs.evaluate",
        "E",
        "evaluate",
        "Evaluate",
        "Measure the run's checkpoint in full: intervals, confusion, calibration, where it fails; also on longer data.",
        rank=3,
        display="E",
    ),
    Key("runs.delete", "delete,D", "delete", "Delete", "Delete the run, or all marked runs.", rank=4, display="del"),
    Key("compare.metric", "v", "turn_metric(1)", "Metric", "Draw the next series.", rank=6),
    Key("compare.metric_back", "V", "turn_metric(-1)", "Metric before", "Draw the series before.", display="V"),
    Key("compare.axis", "b", "turn_axis", "Axis", "Count x of the curves in steps, epochs, seconds or samples.", rank=5),
    Key("compare.log", "y", "log", "Log", "Make the y axis of the curves logarithmic, or linear.", rank=2),
    Key(
        "compare.part",
        "p",
        "turn_part",
        "Part",
        "Where there is room for one table: results, settings, what can be said.",
        rank=4,
    ),
    Key("compare.open", "o", "open_runs", "Open", "Open the runs on Bench, in the same charts.", rank=4),
    Key("compare.maximise", "m", "maximise", "Maximise", "Give the whole screen to the part in use, or back.", rank=2),
    Key("compare.back", "escape", "back", "Back", "Go back to Runs.", rank=7),
    Key("evaluate.figure", "v", "turn_figure(1)", "Figure", "Show the next figure of the evaluation.", rank=6),
    Key("evaluate.figure_back", "V", "turn_figure(-1)", "Figure before", "Show the figure before it.", display="V"),
    Key(
        "evaluate.data",
        "slash",
        "ask_data",
        "Data",
        "Measure the same weights on other data: length=50,100,200.",
        rank=5,
        display="/",
    ),
    Key("evaluate.split", "s", "turn_split", "Split", "Measure on the other held-out set.", rank=4),
    Key(
        "evaluate.earlier",
        "left_square_bracket",
        "turn_step(-1)",
        "Earlier checkpoint",
        "Measure the checkpoint before.",
        display="[",
    ),
    Key(
        "evaluate.later", "right_square_bracket", "turn_step(1)", "Later checkpoint", "Measure the checkpoint after.", display="]"
    ),
    Key("evaluate.maximise", "m", "maximise", "Maximise", "Give the whole screen to the figure in use, or back.", rank=2),
    Key("evaluate.back", "escape", "back", "Back", "Leave the field, else go back to where you came from.", rank=7),
    Key("form.less", "left", "step(-1)", "Less", "The next lower round number, or the choice before."),
    Key("form.more", "right", "step(1)", "More", "The next higher round number, or the next choice."),
    Key("form.edit", "enter", "edit", "Edit", "Edit the value, turn to the next choice, or unfold."),
    Key("form.original", "backspace", "original", "Preset value", "Take the preset's value back."),
    Key("form.default", "delete", "default", "Default", "Take the setting's default."),
    Key("form.find", "slash", "find", "Find", "Find an architecture, a dataset or a setting by its words."),
    Key("form.save", "w", "save_preset", "Save", "Save what stands in the form as a preset of your own.", rank=2),
    Key("form.text", "T", "edit_text", "As text", "Edit the experiment as TOML in your editor (VISUAL, EDITOR).", display="T"),
    Key("presets.open", "enter", "open_preset", "Open", "Load the preset on Bench.", rank=8),
    Key("presets.filter", "slash", "filter", "Filter", "Show only presets that match words.", rank=6, display="/"),
    Key("concepts.presets", "p", "named", "Presets", "Go to the page's presets; enter opens one on Bench.", rank=7),
    Key("concepts.lessons", "l", "lessons", "Lessons", "Go to the lessons: predict, run, and see what came of it.", rank=5),
    Key("concepts.filter", "slash", "filter", "Filter", "Show only pages that have some words.", rank=6, display="/"),
    Key("concepts.leave", "escape", "leave", "Back", "Back to where the pages were opened.", rank=8),
    Key("lessons.next", "n", "turn(1)", "Next step", "Show the next step, once this one is done.", rank=7),
    Key("lessons.back", "b", "turn(-1)", "Step before", "Show the step before.", rank=6),
    Key("lessons.again", "A", "again", "Begin anew", "Forget what was done in this lesson, and begin anew.", rank=2, display="A"),
    Key("lessons.leave", "escape", "leave", "Back", "From the lesson back to the list, and from there to Bench.", rank=8),
    Key("presets.leave", "escape", "leave_filter", "List", "From the filter back to the list; once more clears the filter."),
)

FORM_WIDE = ("form.find", "form.save", "form.text")
"""Keys that work wherever the focus is within the form."""


def bindings(group: str) -> list[Binding]:
    """Textual's bindings of one part of the interface , by the first word of their ids."""
    return [
        Binding(
            key.keys,
            key.action,
            key.description,
            show=key.rank > 0,
            key_display=key.display or None,
            priority=key.priority,
            tooltip=key.tooltip,
            id=key.id,
        )
        for key in TABLE
        if key.group == group
    ]
