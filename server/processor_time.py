"""How much processor time one client may use: costly questions are charged by what they took, not by their number."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

from server.limits import CLIENTS, Kind, Rate


class ProcessorTime:
    """Seconds that each client has left, in bounded memory: the clients not seen for longest are forgotten first.

    `rates` are in seconds: so many in a minute, and so many at once. A client that has used more waits until its
    balance is above 0 again.
    """

    def __init__(self, rates: Mapping[Kind, Rate], now: Callable[[], float] = time.monotonic) -> None:
        self._rates, self._now = rates, now
        self._balances: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def spend(self, client: str, kind: Kind, seconds: float) -> None:
        """Charge a client for processor time."""
        with self._lock:
            rate, name = self._rates[kind], f"{kind} {client}"
            balance = max(self._balance(name, rate) - max(seconds, 0.0), -rate.burst)
            self._balances[name] = balance, self._now()
            self._balances.move_to_end(name)
            if len(self._balances) > CLIENTS:
                self._balances.popitem(last=False)

    def wait(self, client: str, kind: Kind) -> float:
        """After how many seconds a client may ask the next costly question; 0 for at once."""
        with self._lock:
            rate = self._rates[kind]
            return max(0.0, -self._balance(f"{kind} {client}", rate) * 60 / rate.per_minute)

    def _balance(self, name: str, rate: Rate) -> float:
        known = self._balances.get(name)
        if known is None:
            return rate.burst
        balance, then = known
        return min(rate.burst, balance + max(0.0, self._now() - then) * rate.per_minute / 60)
