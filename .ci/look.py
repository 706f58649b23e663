# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check every page of build/docs in a browser, in the sizes of a desktop and a phone.

Called by `make look`. It writes a screenshot of each page to build/look/, and connects to this machine only.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import sys
import threading
import typing as t
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

from playwright.sync_api import Browser, Route, sync_playwright

SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
#: Turn background requests off.
OPTIONS = ["--disable-background-networking", "--disable-component-update", "--disable-quic", "--no-first-run"]
#: A word in the guides, for the search.
WORD = "prune"
#: Finds problems of the layout. An element may exceed the page only inside of an element with a scroll bar.
LAYOUT = """() => {
    const found = [], wide = Math.max(document.documentElement.scrollWidth, document.body.scrollWidth);
    if (wide > innerWidth) found.push(`the page is ${wide} px wide`);
    for (const image of document.images)
        if (!image.complete || !image.naturalWidth) found.push(`an image did not load: ${image.src.slice(0, 80)}`);
    const scrolls = (element) => {
        for (let at = element; at; at = at.parentElement)
            if (["auto", "scroll"].includes(getComputedStyle(at).overflowX)
                && at.getBoundingClientRect().right <= innerWidth + 1) return true;
        return false;
    };
    const check = (element, right, text) => {
        const over = (right - innerWidth).toFixed();
        if (over > 1 && !scrolls(element))
            found.push(`<${element.localName}> exceeds the page by ${over} px: ${text.trim().slice(0, 60)}`);
    };
    for (const element of document.querySelectorAll("pre, table, img")) {
        check(element, element.getBoundingClientRect().right, element.alt || element.innerText);
        const over = element.scrollWidth - element.clientWidth;
        if (over > 1 && !scrolls(element)) found.push(`<${element.localName}> is ${over} px wider than its frame`);
    }
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange();
    while (texts.nextNode()) {
        range.selectNodeContents(texts.currentNode);
        check(texts.currentNode.parentElement, range.getBoundingClientRect().right, texts.currentNode.data);
    }
    return found;
}"""
LINKS = "() => [...document.querySelectorAll('a[href]')].map((link) => link.href)"
IDS = "() => [...document.querySelectorAll('[id]')].map((element) => element.id)"


class Page(t.NamedTuple):
    """The link targets of a page, and the IDs that other pages can link to."""

    links: set[str]
    ids: set[str]


class Checker:
    """Checks the pages of a site in one size."""

    def __init__(self, browser: Browser, address: str, size: tuple[int, int]) -> None:
        self.found: list[str] = []
        self._address = address
        self._current = ""
        self.page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        self.page.route("**/*", self._only_this_site)
        self.page.on("console", lambda message: self._note(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self._note(str(error)))
        self.page.on("response", lambda answer: self._note(f"{answer.status}: {answer.url}") if not answer.ok else None)

    def _note(self, problem: str) -> None:
        self.found.append(f"{self._current}: {problem}")

    def _only_this_site(self, route: Route) -> None:
        if route.request.url.startswith((self._address, "data:")):
            route.continue_()
        else:
            self._note(f"requests {route.request.url}")
            route.abort()

    def look(self, name: str, screenshot: Path) -> Page:
        """Check a page and make a screenshot of it."""
        self._current = name
        self.page.goto(f"{self._address}/{name}", wait_until="load")
        for problem in self.page.evaluate(LAYOUT):
            self._note(problem)
        screenshot.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=screenshot, full_page=True)
        return Page(set(self.page.evaluate(LINKS)), set(self.page.evaluate(IDS)))

    def search(self) -> None:
        """Check that the search finds something."""
        self._current = "search.html"
        self.page.goto(f"{self._address}/search.html?q={WORD}")
        with contextlib.suppress(Exception):
            self.page.wait_for_selector("ul.search li a", timeout=10_000)
        if not self.page.query_selector("ul.search li a"):
            self._note(f"the search does not find {WORD!r}")


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files without logging."""

    def log_message(self, *_arguments: t.Any) -> None:
        pass


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder and yield its URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(QuietHandler, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def dead_links(pages: t.Mapping[str, Page], address: str, site: Path) -> Iterator[str]:
    """Yield the links within the site that have no target."""
    for name, page in pages.items():
        for link in sorted(page.links):
            url, fragment = urldefrag(link)
            if not url.startswith(f"{address}/"):
                continue
            path = unquote(urlsplit(url).path).lstrip("/") or "index.html"
            target = pages.get(path)
            if target is None and not (site / path).is_file():
                yield f"{name}: there is no {path}"
            elif target is not None and fragment and unquote(fragment) not in target.ids:
                yield f"{name}: there is no {path}#{fragment}"


def look(site: Path, screenshots: Path, program: str) -> list[str]:
    """Return the problems of a site."""
    names = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    found = [] if names else [f"there are no pages in {site}"]
    shutil.rmtree(screenshots, ignore_errors=True)
    with served(site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        for size, pixels in SIZES.items():
            checker = Checker(browser, address, pixels)
            pages = {name: checker.look(name, screenshots / size / Path(name).with_suffix(".png")) for name in names}
            checker.search()
            found += [f"{size}: {problem}" for problem in checker.found]
        found += dead_links(pages, address, site)
        browser.close()
    print(f"Checked {len(names)} pages in {len(SIZES)} sizes. The screenshots are in build/look/.")
    return found


def main() -> int:
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        sys.exit("There is no Chromium on this machine. On Debian: apt-get install chromium")
    build = Path(os.environ["CHECKOUT"]) / "build"
    found = look(build / "docs", build / "look", program)
    print("\n".join(found) or "No problems found.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
