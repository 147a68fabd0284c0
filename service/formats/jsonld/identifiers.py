"""What things are called in linked data, and where they are found."""

from __future__ import annotations

from dataclasses import dataclass

URN = "urn:policy-claims:"


@dataclass(frozen=True, slots=True)
class Names:
    """Identifiers: addresses behind ``public_url`` where that is set, else URNs.

    A URN says the same wherever a document is read or kept; an address that
    was made from a request would change with whoever asked.
    """

    public_url: str

    @property
    def space(self) -> str:
        """What every identifier begins with."""
        return f"{self.public_url}/v1/" if self.public_url else URN

    def of(self, kind: str, identifier: str, part: str = "") -> str:
        """The identifier of a record, or of a part of it.

        ``kind`` is the part of the record's path before its id.
        """
        joint = "/" if self.public_url else ":"
        return f"{self.space}{kind}{joint}{identifier}{part and '#'}{part}"

    def dataset(self, version: str) -> str:
        """The identifier of the data set; without an address, of this version of it."""
        return f"{self.public_url}/v1/dataset" if self.public_url else f"{URN}dataset:{version}"

    def address(self, path: str) -> str:
        """Where something is found; relative to the document where no address is known."""
        return f"{self.public_url}{path}"
