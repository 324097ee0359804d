"""CrowdTangle's export of pages and groups (CSV): posts without their comments."""

from collections.abc import Iterator

from curation.sources.dump import Dump, Head, Item, Reject
from curation.sources.layout import Layout, post_of
from curation.sources.rows import csv_rows

NAME = "crowdtangle"
AUTHORS = True
POST = Layout(
    text="Message|Description|Image Text|Link Text",
    native_id="URL",
    author="Facebook Id",
    author_name="Page Name|Group Name|User Name",
    time="Post Created|Post Created Date",
)


def recognises(head: Head, dump: Dump) -> bool:
    return {"Post Created", "Total Interactions", "Message"} <= set(head.header)


def read(dump: Dump) -> Iterator[Item]:
    for found in csv_rows(dump):
        yield found if isinstance(found, Reject) else post_of(found[1], POST, found[0])
