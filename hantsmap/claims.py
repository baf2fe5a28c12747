"""The claims of an identity provider that gave somebody an audience: kept with a session, checked on each request."""

from __future__ import annotations

from collections.abc import Sequence

from hantsmap.access import Value
from hantsmap.layer import SignIn


class Claims(Value):
    """The values of one claim that the registry mapped to an audience when somebody signed in.

    `name` is the claim, `values` are its mapped values, sorted; `organisation` is the name of the organisation's claim.
    """

    name: str
    values: tuple[str, ...]
    organisation: str | None = None

    @classmethod
    def of(cls, rule: SignIn, values: Sequence[object]) -> Claims:
        """Those of `values` that the rule maps. Values that open nothing are not kept."""
        mapped = {value for value in values if isinstance(value, str) and value in rule.map}
        return cls(name=rule.claim, values=tuple(sorted(mapped)), organisation=rule.organisation_claim)

    def audiences(self, rule: SignIn | None) -> list[str]:
        """The audiences that these values give under a rule, sorted; none if the rule now reads other claims."""
        if rule is None or (rule.claim, rule.organisation_claim) != (self.name, self.organisation):
            return []
        return sorted({rule.map[value] for value in self.values if value in rule.map})
