# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at every page of build/docs in a browser, as wide as a desk's screen and as a phone's, and says what is broken.

Called by `make look`. Leaves a picture of each page in build/look/, for people to look at. Talks to this machine only.
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

SIZES = {"desk": (1440, 900), "phone": (390, 844)}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
#: For quiet: nothing is to be looked for elsewhere.
OPTIONS = ["--disable-background-networking", "--disable-component-update", "--disable-quic", "--no-first-run"]
#: A word that the guides have, for the search.
WORD = "prune"
#: What is wrong with the layout of a page. Whatever sticks out has to be within something that has a scroll bar.
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
    const see = (element, right, what) => {
        const over = (right - innerWidth).toFixed();
        if (over > 1 && !scrolls(element))
            found.push(`<${element.localName}> sticks out by ${over} px: ${what.trim().slice(0, 60)}`);
    };
    for (const element of document.querySelectorAll("pre, table, img")) {
        see(element, element.getBoundingClientRect().right, element.alt || element.innerText);
        const over = element.scrollWidth - element.clientWidth;
        if (over > 1 && !scrolls(element)) found.push(`<${element.localName}> is ${over} px wider than its frame`);
    }
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange();
    while (texts.nextNode()) {
        range.selectNodeContents(texts.currentNode);
        see(texts.currentNode.parentElement, range.getBoundingClientRect().right, texts.currentNode.data);
    }
    return found;
}"""
LINKS = "() => [...document.querySelectorAll('a[href]')].map((link) => link.href)"
IDS = "() => [...document.querySelectorAll('[id]')].map((element) => element.id)"


class Seen(t.NamedTuple):
    """What a page has for other pages: the addresses that it links to, and the places that can be linked to."""

    links: set[str]
    ids: set[str]


class Looking:
    """A look at the pages of a site, in one size."""

    def __init__(self, browser: Browser, address: str, size: tuple[int, int]) -> None:
        self.found: list[str] = []
        self._address = address
        self._at = ""
        self.page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        self.page.route("**/*", self._only_this_site)
        self.page.on("console", lambda message: self._note(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self._note(str(error)))
        self.page.on("response", lambda answer: self._note(f"{answer.status}: {answer.url}") if not answer.ok else None)

    def _note(self, what: str) -> None:
        self.found.append(f"{self._at}: {what}")

    def _only_this_site(self, route: Route) -> None:
        if route.request.url.startswith((self._address, "data:")):
            route.continue_()
        else:
            self._note(f"asks for {route.request.url}")
            route.abort()

    def look(self, name: str, picture: Path) -> Seen:
        """One page, and a picture of it."""
        self._at = name
        self.page.goto(f"{self._address}/{name}", wait_until="load")
        for problem in self.page.evaluate(LAYOUT):
            self._note(problem)
        picture.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=picture, full_page=True)
        return Seen(set(self.page.evaluate(LINKS)), set(self.page.evaluate(IDS)))

    def search(self) -> None:
        """Whether the search finds something."""
        self._at = "search.html"
        self.page.goto(f"{self._address}/search.html?q={WORD}")
        with contextlib.suppress(Exception):
            self.page.wait_for_selector("ul.search li a", timeout=10_000)
        if not self.page.query_selector("ul.search li a"):
            self._note(f"the search does not find {WORD!r}")


class Quiet(SimpleHTTPRequestHandler):
    """Files, and no word about them."""

    def log_message(self, *_arguments: t.Any) -> None:
        pass


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address at which a folder can be seen."""
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def dead_links(seen: t.Mapping[str, Seen], address: str, site: Path) -> Iterator[str]:
    """The links within the site that lead nowhere."""
    for name, page in seen.items():
        for link in sorted(page.links):
            place, fragment = urldefrag(link)
            if not place.startswith(f"{address}/"):
                continue
            path = unquote(urlsplit(place).path).lstrip("/") or "index.html"
            known = seen.get(path)
            if known is None and not (site / path).is_file():
                yield f"{name}: there is no {path}"
            elif known is not None and fragment and unquote(fragment) not in known.ids:
                yield f"{name}: there is no {path}#{fragment}"


def look(site: Path, pictures: Path, program: str) -> list[str]:
    """All that is wrong with a site."""
    names = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    found = [] if names else [f"there are no pages in {site}"]
    shutil.rmtree(pictures, ignore_errors=True)
    with served(site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        for size, pixels in SIZES.items():
            looking = Looking(browser, address, pixels)
            seen = {name: looking.look(name, pictures / size / Path(name).with_suffix(".png")) for name in names}
            looking.search()
            found += [f"{size}: {problem}" for problem in looking.found]
        found += dead_links(seen, address, site)
        browser.close()
    print(f"Looked at {len(names)} pages in {len(SIZES)} sizes. Their pictures are in build/look/.")
    return found


def main() -> int:
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        sys.exit("There is no Chromium on this machine. On Debian: apt-get install chromium")
    build = Path(os.environ["CHECKOUT"]) / "build"
    found = look(build / "docs", build / "look", program)
    print("\n".join(found) or "Nothing is broken.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
