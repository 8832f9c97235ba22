"""What the datasets that read a person's files have in common. Not a card."""

from __future__ import annotations

from abc import abstractmethod
from typing import Generic, TypeVar

from workbench.cards import Carried, Dataset, DatasetCard, SourceFile, Task
from workbench.cards.card import C

__all__ = ["FileCard"]

D = TypeVar("D", bound=Dataset)


class FileCard(DatasetCard[C], Generic[C, D]):
    """A dataset from the file or files that `data.path` names, or, where it is empty, from included ones, if there are any.

    A model carries the task as it was and the files' digests, so it answers without them, and knows when they have changed.
    """

    paths = ("path",)

    @classmethod
    @abstractmethod
    def sources(cls, config: C) -> tuple[SourceFile, ...]:
        """The files as they are now.

        Raises:
            DataError: one cannot be read.
        """

    @classmethod
    @abstractmethod
    def task_of(cls, config: C, sources: tuple[SourceFile, ...]) -> Task:
        """What is asked of files.

        Raises:
            DataError: they are damaged, or do not hold what the settings want.
        """

    @classmethod
    @abstractmethod
    def dataset(cls, config: C, carried: Carried, *, accept_changed: bool = False) -> D:
        """The dataset as a model knows it that carries this; its files are read when batches are asked for."""

    @classmethod
    def task(cls, config: C) -> Task:
        """What is asked of the files as they are now."""
        return cls.task_of(config, cls.sources(config))

    @classmethod
    def carried(cls, config: C) -> Carried:
        """The task, and the files where they are the user's own."""
        sources = cls.sources(config)
        return Carried(cls.task_of(config, sources), sources if getattr(config, "path", "") else ())

    @classmethod
    def open(cls, config: C) -> D:
        """The files as they are now."""
        return cls.dataset(config, cls.carried(config))

    @classmethod
    def open_carried(cls, config: C, carried: Carried, *, accept_changed: bool = False) -> D:
        """What is carried; the files are read when batches are asked for."""
        return cls.dataset(config, carried, accept_changed=accept_changed)
