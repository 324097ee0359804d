"""What goes wrong with the Hub, as one sentence with what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from curation.errors import TibyanError

HINTS = {
    401: "Log in with `hf auth login`",
    403: "Ask for the right to write there",
    412: "Somebody else wrote meanwhile: look at it, then run it again",
}


@contextmanager
def hub_errors(repo: str) -> Iterator[None]:
    """What goes wrong with the Hub as one sentence."""
    try:
        yield
    except OfflineModeIsEnabled:
        raise TibyanError("HF_HUB_OFFLINE is set: the Hub is not asked. Unset it.") from None
    except RepositoryNotFoundError:
        raise TibyanError(f"{repo}: not there, or not yours to see. Mend the name, or log in with `hf auth login`.") from None
    except RevisionNotFoundError:
        raise TibyanError(f"{repo}: has no such revision. Name a tag or a commit of it.") from None
    except HFValidationError:
        raise TibyanError(f"--repo {repo}: write ORG/NAME, letters, digits, '-', '_' and '.'.") from None
    except (httpx2.HTTPError, OSError, RuntimeError) as error:
        answer = _answer(error)
        if answer is None:
            raise TibyanError(f"{repo}: the connection broke. Run it again: what was uploaded is not uploaded twice.") from None
        status, why = answer.response.status_code, answer.server_message or answer.response.reason_phrase
        raise TibyanError(f"{repo}: the Hub answers {status} ({why}). {HINTS.get(status, 'Run it again')}.") from None
    except ValueError as error:  # of the card's metadata
        why = " ".join(str(error).split())
        raise TibyanError(f"{repo}: the Hub does not take it ({why}). Mend card.md.jinja, then `dvc repro build`.") from None


def _answer(error: BaseException) -> HfHubHTTPError | None:
    """What the Hub said: of a large file huggingface_hub tells it as the cause."""
    return next((e for e in (error, error.__cause__) if isinstance(e, HfHubHTTPError)), None)


def is_refusal(error: Exception) -> bool:
    """Whether the Hub, or huggingface_hub before it, said no; else it broke off."""
    answer = _answer(error)
    return isinstance(error, ValueError) if answer is None else answer.response.status_code < 500
