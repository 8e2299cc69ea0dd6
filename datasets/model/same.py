"""What is computed of contracts once: an object as a key of what is remembered of it."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Same(Generic[T]):
    """An object as a key: equal to itself only.

    Contracts and their parts cannot be hashed by what they say, which would take longer than what is saved. They are never changed, so the
    object itself will do; a key that is kept keeps it alive, and no other object can come to have its identity.
    """

    __slots__ = ("of",)

    def __init__(self, of: T) -> None:
        self.of = of

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.of is other.of

    def __hash__(self) -> int:
        return id(self.of)
