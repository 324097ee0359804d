"""The one exception that users see: a sentence that names the file, row or key, what is wrong and what to do."""


class TibyanError(Exception):
    """Something in the user's input or parameters is wrong; `str(error)` is the whole message, without a traceback."""
