"""The series against their definitions, written out number by number."""

from __future__ import annotations

import math

import numpy as np

from workbench.datasets.mackey_glass import MackeyGlass, integrate
from workbench.datasets.narma10 import Narma10, linear_baseline, narma10
from workbench.datasets.waveform import Waveform, waveform


def test_mackey_glass_is_its_difference_equation() -> None:
    """Euler steps of a tenth, one value out of ten, each trajectory for itself."""
    past = np.stack([np.linspace(0.5, 1.1, 31), np.full(31, 1.2)], axis=1)  # tau = 3
    found = integrate(past, 4)
    for column in range(2):
        x = past[:, column].tolist()
        for _ in range(40):
            late = x[-31]
            x.append(x[-1] + 0.1 * (0.2 * late / (1 + late**10) - 0.1 * x[-1]))
        np.testing.assert_allclose(found[:, column], x[40::10], rtol=1e-12)


def test_mackey_glass_is_on_its_attractor() -> None:
    """With delay 17 the squashed series lies in the known range, and targets are the inputs one step later."""
    batch = MackeyGlass.open(MackeyGlass.Config()).held_out("test")
    assert -0.6 < batch.inputs.min() < -0.5
    assert 0.25 < batch.inputs.max() < 0.4
    np.testing.assert_array_equal(batch.inputs[:, 1:], batch.targets[:, :-1])


def test_narma10_is_its_formula() -> None:
    """Each output follows from the ten outputs and inputs before it."""
    u = np.random.default_rng(1).uniform(0, 0.5, (2, 40))
    found = narma10(u)
    for row in range(2):
        y, at = [0.0], u[row].tolist()
        for t in range(40):
            total = sum(y[t - i] for i in range(10) if t - i >= 0)
            product = at[t - 9] * at[t] if t >= 9 else 0.0
            y.append(0.3 * y[t] + 0.05 * y[t] * total + 1.5 * product + 0.1)
        np.testing.assert_allclose(found[row], y[1:], rtol=1e-12)


def test_narma10_has_no_runaway_series() -> None:
    """Among thousands of series none has left the range of the system at rest."""
    dataset = Narma10.open(Narma10.Config(length=400))
    assert all(dataset.train_batch(0, step, 1000).targets.max() <= 2 for step in range(4))


def test_the_linear_filter_is_the_literature_s() -> None:
    """Twenty taps explain most of the output's variance, but not the products: an NRMSE of about 0.4."""
    nrmse, variance = linear_baseline()
    assert math.isclose(nrmse, 0.40, abs_tol=0.02)
    assert math.isclose(variance, 0.0115, abs_tol=0.002)


def test_a_waveform_is_ten_sines_of_its_number() -> None:
    """Its largest value is 1, its spectrum lies between 1 and 20 periods, and each number has a curve of its own."""
    curve = waveform(3, 320)
    assert np.abs(curve).max() == 1
    power = np.abs(np.fft.rfft(curve - curve.mean())) ** 2
    assert power[1:22].sum() > 0.98 * power.sum()
    assert abs(np.corrcoef(curve, waveform(4, 320))[0, 1]) < 0.5
    np.testing.assert_array_equal(curve, waveform(3, 320))


def test_every_sample_asks_for_the_same_waveform() -> None:
    """The input begins with 1 and is small noise afterwards; the target is the curve, whatever the noise."""
    batch = Waveform.open(Waveform.Config(noise=0.05)).train_batch(2, 7, 50)
    assert np.abs(batch.inputs[:, 0] - 1).max() < 0.3
    assert math.isclose(batch.inputs[:, 1:].std(), 0.05, rel_tol=0.05)
    for target in batch.targets:
        np.testing.assert_allclose(target[:, 0], waveform(0, 320), atol=1e-6)
