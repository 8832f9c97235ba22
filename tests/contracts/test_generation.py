"""What every architecture keeps that goes on from its own outputs: transducers, forecasts, generators, fed-back labels."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.contracts.pairs import ENCODER_DECODERS, PAIRS, TASKS, build, make_data
from workbench.cards import BOS, EOS, PAD, catalog
from workbench.contracts.examples import XYZ
from workbench.nn.decoding import DRAW, GREEDY, Decoding
from workbench.nn.label_fed import LabelFed

each_decoding = pytest.mark.parametrize("decoding", [DRAW, Decoding(temperature=0.5), GREEDY, Decoding(beam=3)], ids=str)


def seeded() -> torch.Generator:
    """The same random numbers each time."""
    return torch.Generator().manual_seed(1)


@pytest.mark.parametrize("name", ENCODER_DECODERS)
def test_a_decoder_does_not_see_the_future(name: str) -> None:
    """Another symbol at step t of the target changes nothing before step t."""
    data = make_data(TASKS["transduce-tokens"])
    model = build(name, data.task)
    target_in = torch.cat((torch.full((4, 1), BOS), data.targets[:, :-1]), 1)
    other = target_in.clone()
    other[:, 3] = 5
    before, after = model(data.inputs, data.lengths, target_in), model(data.inputs, data.lengths, other)
    torch.testing.assert_close(before[:, :3], after[:, :3], rtol=1e-12, atol=1e-12)
    assert not torch.allclose(before[0, 3:], after[0, 3:])


@pytest.mark.parametrize("name", ENCODER_DECODERS)
def test_generating_is_the_greedy_path_of_forward(name: str) -> None:
    """Each generated symbol is the most probable one given those before; after the end symbol there is padding."""
    data = make_data(TASKS["transduce-tokens"])
    model: Any = build(name, data.task)
    written = model.generate(data.inputs, data.lengths, 6)
    assert written.dtype == torch.int64
    assert written.shape[0] == 4
    assert 1 <= written.shape[1] <= 6
    target_in = torch.cat((torch.full((4, 1), BOS), written[:, :-1]), 1)
    best = model(data.inputs, data.lengths, target_in).argmax(-1)
    for row, expected in zip(written.tolist(), best.tolist(), strict=True):
        stop = row.index(EOS) + 1 if EOS in row else len(row)
        assert row[:stop] == expected[:stop]
        assert set(row[stop:]) <= {PAD}


def sequence_nll(model: Any, data: Any, rows: torch.Tensor) -> torch.Tensor:
    """Negative log-likelihood of whole sequences in the form of targets, (batch,), by one call over all steps."""
    target_in = torch.cat((torch.full((len(rows), 1), BOS), rows[:, :-1]), 1)
    each = model(data.inputs, data.lengths, target_in).log_softmax(-1).gather(2, rows[..., None])[..., 0]
    nll: torch.Tensor = -(each * (rows != PAD)).sum(1)
    return nll


@pytest.mark.parametrize("name", ENCODER_DECODERS)
def test_a_beam_as_wide_as_all_beginnings_finds_the_likeliest(name: str) -> None:
    """Of all targets of two symbols or less with their end, and all of three without, the search writes the best."""
    data = make_data(TASKS["transduce-tokens"])
    model: Any = build(name, data.task)
    num, longest = len(XYZ.symbols), 3
    found = model.generate(data.inputs, data.lengths, longest, Decoding(beam=num**2))
    rows = torch.cartesian_prod(*[torch.arange(num)] * longest)
    before = (rows == EOS).cumsum(1) - (rows == EOS).long() > 0
    rows = rows[((rows == PAD) == before).all(1)]  # padding exactly after the end
    nll = torch.stack([sequence_nll(model, data, row.expand(len(data.inputs), -1)) for row in rows])
    best = rows[nll.argmin(0)]
    assert torch.equal(torch.nn.functional.pad(found, (0, longest - found.shape[1])), best)


@pytest.mark.parametrize("name", ENCODER_DECODERS)
@each_decoding
def test_a_transducer_writes_in_the_form_of_targets(name: str, decoding: Decoding) -> None:
    """The same again for the same random numbers; after the end symbol there is padding."""
    data = make_data(TASKS["transduce-tokens"])
    model: Any = build(name, data.task)
    first, again = (model.generate(data.inputs, data.lengths, 6, decoding, seeded()) for _ in range(2))
    assert torch.equal(first, again)
    assert first.dtype == torch.int64
    assert first.shape[0] == 4
    for row in first.tolist():
        stop = row.index(EOS) + 1 if EOS in row else len(row)
        assert set(row[stop:]) <= {PAD}


@pytest.mark.parametrize("name", ENCODER_DECODERS)
def test_a_transducer_draws_from_its_distribution(name: str) -> None:
    """Among 8,000 draws at temperature 0.5 each first symbol is as frequent as the softmax of twice its logits says."""
    data = make_data(TASKS["transduce-tokens"])
    model: Any = build(name, data.task)
    source, lengths = data.inputs[:1].expand(8_000, -1), torch.full((8_000,), data.inputs.shape[1])
    drawn = model.generate(source, lengths, 1, Decoding(temperature=0.5), seeded())
    expected = (2 * model(source[:1], lengths[:1], torch.tensor([[BOS]]))[0, 0]).softmax(-1)
    shares = torch.bincount(drawn[:, 0], minlength=len(expected)) / len(drawn)
    torch.testing.assert_close(shares.double(), expected.detach().double(), rtol=0, atol=0.02)


@pytest.mark.parametrize("name", [name for name in ENCODER_DECODERS if catalog.architectures()[name].free_running])
def test_free_running_feeds_back_its_own_choice(name: str) -> None:
    """Without teacher forcing the target's symbols have no influence, and gradients are finite."""
    data = make_data(TASKS["transduce-tokens"])
    model = build(name, data.task)
    target_in = torch.cat((torch.full((4, 1), BOS), data.targets[:, :-1]), 1)
    other = target_in.clone()
    other[:, 1:] = 6
    outputs = model(data.inputs, data.lengths, target_in, 0.0)
    assert torch.equal(outputs, model(data.inputs, data.lengths, other, 0.0))
    outputs.square().sum().backward()
    assert all(parameter.grad is not None and parameter.grad.isfinite().all() for parameter in model.parameters())


@pytest.mark.parametrize("name", [name for name, task in PAIRS if task == "forecast-its-own-series"])
def test_a_forecast_goes_on_from_its_own_outputs(name: str) -> None:
    """Running freely, and being fed nothing but its own outputs after the first input, is the step-by-step definition."""
    data = make_data(TASKS["forecast-its-own-series"])
    model: Any = build(name, data.task)
    inputs = data.inputs[:, :4]
    for output in model.free_run(inputs, 3).unbind(1):
        expected = model(inputs)[:, -1]
        torch.testing.assert_close(output, expected, rtol=1e-10, atol=1e-12)
        inputs = torch.cat((inputs, expected[:, None]), 1)


@pytest.mark.parametrize(
    "name",
    [n for n, task in PAIRS if task == "forecast-its-own-series" and not catalog.architectures()[n].closed_form],
)
def test_scheduled_sampling_lies_between_teacher_and_free_run(name: str) -> None:
    """With every true input it is the plain forward pass, with none a free run from the first input; gradients are finite."""
    data = make_data(TASKS["forecast-its-own-series"])
    model: Any = build(name, data.task)
    torch.testing.assert_close(model.scheduled(data.inputs, 1.0), model(data.inputs), rtol=1e-10, atol=1e-12)
    alone = model.scheduled(data.inputs, 0.0)
    torch.testing.assert_close(alone, model.free_run(data.inputs[:, :1], 7), rtol=1e-10, atol=1e-12)
    alone.square().sum().backward()
    assert all(parameter.grad is not None and parameter.grad.isfinite().all() for parameter in model.parameters())


@pytest.mark.parametrize(("name", "task"), [pair for pair in PAIRS if pair[1].startswith("generate")])
@each_decoding
def test_what_is_written_has_the_form_of_targets(name: str, task: str, decoding: Decoding) -> None:
    """Symbols, at most one end, then padding; as many sequences as asked for; the same again for the same random numbers."""
    data = make_data(TASKS[task])
    model: Any = build(name, data.task)
    first, again = (model.sample(data.inputs, max_length=6, decoding=decoding, generator=seeded()) for _ in range(2))
    assert torch.equal(first, again)
    assert first.dtype == torch.int64
    assert first.shape[0] == 4
    assert 1 <= first.shape[1] <= 6
    for row in first.tolist():
        stop = row.index(EOS) if EOS in row else len(row)
        assert all(4 <= index < 7 for index in row[:stop])
        assert set(row[stop + 1 :]) <= {PAD}
    assert len(model.sample(data.inputs, 9, max_length=6, decoding=decoding)) == 9


@pytest.mark.parametrize(
    ("name", "task"), [(name, task) for name, task in PAIRS if isinstance(build(name, TASKS[task]), LabelFed)]
)
def test_labels_that_are_fed_back_are_those_of_the_steps_before(name: str, task: str) -> None:
    """A label changes only later steps; fed its own choices as if they were true ones, the model answers as if alone."""
    data = make_data(TASKS[task])
    model: Any = build(name, data.task)
    other = data.targets.clone()
    other[:, 2] = (other[:, 2] + 1) % 3
    before, after = (model.forced(data.inputs, data.lengths, labels) for labels in (data.targets, other))
    torch.testing.assert_close(before[:, :3], after[:, :3], rtol=1e-12, atol=1e-12)
    assert not torch.allclose(before[:, 3:], after[:, 3:])
    alone = model(data.inputs, data.lengths)
    torch.testing.assert_close(model.forced(data.inputs, data.lengths, alone.argmax(-1)), alone, rtol=1e-10, atol=1e-12)
