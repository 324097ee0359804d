"""What personal data looks like, as data. Patterns are Python `re`; doses, lab values, ages and dates must pass through all of them.

Phones, national ids and street addresses have rules of their own: phones.py, identifiers.py, addresses.py.
"""

import re
from dataclasses import dataclass

KINDS = ("PHONE", "EMAIL", "LINK", "HANDLE", "ID", "ADDRESS", "NAME")
PLACEHOLDER = re.compile(rf"\[(?:{'|'.join(KINDS)})\]")
MARKS = "\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff"  # bidi and zero-width marks stand inside numbers copied from phones
DIGIT = r"[0-9٠-٩۰-۹０-９]"
DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹０１２３４５６７８９", "0123456789" * 3)
TOP_LEVEL = (
    "com|net|org|info|edu|gov|me|co|io|app|link|site|online|shop|store|clinic|health|xyz|ly|gl|gle|example|"
    "eg|sa|ae|kw|qa|bh|om|iq|jo|lb|sy|ps|ye|sd|ma|dz|tn"
)
WITH_PATH = "be|tv|fm|us|uk|fr|de|ca|it|id|ai|page|live|to|cc|ws"  # words too: an address only where a path follows
IN_LINK = r"(?:[^\s،؛<>\"'\[\]\x00\u0621-\u064a]|(?<=[/=_\-.#\u0621-\u064a])[\u0621-\u064a])"  # Arabic written onto its end is text
LINK_END = r"(?<![a-zA-Z0-9](?=[\u0621-\u064a]))[^\s،؛<>\"'\[\]\x00.,!?؟:;)»…]"
AT = r"(?:\s?@\s?|\s?[(\[{]\s?(?:at|@)\s?[)\]}]\s?|\s(?:at|AT|آت|ات|أت|آتـ)\s)"
DOT = r"(?:\s?\.\s?|\s?[(\[{]\s?(?:dot|\.)\s?[)\]}]\s?|\s(?:dot|DOT|دوت|نقطة|point)\s)"
MAIL_HOST = "gmail|googlemail|hotmail|yahoo|outlook|live|icloud|msn|mail|protonmail|ymail|aol|جيميل|هوتميل|ياهو"
APPS = (
    "سنابي|انستاي|انستا|انستقرام|انستغرام|انستجرام|سناب|سناب شات|تيك توك|تيكتوك|تليجرام|تلجرام|تلغرام|تيليجرام|فيس|فيسبوك|الفيس|تويتر|يوزر|"
    "حسابي|صفحتي|"
    "insta|instagram|snap|snapchat|tiktok|telegram|twitter|facebook|fb|ig|user"
)


@dataclass(frozen=True)
class Pattern:
    """A kind of personal data, and the character or word class (see redaction.py) without which it need not be tried."""

    kind: str
    needs: str
    pattern: str
    why: str


# In this order: what an earlier one took, a later one does not see.
PATTERNS = (
    Pattern(
        "LINK",
        "link",
        rf"(?i:(?:https?|hxxps?)\s?:\s?//\s?|www\s?\.\s?){IN_LINK}*{LINK_END}(?:\s?\.\s?(?:com|net|org)(?!\w))?",
        "addresses with a scheme; the full stop behind them is the sentence's",
    ),
    Pattern(
        "EMAIL",
        "mail",
        rf"(?i)(?<![\w@.])(?:\w{{1,30}}(?:\s\.\s|\s(?:dot|دوت)\s)){{0,4}}\w[\w.%+-]{{0,63}}{AT}(?:{MAIL_HOST})(?:{DOT}(?:com|net|org|fr|كوم))?(?!\.?[a-z0-9])",
        "written out against robots: sara at gmail dot com",
    ),
    Pattern(
        "EMAIL",
        "mail",
        rf"(?i)(?<![\w@.])(?:[^\W_][\w.%+-]{{0,63}}|[a-z0-9][a-z0-9._%+-]{{0,63}} )@ ?"
        rf"[a-z0-9][a-z0-9-]*(?:\s?\.\s?(?:{TOP_LEVEL})(?![a-z0-9])|\.[a-z0-9-]+)+",
        "addresses of persons and clinics",
    ),
    Pattern(
        "HANDLE",
        "app",
        rf"(?i)(?:(?<=[\s:،(\n])|^)(?:{APPS})(?:\s?(?:هو|هي|اسمه))?\s?(?:[:=]\s?(?![\w.]*\.(?:com|net|org|me))[a-z][\w.]{{2,}}\w(?!\w*:)|\s(?![\w.]*\.(?:com|net|org|me))[a-z](?=[\w.]*[._])[\w.]{{2,}}\w(?!\w*:))",
        "account behind the name of an application; see ACCOUNT",
    ),
    Pattern(
        "LINK",
        "link",
        rf"(?i)(?<![\w@.])(?:[a-z0-9_-]+\.)+(?:(?:{TOP_LEVEL})(?![a-z0-9_]|\.[a-z0-9])(?::\d+)?"
        rf"(?:/(?:{IN_LINK}*{LINK_END})?)?|(?:{WITH_PATH})/{IN_LINK}*{LINK_END})",
        "addresses without a scheme: wa.me/2010…",
    ),
    Pattern(
        "LINK",
        "link",
        r"(?i)(?<![\w@.])[a-z0-9-]{3,}(?:\s\.\s?|\.\s|\sdot\s)(?:com|net|org)(?![a-z0-9])(?:/\S*)?",
        "a blank typed into the name of a site",
    ),
    Pattern(
        "LINK",
        "link",
        rf"(?i)(?<![\w@.])(?:fb|facebook|profile\.php|permalink\.php|story\.php|groups|posts)(?:/|\?){IN_LINK}*{LINK_END}",
        "Facebook profiles and posts without the host",
    ),
    Pattern("ID", "number", rf"(?<!{DIGIT}){DIGIT}{{8,}}(?:_{DIGIT}{{8,}})+", "a post of a page, a comment of a post"),
    Pattern(
        "HANDLE",
        "at",
        r"@(?<![\w@]@)(?:(?=[\w.]*[A-Za-z_])[\w.]*\w| ?(?=[\w.]*[\w.][._0-9])(?=[\w.]*[^\W\d_])[\w.]*\w|[^\W\d_]{3,})",
        "Latin accounts written onto the @; behind a blank or in Arabic only what no word looks like: @دكتورة_نور, but not @ الكل",
    ),
)
ACCOUNT = r"[A-Za-z][\w.]{2,}\w$"  # of an account behind an application only itself goes, not the application's name
