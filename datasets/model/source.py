"""Where numbers come from that their publisher did not count itself."""

from __future__ import annotations

from pydantic import field_validator

from datasets.model.table_schema import Strict, Translations


class Source(Strict):
    """A publication that the numbers are taken from, in the words of the Data Package."""

    title: str
    """Its name in Vietnamese."""
    titles: Translations | None = None
    """Its name in English and French."""
    path: str | None = None
    """Its address, beginning with https:// or http://."""

    @field_validator("path")
    @classmethod
    def _path(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("https://", "http://")):
            raise ValueError("write an address, like https://www.nso.gov.vn/")
        return value

    @property
    def in_languages(self) -> dict[str, str]:
        """Its name by language; what is not translated stands in English, else in Vietnamese."""
        english = self.titles.en if self.titles else self.title
        return {"vi": self.title, "en": english, "fr": (self.titles.fr if self.titles else None) or english}
