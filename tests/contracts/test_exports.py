"""Every architecture can be exported in every format, and a bundle of it loads and answers. A new card needs no line here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.export.making import run_with_checkpoint
from workbench.cards import catalog
from workbench.export import export_run, formats
from workbench.export.loading import load_bundle
from workbench.runs.folder import RunFolder
from workbench.training.inference import load_model

SMALL = {"hidden_size": 8, "embedding_size": 8, "feedforward_size": 16, "num_filters": 2}
"""Settings that make any network small, for those cards that have them."""

Settings = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module", params=list(catalog.architectures()))
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, example_settings: Settings) -> RunFolder:
    """A run of each architecture, on the first dataset that it takes."""
    name: str = request.param
    fields = catalog.architectures()[name].Config.model_fields
    model = {"name": name, **{key: value for key, value in SMALL.items() if key in fields}}
    config = catalog.architectures()[name].Config.model_validate({key: model[key] for key in model if key != "name"})
    for data_name, card in catalog.datasets().items():
        data = example_settings(data_name)
        if catalog.refusal(catalog.architectures()[name], config, card.task(card.Config.model_validate(data))) is None:
            values = {"model": model, "data": {"name": data_name, **data}, "optimizer": {"name": "adam"}}
            return run_with_checkpoint(tmp_path_factory.mktemp("runs"), values, (1,))
    raise AssertionError(f"no dataset for {name}")


@pytest.mark.parametrize("format_name", list(formats()))
def test_every_architecture_exports_in_every_format(folder: RunFolder, tmp_path: Path, format_name: str) -> None:
    """The export is written, loaded again and found equal."""
    exported = export_run(folder, format_name, out=tmp_path / "export")
    assert exported.path.exists()
    assert exported.verified
    if formats()[format_name].needs_checkpoint:
        assert exported.verified["weights"].endswith("equal bitwise")
        assert exported.verified["outputs"].endswith("largest difference 0")


@pytest.mark.slow
def test_every_bundle_answers_like_its_run(folder: RunFolder, tmp_path: Path) -> None:
    """The bundle's predictions on test samples are the checkpoint's."""
    loaded = load_bundle(export_run(folder, "bundle", out=tmp_path / "bundle").path)
    assert loaded.predict() == load_model(folder).predict()
    assert all(not parameter.isnan().any() for parameter in loaded.model.parameters())
    assert isinstance(loaded.model, torch.nn.Module)
