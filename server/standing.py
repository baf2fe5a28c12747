"""Where somebody known stands: its organisation and contract, what was accepted, and what has yet to be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from hantsmap.access import last_day
from hantsmap.agreements import Agreement
from hantsmap.catalogue import Catalogue
from hantsmap.store import Outline
from server import links
from server.visit import Visit

if TYPE_CHECKING:
    from hantsmap.accounts import Accounts, Party, Receipt


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody known: a visit, and the accounts that know it. `org` is empty where a sign-in names no organisation."""

    visit: Visit
    accounts: Accounts

    @property
    def org(self) -> str:
        """The organisation, or an empty text."""
        return (self.visit.viewer.org or "").strip()

    @property
    def audience(self) -> str:
        """The audience that it reads as."""
        return self.visit.viewer.audience

    @property
    def title(self) -> str:
        """The audience in words."""
        known = self.visit.served.site.audiences.get(self.audience)
        return known.title if known else self.audience

    @property
    def until(self) -> date | None:
        """The last day of the contract, or None where it has none."""
        return last_day(self.visit.served.site.audiences, self.audience)

    @property
    def ended(self) -> bool:
        """Whether that day is over."""
        return self.visit.terms is not None and self.visit.terms.ended is not None

    @property
    def catalogue(self) -> Catalogue:
        """What the audience may see, with what waits for an agreement."""
        return self.visit.served.catalogue(self.audience)

    @property
    def areas(self) -> list[Outline]:
        """The areas of the contract, for a sketch."""
        site = self.visit.served.site
        return [site.outlines[name] for name in site.areas.get(self.audience, ()) if name in site.outlines]

    @property
    def coming(self) -> bool:
        """Whether something is asked whose text is not known yet: it is published a moment after the layers."""
        return any(self.agreement(name) is None for name in self.catalogue.asked)

    def agreement(self, name: str) -> Agreement | None:
        """An agreement that this audience is asked for, as it is now."""
        return self.visit.served.site.agreements.get(name) if name in self.catalogue.asked else None

    def party(self, address: str) -> Party:
        """Who would accept."""
        from hantsmap.accounts import Party

        return Party(self.org, self.audience, self.title, self.until, self.visit.viewer.who or "", address)

    def receipts(self) -> tuple[Receipt, ...]:
        """What the organisation has accepted and confirmed for this contract, oldest first."""
        return self.accounts.receipts_of(self.org, self.audience) if self.org else ()

    def contract(self) -> dict[str, Any]:
        """The contract: audience, last day and areas, in words."""
        return {"audience": self.audience, "title": self.title, "until": self.until and self.until.isoformat(),
                "ended": self.ended, "areas": [area.title for area in self.areas]}

    def licences(self, receipts: tuple[Receipt, ...], *, texts: bool) -> list[dict[str, Any]]:
        """What is asked now, each with its layers and whether it is accepted; `texts` puts the whole text in."""
        found = []
        for name, layers in self.catalogue.asked.items():
            agreement = self.agreement(name)
            if agreement is None:
                continue  # its text is on its way: until then nobody can accept it, and the layers wait
            given = next((each for each in receipts if each.kind == "accepted" and each.agreement == name
                          and (each.version, each.text_sha256) == (agreement.version, agreement.digest)), None)
            entries = self.catalogue.entries
            found.append({
                "id": name, "title": agreement.title, "version": agreement.version, "text_sha256": agreement.digest,
                "purpose": agreement.purpose, **({"text": agreement.text} if texts else {}),
                "layers": [{"id": layer, "title": entries[layer].rendition.description.title} for layer in layers],
                "state": "accepted" if given else "waiting", "receipt": self.brief(given) if given else None,
                "links": [] if given else [links.link(
                    f"{self.visit.base}/licence/{quote(name)}", "edit", links.JSON, "Accept it with POST")]})
        return found

    def brief(self, receipt: Receipt) -> dict[str, Any]:
        """A receipt in a list: what it is of, when, by whom, and where the whole of it is."""
        plain = receipt.plain
        kept = ("id", "kind", "agreement", "title", "version", "statement", "given_at", "given_by", "confirmed_by")
        return {**{name: plain[name] for name in kept},
                "href": f"{self.visit.base}/licence/receipts/{quote(receipt.id)}"}
