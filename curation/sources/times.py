"""When something was written, as dumps write it."""

import re
from datetime import UTC, datetime, timedelta, timezone

ZONES = {"UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}  # CrowdTangle's
_zoned = re.compile(r"(.+\d) ?([A-Z]{3})$")
MILLISECONDS = 10**11  # seconds since 1970 reach this in the year 5138


def timestamp(value: str | None) -> datetime | None:
    """ISO 8601 with or without zone, `2021-07-06 16:45:20 EDT`, or (milli)seconds since 1970, in UTC; None where it cannot be told."""
    if not value:
        return None
    try:
        if value.isascii() and value.isdigit() and 9 <= len(value) <= 14:
            number = int(value)
            time = datetime.fromtimestamp(number / 1000 if number >= MILLISECONDS else number, UTC)
        elif (zoned := _zoned.match(value)) and zoned[2] in ZONES:
            time = datetime.fromisoformat(zoned[1]).replace(tzinfo=timezone(timedelta(hours=ZONES[zoned[2]])))
        else:
            time = datetime.fromisoformat(value)
        return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time
    except (ValueError, OverflowError, OSError):
        return None
