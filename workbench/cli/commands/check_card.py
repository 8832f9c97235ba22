"""`workbench check-card`: a person's own card, held to the contracts that the package's cards keep."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.options import Json
from workbench.cli.output import console, message, print_json
from workbench.cli.working import Working

if TYPE_CHECKING:
    from workbench.contracts.checking import Finding

__all__ = ["PANEL", "command"]

PANEL = "Keep"
_NAMED = 3


def command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of Python with a card of your own. It is run.")],
    name: Annotated[str, typer.Option("--class", metavar="NAME", help="The class that is meant, where there are several.")] = "",
    as_json: Json = False,
) -> Any:
    """Try a card of your own on all that cards keep: shapes, gradients, padding, seeds; exit code 1 where it breaks something."""
    from workbench.contracts.checking import check_file
    from workbench.paths import checked_path

    findings = []
    with Working(f"{file}: trying contracts") as told:
        for finding in check_file(checked_path(file, "workbench check-card: FILE"), name):
            findings.append(finding)
            told.say(
                f"{file}: {len(findings)} contracts tried, the last one{finding.on and f' on {finding.on}'}: {finding.contract}"
            )
    broken = [finding for finding in findings if finding.problem]
    if as_json:
        print_json([vars(finding) for finding in findings])
    else:
        _tell(broken)
        _conclude(findings, broken)
    return 1 if broken else None


def _tell(broken: Sequence[Finding]) -> None:
    """Each problem once, with the tasks that it was met on."""
    from rich.text import Text

    met: dict[tuple[str, str, str], list[str]] = {}
    for finding in broken:
        met.setdefault((finding.card, finding.contract, finding.problem), []).append(finding.on)
    for (card, contract, problem), tasks in met.items():
        on = f" ({', '.join(tasks[:_NAMED])}{', ...' * (len(tasks) > _NAMED)})" if tasks[0] else ""
        console().print(Text.assemble((f"{card}: {contract}", "bold"), f"\n    {problem}{on}"), soft_wrap=True)


def _conclude(findings: Sequence[Finding], broken: Sequence[Finding]) -> None:
    cards = ", ".join(dict.fromkeys(f"{finding.kind} {finding.card}" for finding in findings))
    tasks = len({finding.on for finding in findings if finding.on})
    on = f" on {tasks} tasks" if tasks else ""
    if broken:
        message(f"{cards}: {len(broken)} of {len(findings)} contracts{on} are broken.")
    else:
        message(f"{cards}: all {len(findings)} contracts{on} are kept.")
