"""Secret keys of keyed hashes: in the environment or in a file that git ignores, never in a commit."""

import os
import re
import secrets
from pathlib import Path

from curation.errors import TibyanError

KEY_BYTES = 32


def find_key(file: Path, variable: str) -> bytes | None:
    """The key from the environment, else from the file; None when there is neither. Raises TibyanError where it is no key."""
    text = os.environ.get(variable)
    where = f"the environment's {variable}" if text else str(file)
    if not text:
        try:
            text = file.read_text(encoding="ascii")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError):
            text = ""
    if not re.fullmatch(rf"[0-9a-fA-F]{{{2 * KEY_BYTES}}}", text.strip()):
        raise TibyanError(f"{where}: holds no key, {2 * KEY_BYTES} hex digits. Put the one there that the hashes were made with.")
    return bytes.fromhex(text.strip())


def new_key(file: Path) -> bytes:
    """A key that was not there before, for its owner's eyes alone. Raises FileExistsError where there is one."""
    key = secrets.token_hex(KEY_BYTES)
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as handle:
        handle.write(key + "\n")
    return bytes.fromhex(key)
