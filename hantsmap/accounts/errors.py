"""What can go wrong with the accounts."""

from hantsmap.errors import HantsMapError


class AccountsError(HantsMapError):
    """The accounts cannot be opened, read or written, or what is asked of a key cannot be done."""

    exit_code = 8
