"""Norm and clipping against torch's own."""

from __future__ import annotations

import math

import pytest
import torch

from workbench.training.gradients import clip_norm_, clip_value_, exact_norm, total_norm


@pytest.fixture
def gradients() -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in ((3, 4), (5,), (2, 2, 2))]


def test_total_norm_is_the_norm_of_everything_as_one_vector(gradients: list[torch.Tensor]) -> None:
    """The norm equals that of the concatenated gradients."""
    assert total_norm(gradients).item() == pytest.approx(torch.cat([g.flatten() for g in gradients]).norm().item(), rel=1e-14)


def test_clipping_by_norm_equals_torch(gradients: list[torch.Tensor]) -> None:
    """Gradients above the limit are scaled as torch.nn.utils.clip_grad_norm_ does, up to its guard of 1e-6."""
    parameters = [torch.nn.Parameter(torch.zeros_like(g)) for g in gradients]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient.clone()
    norm = torch.nn.utils.clip_grad_norm_(parameters, 0.7)
    clip_norm_(gradients, norm.item(), 0.7)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        torch.testing.assert_close(parameter.grad, gradient, rtol=1e-5, atol=0)
    assert total_norm(gradients).item() == pytest.approx(0.7)


def test_a_gradient_below_the_limit_is_left_alone(gradients: list[torch.Tensor]) -> None:
    """Clipping by norm changes nothing below the limit."""
    before = [gradient.clone() for gradient in gradients]
    clip_norm_(gradients, total_norm(gradients).item(), 1e3)
    assert all(torch.equal(a, b) for a, b in zip(before, gradients, strict=True))


def test_clipping_by_value_cuts_each_component(gradients: list[torch.Tensor]) -> None:
    """Every component ends within the limit, and those that were within stay."""
    before = [gradient.clone() for gradient in gradients]
    clip_value_(gradients, 0.3)
    for old, new in zip(before, gradients, strict=True):
        assert torch.equal(new, old.clamp(-0.3, 0.3))


@pytest.mark.parametrize("size", [1e30, 1e20, 1.0, 1e-20, 1e-30])
def test_the_norm_of_finite_gradients_is_finite(size: float) -> None:
    """Where squares leave the range of single precision, the norm is still that of double precision."""
    gradients = [torch.randn(3, 4) * size, torch.randn(5) * size]
    expected = torch.cat([g.flatten().double() for g in gradients]).norm().item()
    assert exact_norm(gradients, total_norm(gradients).item()) == pytest.approx(expected, rel=1e-5)


def test_the_norm_may_be_larger_than_any_single_number() -> None:
    """Components of 3e38 are finite, and so is their norm."""
    gradients = [torch.full((100,), 3e38)]
    assert exact_norm(gradients, total_norm(gradients).item()) == pytest.approx(3e39, rel=1e-5)


@pytest.mark.parametrize(("value", "wanted"), [(math.inf, math.inf), (math.nan, math.nan), (0.0, 0.0)])
def test_the_norm_of_what_is_not_finite_says_so(value: float, wanted: float) -> None:
    """An infinite component gives infinity, one that is not a number gives that, and zeros give 0."""
    gradients = [torch.zeros(3), torch.tensor([0.0, value])]
    assert exact_norm(gradients, total_norm(gradients).item()) == pytest.approx(wanted, nan_ok=True)


@pytest.mark.parametrize("size", [1e20, 1e37])
def test_a_huge_gradient_is_clipped_to_the_limit(size: float) -> None:
    """Also where the factor is too small for single precision."""
    gradients = [torch.full((4,), size), torch.full((3,), -size)]
    clip_norm_(gradients, exact_norm(gradients, total_norm(gradients).item()), 1e-3)
    assert torch.cat(gradients).double().norm().item() == pytest.approx(1e-3, rel=1e-5)
