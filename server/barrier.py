"""Who is known and may not read yet, or no more, is told so here, before any route is asked.

What waits for an agreement is not in the visitor's catalogue, so that no route can give it away. This only says why.
"""

from __future__ import annotations

from server.answer import Answer
from server.errors import problem
from server.visit import Visit

# What somebody whose contract has ended may still come to: its own affairs, and what is about the service itself.
STILL_OPEN = ("/licence", "/me", "/health", "/privacy", "/accessibility", "/favicon.ico", "/robots.txt", "/with-key",
              "/sign-in", "/sign-in/callback", "/sign-out")
STILL_OPEN_UNDER = ("/licence/", "/static/")


def turned_away(visit: Visit) -> Answer | None:
    """The 403 for a layer that waits, or for all of a contract that has ended; None where the visit goes on.

    It is made of what was asked for and of nothing that is in the store.
    """
    terms, path = visit.terms, visit.request.path
    if terms is None:
        return None
    if terms.ended is not None:
        if path.rstrip("/") in STILL_OPEN or path.startswith(STILL_OPEN_UNDER):
            return None
        ended = f"{terms.ended:%-d %B %Y}"
        return _refused(visit, f"The contract of this credential ended on {ended}. What it still opens is "
                               f"{visit.base}/licence and {visit.base}/me.")
    steps = path.split("/", 3)
    if len(steps) > 2 and steps[1] == "collections" and terms.waits(steps[2]):
        return _refused(visit, f"`{steps[2]}` opens when your organisation has accepted its licence. Read and accept "
                               f"it at {visit.base}/licence.")
    return None


def _refused(visit: Visit, sentence: str) -> Answer:
    answer = problem(visit, 403, sentence, licence=f"{visit.base}/licence")
    answer.headers.append(("link", f'<{visit.base}/licence>; rel="license"; type="text/html"'))
    return answer
