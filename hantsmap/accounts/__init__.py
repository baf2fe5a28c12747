"""Accounts: keys and sessions that put a request into an audience, who accepted what, and who read what. No web."""

from hantsmap.accounts.acceptances import Party
from hantsmap.accounts.accounts import Accounts, default_url
from hantsmap.accounts.errors import AccountsError
from hantsmap.accounts.journal import Read
from hantsmap.accounts.keys import Issued, Key
from hantsmap.accounts.pulls import Pull, UsedKey
from hantsmap.accounts.receipts import Receipt
from hantsmap.accounts.sessions import Session
from hantsmap.accounts.tokens import KEY_PATTERN
from hantsmap.accounts.usage import AnonymousDay, Forgotten, Reader, Usage

__all__ = ["KEY_PATTERN", "Accounts", "AccountsError", "AnonymousDay", "Forgotten", "Issued", "Key", "Party", "Pull",
           "Read", "Reader", "Receipt", "Session", "Usage", "UsedKey", "default_url"]
