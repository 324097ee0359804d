"""Presidio's phone and e-mail recognisers over texts: seconds and spans. Runs under an environment of its own (privacy_speed.py).

JSON in: `texts` to time and `passes`, `cases` to find spans in. JSON out: `seconds` of each pass, `spans` (start, end, kind) by case.
"""

import json
import sys
import time

from presidio_analyzer.predefined_recognizers import EmailRecognizer, PhoneRecognizer
from tldextract import tldextract

# The members of the Arab League.
REGIONS = "DZ,BH,KM,DJ,EG,IQ,JO,KW,LB,LY,MR,MA,OM,PS,QA,SA,SO,SD,SY,TN,AE,YE"
# Its e-mail check would ask the network for the list of public suffixes; the one in the package will do.
tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def main() -> None:
    """Time the passes, then look at the cases."""
    phones, mails = PhoneRecognizer(supported_regions=REGIONS.split(",")), EmailRecognizer()

    def find(text: str) -> list[tuple[int, int, str]]:
        found = [(r.start, r.end, "PHONE") for r in phones.analyze(text, ["PHONE_NUMBER"], None)]
        return found + [(r.start, r.end, "EMAIL") for r in mails.analyze(text, ["EMAIL_ADDRESS"], None)]

    asked = json.load(sys.stdin)
    seconds = []
    for _ in range(asked["passes"]):
        start = time.perf_counter()
        for text in asked["texts"]:
            find(text)
        seconds.append(time.perf_counter() - start)
    json.dump({"seconds": seconds, "spans": [find(text) for text in asked["cases"]]}, sys.stdout)


if __name__ == "__main__":
    main()
