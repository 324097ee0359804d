"""Write docs/report.png, the head of reports/report.html as headless Chromium shows it. Usage: python benchmarks/report_picture.py"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

REPORT, PICTURE = Path("reports/report.html"), Path("docs/report.png")
VIEW = {"width": 1280, "height": 1500}


def main() -> None:
    """Chromium is Debian's: playwright's own cannot be downloaded everywhere."""
    browser = shutil.which("chromium")
    if browser is None or not REPORT.exists():
        sys.exit(f"{REPORT} and Debian's chromium are needed: `dvc repro`, `apt-get install chromium`.")
    with sync_playwright() as playwright:
        window = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = window.new_page(viewport=VIEW, color_scheme="light")  # type: ignore[arg-type]
        page.goto(REPORT.resolve().as_uri())
        page.screenshot(path=PICTURE)
        window.close()
    print(PICTURE)


if __name__ == "__main__":
    main()
