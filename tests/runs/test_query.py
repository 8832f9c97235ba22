"""The filter language of listings."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import UsageError
from workbench.runs.query import parse_query
from workbench.runs.summary import RunSummary

RUN = RunSummary(
    "20260101-000000-lstm-adding-7f3a",
    Path("runs/x"),
    name="Baseline",
    title="The adding problem",
    preset="gated/adding_lstm",
    state="finished",
    architecture="lstm",
    dataset="adding",
    step=100,
    total=200,
    metric="test/mse",
    value=0.01,
    seconds=12.5,
    tags=("Paper", "v2"),
    note="as in figure 3",
    size=5000,
    values={"train/loss": 0.5, "validation/loss": 0.3, "test/mse": 0.01, "train/lr": 1e-3},
)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "lstm adding",
        "BASELINE",
        "state:finished arch:lstm data:add tag:paper",
        "name:base preset:gated preset:problem note:figure id:7f3a title:adding model:lstm dataset:adding architecture:l",
        "loss<0.4 loss>=0.3 train/loss=0.5 mse<=0.01 lr<0.01",
        "step>=100 step<=100 step==100 step!=99 total>199 seconds<13 size>1e3 value<.1",
        "-state:failed -gru -loss>1 --lstm",
        "missing-word",
        "7f3a",
    ],
)
def test_a_query_that_holds(query: str) -> None:
    """Words, fields, numbers and their negations that are true of the run."""
    assert parse_query(query)(RUN) == (query != "missing-word")


@pytest.mark.parametrize(
    "query",
    [
        "gru",
        "state:running",
        "tag:pap",
        "loss<0.3",
        "accuracy>0",
        "-lstm",
        "step>100",
        "lstm -adding",
        "-loss<1",
        "data:echo",
        "arch:gru",
    ],
)
def test_a_query_that_does_not_hold(query: str) -> None:
    """One part that is false is enough; a metric that the run lacks compares with nothing."""
    assert not parse_query(query)(RUN)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("loss<high", "filter 'loss<high': got 'high'; expected a number"),
        ("stat:finished", "filter 'stat:finished': unknown field 'stat'. Did you mean 'state'"),
        ("lstm state:", "filter 'state:': nothing after the colon; expected state:WORD"),
        ("state:finshed", "filter 'state:finshed': got 'finshed'; expected a state. Did you mean 'finished'"),
        ("-state:lots", "got 'lots'; expected a state. Did you mean 'lost'"),
        ("state:nowhere", "expected a state. There are: "),
        ("arch:lsmt", "filter 'arch:lsmt': got 'lsmt'; expected an architecture. Did you mean 'lstm'"),
        ("model:zzz", "expected an architecture. There are: "),
        ("data:addnig", "expected a dataset. Did you mean 'adding'"),
        ("dataset:zzz", "expected a dataset. There are: "),
        ("acuracy>0.9", "filter 'acuracy>0.9': no run has 'acuracy'; expected a metric or another number of a run. Did you mean"),
        ("stpe>3", "no run has 'stpe'; expected a metric or another number of a run. Did you mean 'step'"),
        ("-loss>", "filter 'loss>': got ''; expected a number"),
    ],
)
def test_a_wrong_query_is_one_line(query: str, message: str) -> None:
    """The message names the part, and what was expected."""
    with pytest.raises(UsageError) as raised:
        parse_query(query)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_what_a_listed_run_has_is_known() -> None:
    """A card of another package or version, and a number that only some model measures, can be asked for."""
    foreign = dataclasses.replace(RUN, architecture="quantum", values={"validation/acuracy": 1.0})
    query = parse_query("arch:quant acuracy>0.9", [RUN, foreign])
    assert [query(run) for run in (RUN, foreign)] == [False, True]


@given(st.text(max_size=40))
def test_any_text_is_a_query_or_one_line(text: str) -> None:
    """Whatever is typed either answers with yes or no, or is refused in one line."""
    try:
        test = parse_query(text)
    except UsageError as error:
        assert "\n" not in str(error)  # noqa: PT017 - both outcomes are right
    else:
        assert test(RUN) in (True, False)


PARTS = st.sampled_from(["lstm", "gru", "state:finished", "state:lost", "loss<0.4", "loss>1", "step>=100", "tag:paper", "tag:x"])


@given(st.lists(PARTS, max_size=5), PARTS)
def test_parts_are_joined_by_and_and_negation_turns_round(parts: list[str], part: str) -> None:
    """A query is the conjunction of its parts, and -part holds exactly when part does not."""
    assert parse_query(" ".join(parts))(RUN) == all(parse_query(one)(RUN) for one in parts)
    assert parse_query(f"-{part}")(RUN) != parse_query(part)(RUN)
