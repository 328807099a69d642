# SPDX-License-Identifier: MIT
"""The reference in HTML: reference_html.py check DIRECTORY reads its pages and looks after each link; reference_html.py extract PAGE
DIRECTORY writes the files that the front page shows, and prints the commands that it gives."""
import html.parser
import os
import sys

VOID = {"meta", "link", "br", "hr", "img"}
ELSEWHERE = "https://manpages.debian.org/"


class Page(html.parser.HTMLParser):
    """What a page has: anchors, links, code that is marked, and what is wrong with it."""

    def __init__(self, path):
        super().__init__()
        self.ids, self.links, self.code, self.faults, self.title = set(), [], [], [], ""
        self.open, self.marked = [], None
        with open(path, encoding="utf-8") as file:
            self.feed(file.read())
        self.close()
        if self.open:
            self.faults.append("not closed: %s" % self.open)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag not in VOID:
            self.open.append(tag)
        if "id" in attributes:
            if attributes["id"] in self.ids:
                self.faults.append("twice: id %s" % attributes["id"])
            self.ids.add(attributes["id"])
        if "href" in attributes:
            self.links.append(attributes["href"])
        if tag == "a" and "a" in self.open[:-1]:
            self.faults.append("a link in a link: %s" % attributes)
        for name in ("data-file", "data-run"):
            if name in attributes:
                self.marked = [name, attributes[name], ""]
                self.code.append(self.marked)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append("line %d: </%s> ends what it does not" % (self.getpos()[0], tag))
        if tag == "code":
            self.marked = None

    def handle_data(self, data):
        if self.marked:
            self.marked[2] += data
        if self.open[-1:] == ["title"]:
            self.title += data


def faults_of(name, page, pages, directory):
    faults = list(page.faults)
    for link in page.links:
        path, _, anchor = link.partition("#")
        if link.startswith(ELSEWHERE):
            if path[len(ELSEWHERE):].startswith("llnet"):
                faults.append("%s: that page is ours" % link)
        elif "//" in link:
            faults.append("%s: leads elsewhere" % link)
        elif path and not os.path.isfile(os.path.join(directory, path)):
            faults.append("%s: no such file" % link)
        elif anchor and anchor not in pages[path or name].ids:
            faults.append("%s: no such place" % link)
    if "@" in page.title or not page.title:
        faults.append("the title is '%s'" % page.title)
    return faults


def check(directory):
    names = sorted(name for name in os.listdir(directory) if name.endswith(".html"))
    pages = {name: Page(os.path.join(directory, name)) for name in names}
    reached, bad, links = {"index.html"}, 0, 0
    for name in names:
        for fault in faults_of(name, pages[name], pages, directory):
            print("%s: %s" % (name, fault))
            bad += 1
        links += len(pages[name].links)
    for link in pages["index.html"].links:
        reached.add(link.partition("#")[0])
    for name in set(names) - reached:
        print("%s: the front page does not lead there" % name)
        bad += 1
    print("%d pages, %d links, %d faults" % (len(names), links, bad))
    return bad == 0 and len(names) > 30


def extract(page, directory):
    for kind, name, text in Page(page).code:
        if kind == "data-file":
            with open(os.path.join(directory, name), "a", encoding="utf-8") as file:
                file.write(text)
        else:
            print("%s %s" % (name, text))
    return True


if __name__ == "__main__":
    sys.exit(0 if {"check": check, "extract": extract}[sys.argv[1]](*sys.argv[2:]) else 1)
