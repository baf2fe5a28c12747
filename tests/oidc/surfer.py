"""A browser, as far as signing in needs one: cookies, redirects and forms, over real HTTP."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

SECONDS = 15
MOST_STEPS = 15


class Form(HTMLParser):
    """The first form of a page: where it goes, and what it holds."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action, self.method = "", "get"
        self.fields: dict[str, str] = {}
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form" and not self.action:
            self.action, self.method, self._inside = said.get("action", ""), said.get("method", "get"), True
        elif tag == "input" and self._inside and "name" in said:
            self.fields[said["name"]] = said.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "form"


class Surfer:
    """Follows redirects one by one, so that each answer and its cookies can be looked at."""

    def __init__(self) -> None:
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Accept"] = "text/html,application/xhtml+xml,*/*;q=0.8"
        self.answers: list[requests.Response] = []

    def get(self, url: str, until: Callable[[str], bool] = lambda _: False) -> requests.Response:
        """Go to an address and on where it leads; stop before an address that `until` says."""
        return self._follow(self._send("GET", url), until)

    def post(self, url: str, fields: dict[str, str], until: Callable[[str], bool] = lambda _: False,
             **headers: str) -> requests.Response:
        """Send a form, as a browser does from a page of the same origin."""
        origin = "/".join(url.split("/")[:3])
        sent = {"Origin": origin, "Sec-Fetch-Site": "same-origin"} | {
            name.replace("_", "-"): value for name, value in headers.items()}
        return self._follow(self._send("POST", url, fields, sent), until)

    def sign_in(self, url: str, who: str, until: Callable[[str], bool] = lambda _: False) -> requests.Response:
        """Go to an address, and fill in the provider's forms as this person until there are none left."""
        answer = self.get(url, until)
        for _ in range(3):
            form = Form(answer.text)
            if answer.is_redirect or form.method != "post" or "prompt" not in form.fields:
                break
            filled = {"login": who, "password": "any"} if "login" in form.fields else {}
            answer = self.post(urljoin(answer.url, form.action), form.fields | filled, until)
        return answer

    def cookies(self) -> dict[str, str]:
        """What this browser keeps of ours."""
        return {cookie.name: cookie.value or "" for cookie in self.session.cookies if "hantsmap" in cookie.name}

    def _follow(self, answer: requests.Response, until: Callable[[str], bool]) -> requests.Response:
        for _ in range(MOST_STEPS):
            if not answer.is_redirect:
                return answer
            address = urljoin(answer.url, answer.headers["Location"])
            if until(address):
                return answer
            answer = self._send("GET", address)
        raise RuntimeError("This leads nowhere.")

    def _send(self, method: str, url: str, fields: dict[str, str] | None = None,
              headers: dict[str, str] | None = None) -> requests.Response:
        answer = self.session.request(method, url, data=fields, headers=headers, allow_redirects=False, timeout=SECONDS)
        self.answers.append(answer)
        return answer
