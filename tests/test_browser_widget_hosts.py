"""The widget on pages of every kind: strict, hostile, old, small, foreign, forged; and each of its options."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from serving_support import Site
from widget_support import Portal, Reader, portal_and_service

pytestmark = pytest.mark.browser

LOANS = "2024年重庆贷款余额是多少？"
MARK = "window.hacked = 1"
HOSTILE_CSS = """<style>
  * { all: unset !important; display: none !important; pointer-events: none !important; }
  *::before, *::after { content: "X" !important; position: fixed !important; inset: 0 !important; background: red !important; }
  wfc-chat { opacity: 0 !important; transform: scale(0) !important; visibility: hidden !important; clip-path: inset(50%) !important; }
  button, iframe, dialog { width: 1px !important; height: 1px !important; filter: blur(9px) !important; }
  html { display: block !important; font-size: 3px !important; direction: rtl !important; line-height: 9 !important; color: red !important; }
  body { display: block !important; transform: scale(.5) !important; overflow: hidden !important; }
</style>"""


@pytest.fixture(scope="module")
def both(home_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Portal, Site]]:
    with portal_and_service(home_index, tmp_path_factory.mktemp("data")) as both:
        yield both


class Hosts:
    """Makes pages of the portal and readers on them; a page that logs an error fails its test."""

    def __init__(self, browser: Browser, portal: Portal, site: Site) -> None:
        self.browser, self.portal, self.site = browser, portal, site
        self.readers: list[Reader] = []

    def tag(self, options: str = "", site: str = "bank") -> str:
        return f'<script src="{self.site.url}widget/v1.js" data-site="{site}" {options}></script>'

    def reader(self, body: str, page: dict[str, str] | None = None, **options: Any) -> Reader:
        reader = Reader(self.browser, self.portal.put(body, **(page or {})), **options)
        self.readers.append(reader)
        return reader


@pytest.fixture
def hosts(browser: Browser, both: tuple[Portal, Site]) -> Iterator[Hosts]:
    hosts = Hosts(browser, *both)
    yield hosts
    for reader in hosts.readers:
        reader.leave()
        assert reader.complaints == []


def box(reader: Reader, selector: str) -> dict[str, float]:
    found = reader.page.locator(selector).first.bounding_box()
    assert found
    return {key: round(value) for key, value in found.items()}


def test_a_strict_policy_of_the_host_page_suffices(hosts: Hosts) -> None:
    """No inline style, no inline script, no eval, trusted types enforced."""
    own = hosts.site.url.rstrip("/")
    policy = (
        f"default-src 'none'; script-src {own}; connect-src {own}; frame-src {own};"
        " require-trusted-types-for 'script'; trusted-types 'none'"
    )
    reader = hosts.reader(hosts.tag(), {"policy": policy})
    reader.open()
    expect(reader.ask(LOANS).locator(".sentence").first).to_contain_text("5.81万亿元")


def test_no_style_of_the_host_page_reaches_the_widget(hosts: Hosts) -> None:
    """Launcher and panel have the very place, size and look that they have on an empty page."""
    plain, hostile = hosts.reader(hosts.tag()), hosts.reader(hosts.tag(), {"head": HOSTILE_CSS})
    look = "element => { const s = getComputedStyle(element); return [s.backgroundColor, s.opacity, s.filter, s.direction, s.fontSize, s.pointerEvents]; }"
    assert box(plain, ".launcher") == box(hostile, ".launcher")
    for reader in (plain, hostile):
        reader.open()
        reader.page.wait_for_function("document.getAnimations().length === 0")
    for selector in ("wfc-chat .launcher", "wfc-chat dialog", "wfc-chat iframe"):
        assert box(plain, selector) == box(hostile, selector)
        assert plain.page.locator(selector).evaluate(look) == hostile.page.locator(selector).evaluate(look)
    covering = "document.elementFromPoint(innerWidth - 60, innerHeight - 60)?.localName"
    assert hostile.page.evaluate(covering) == "wfc-chat"
    assert (
        hostile.page.evaluate("getComputedStyle(document.querySelector('wfc-chat'), '::before').content")
        == "none"
    )
    expect(hostile.ask(LOANS).locator(".cite").first).to_be_in_viewport()
    hostile.shoot("hostile")


def test_a_page_in_quirks_mode_shows_the_same_widget(hosts: Hosts) -> None:
    plain, quirky = hosts.reader(hosts.tag()), hosts.reader(hosts.tag(), {"doctype": ""})
    assert quirky.page.evaluate("document.compatMode") == "BackCompat"
    for reader in (plain, quirky):
        reader.open()
        reader.page.wait_for_function("document.getAnimations().length === 0")
    for selector in ("wfc-chat .launcher", "wfc-chat dialog", "wfc-chat iframe"):
        assert box(plain, selector) == box(quirky, selector)


def test_beside_a_button_of_the_portal_the_widget_makes_room(hosts: Hosts) -> None:
    """By its offset properties; also on the other side, with another size, and below what the portal lifts above it."""
    style = "<style>wfc-chat { --wfc-offset-x: 100px; --wfc-offset-y: 40px; --wfc-launcher-size: 48px; --wfc-z: 7; } .own { position: fixed; right: 24px; bottom: 24px; width: 60px; height: 60px; z-index: 8 }</style>"
    button = "<button class=own onclick='window.pressed = 1'>客服</button>"
    reader = hosts.reader(button + hosts.tag(), {"head": style})
    assert box(reader, ".launcher") == {"x": 1280 - 100 - 48, "y": 800 - 40 - 48, "width": 48, "height": 48}
    reader.page.click(".own")
    assert reader.page.evaluate("window.pressed") == 1
    assert reader.launcher.evaluate("element => getComputedStyle(element).zIndex") == "7"
    left = hosts.reader(hosts.tag("data-position=top-left"), {"head": style})
    assert box(left, ".launcher") == {"x": 100, "y": 40, "width": 48, "height": 48}
    left.open()
    assert box(left, "dialog")["x"] == 100
    assert box(left, "dialog")["y"] > 88


def test_options_reach_the_panel(hosts: Hosts) -> None:
    style = "<style>wfc-chat { --wfc-accent: #ffd400; --wfc-radius: 4px; --wfc-width: 500px; --wfc-height: 500px; --wfc-font: serif }</style>"
    options = """data-lang="en" data-theme="dark" data-title="Ask Example Bank" data-greeting="Good day"
      data-suggestions='["How many ports did the corridor reach by January 21, 2024?", "B"]' data-documents="green-finance.zh" """
    reader = hosts.reader(hosts.tag(options), {"head": style})
    expect(reader.launcher).to_have_attribute("aria-label", "Ask Example Bank")
    panel = reader.open()
    reader.page.wait_for_function("document.getAnimations().length === 0")
    assert (box(reader, "dialog")["width"], box(reader, "dialog")["height"]) == (500, 500)
    expect(panel.locator(".brand")).to_have_text("Ask Example Bank")
    expect(panel.locator("h1")).to_have_text("Good day")
    expect(panel.locator("html")).to_have_attribute("lang", "en")
    assert panel.locator(".examples button").all_text_contents()[1] == "B"
    styled = "() => { const s = getComputedStyle(document.documentElement); return [s.colorScheme, s.getPropertyValue('--sans'), s.getPropertyValue('--radius')]; }"
    assert panel.locator("body").evaluate(styled) == ["dark", "serif", "4px"]
    turn = reader.ask(LOANS)
    assert turn.locator(".cite, .nearest li").count() > 0
    titles = set(turn.locator(".sources .title").all_text_contents())
    assert len(titles) == 1
    reader.shoot("options")
    reader.page.evaluate("document.querySelector('wfc-chat').setAttribute('theme', 'light')")
    expect(panel.locator("html")).to_have_attribute("data-theme", "light")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "accent", ["#ffd400", "#000", "#fff", "rebeccapurple", "oklch(0.8 0.2 150)", "no-colour"]
)
def test_any_accent_stays_readable(hosts: Hosts, accent: str, scheme: str) -> None:
    """Text in it, text on it, and the launcher's sign have the contrast that WCAG asks."""
    style = f"<style>wfc-chat {{ --wfc-accent: {accent} }}</style>"
    reader = hosts.reader(hosts.tag("data-suggestions=A"), {"head": style}, color_scheme=scheme)
    panel = reader.open()
    measure = """(element, names) => {
      const rgb = colour => { const probe = document.createElement('i'); document.body.append(probe); probe.style.color = `color-mix(in srgb, ${colour}, ${colour})`;
        const parts = getComputedStyle(probe).color.match(/[\\d.]+(?:e-?\\d+)?/g).map(Number); probe.remove(); return parts; };
      const light = ([r, g, b]) => [r, g, b].map(p => p <= .04045 ? p / 12.92 : ((p + .055) / 1.055) ** 2.4).reduce((sum, p, i) => sum + p * [.2126, .7152, .0722][i], 0);
      const [a, b] = names.map(name => light(rgb(`var(${name})`))).sort((a, b) => a - b); return (b + .05) / (a + .05); }"""
    for pair in (["--accent", "--paper"], ["--accent", "--tint"], ["--accent", "--on-accent"]):
        assert panel.locator("body").evaluate(measure, pair) >= 4.5, pair


def test_two_widgets_on_one_page_keep_to_themselves(hosts: Hosts) -> None:
    reader = hosts.reader(hosts.tag("data-title=一") + hosts.tag("data-title=二 data-position=bottom-left"))
    launchers = reader.page.locator("wfc-chat .launcher")
    assert launchers.count() == 2
    for place, title in enumerate(("一", "二")):
        launchers.nth(place).click()
        panel = reader.page.frame_locator("wfc-chat iframe").nth(place)
        expect(panel.locator(".brand")).to_have_text(title)
    reader.ask(LOANS)
    second = reader.page.frame_locator("wfc-chat iframe").nth(1)
    assert second.locator(".turn").count() == 0
    reader.page.evaluate("document.querySelectorAll('wfc-chat')[1].close()")
    expect(launchers.nth(0)).to_have_attribute("aria-expanded", "true")
    expect(launchers.nth(1)).to_have_attribute("aria-expanded", "false")


def test_a_script_of_the_portal_opens_asks_and_listens(hosts: Hosts) -> None:
    reader = hosts.reader(hosts.tag("data-manual") + '<wfc-chat site="bank"></wfc-chat>')
    assert reader.page.locator("wfc-chat").count() == 1
    reader.page.evaluate("question => document.querySelector('wfc-chat').ask(question)", LOANS)
    reader.settled()
    [heard] = reader.heard("answer")
    assert heard == {"question": LOANS, "abstention": None, "sentences": 1}
    reader.page.evaluate("document.querySelector('wfc-chat').close()")
    expect(reader.page.locator("wfc-chat dialog")).to_be_hidden()
    assert [len(reader.heard(kind)) for kind in ("ready", "open", "close")] == [1, 1, 1]


def test_it_opens_by_itself_where_told_without_taking_the_focus(hosts: Hosts) -> None:
    reader = hosts.reader("<input id=search autofocus>" + hosts.tag("data-open"))
    expect(reader.panel.locator("#question")).to_be_visible()
    assert reader.page.evaluate("document.activeElement.id") == "search"


def test_as_a_block_it_stands_in_the_page_and_grows_with_its_answer(hosts: Hosts) -> None:
    reader = hosts.reader("<main id=place style='width: 600px'>" + hosts.tag("data-mode=inline") + "</main>")
    expect(reader.panel.locator("#question")).to_be_visible()
    assert reader.page.locator("#place wfc-chat").count() == 1
    assert reader.page.locator("wfc-chat .launcher").count() == 0
    assert reader.panel.locator("#close").count() == 0
    reader.page.wait_for_function("document.getAnimations().length === 0")
    before = box(reader, "wfc-chat .panel")
    assert before["width"] == 600
    reader.ask(LOANS)
    reader.page.wait_for_function(
        "height => document.querySelector('wfc-chat').offsetHeight > height", arg=before["height"]
    )
    assert reader.page.evaluate("document.querySelector('wfc-chat').offsetHeight") <= 620


def test_a_plain_frame_answers_without_the_loader(hosts: Hosts) -> None:
    frame = f'<iframe src="{hosts.site.url}widget/frame?site=bank&lang=en" width=500 height=600 title=chat></iframe>'
    reader = hosts.reader(frame)
    panel = reader.page.frame_locator("iframe")
    panel.locator("#question").fill(LOANS)
    panel.locator("#question").press("Enter")
    expect(panel.locator(".turn .cite").first).to_be_visible()
    expect(panel.locator("html")).to_have_attribute("lang", "en")
    # A session that is over: the page fetches a new ticket from its own address.
    reader.page.route("**/api/v1/answers", lambda route: route.fulfill(status=401, body="{}"), times=1)
    panel.locator("#question").fill("2023年重庆贷款余额是多少？")
    panel.locator("#question").press("Enter")
    expect(panel.locator(".turn").last.locator(".cite").first).to_be_visible()
    reader.complaints = [said for said in reader.complaints if "401" not in said]


def test_a_page_that_is_not_listed_gets_one_clear_line_and_no_panel(hosts: Hosts) -> None:
    """By another name the same portal is another origin: no ticket, no frame, nothing thrown."""
    address = hosts.portal.put(hosts.tag()).replace("localhost", "127.0.0.1")
    reader = Reader(hosts.browser, address)
    reader.launcher.click()
    expect(reader.page.locator("wfc-chat .wait")).to_contain_text("现在打不开问答")
    assert reader.page.locator("wfc-chat iframe").count() == 0
    expect(reader.page.locator("wfc-chat .wait button").first).to_have_text("再试一次")
    reader.shoot("refused")
    reader.page.keyboard.press("Escape")
    expect(reader.launcher).to_be_focused()
    assert not [
        said
        for said in reader.complaints
        if not said.startswith(("Access to fetch", "Failed to load", "Framing", "Refused to frame"))
    ]
    reader.leave()


def test_a_service_that_is_away_can_be_tried_again(hosts: Hosts) -> None:
    reader = hosts.reader(hosts.tag())
    reader.page.route("**/widget/panel*", lambda route: route.abort())
    reader.page.route("**/widget/tickets", lambda route: route.abort())
    reader.launcher.click()
    expect(reader.page.locator("wfc-chat .wait")).to_contain_text("现在打不开问答")
    reader.page.unroute_all()
    reader.page.locator("wfc-chat .wait button").first.click()
    expect(reader.panel.locator("#question")).to_be_focused()
    reader.complaints = [said for said in reader.complaints if "ERR_FAILED" not in said]


def test_forged_messages_are_ignored(hosts: Hosts) -> None:
    """From the page itself, from frames beside the panel, whatever their origin, and without our version."""
    reader = hosts.reader(hosts.tag())
    reader.open()
    reader.page.evaluate("""() => {
      for (const type of ['close', 'ticket', 'answer']) window.postMessage({wfc: 1, type, question: 'x', sentences: 9}, '*');
      document.querySelector('wfc-chat').shadowRoot.querySelector('iframe').contentWindow.postMessage({type: 'ask', question: 'forged'}, '*');
      const other = document.createElement('iframe'); other.src = location.href.replace('localhost', '127.0.0.1'); document.body.append(other);
      return new Promise(done => { other.onload = done; }); }""")
    reader.page.frames[-1].evaluate("""() => { for (const type of ['ready', 'close', 'answer'])
      parent.postMessage({wfc: 1, type, question: 'forged'}, '*'); }""")
    # Of the right origin, but another window than the panel's parent.
    reader.page.evaluate("""() => new Promise(done => {
      const inner = document.createElement('iframe'); inner.src = '/empty'; document.body.append(inner); inner.onload = done; })""")
    reader.page.frames[
        -1
    ].evaluate("""() => { const panel = parent.document.querySelector('wfc-chat').shadowRoot.querySelector('iframe');
      for (const type of ['ask', 'close', 'theme', 'hello'])
        panel.contentWindow.postMessage({wfc: 1, type, question: 'forged', theme: 'dark', ticket: null}, '*'); }""")
    reader.ask(LOANS)
    assert reader.panel.locator(".turn").count() == 1
    assert [heard["question"] for heard in reader.heard("answer")] == [LOANS]
    assert reader.heard("close") == []
    assert reader.panel.locator("html").get_attribute("data-theme") is None


def test_a_phone_gives_the_panel_its_whole_screen(hosts: Hosts) -> None:
    """Nothing behind it can be reached, nothing scrolls sideways, every target fits a finger, and turning keeps the talk."""
    reader = hosts.reader(
        "<a href='#' style='display: block'>链接</a>" + hosts.tag(),
        viewport={"width": 320, "height": 568},
        is_mobile=True,
        has_touch=True,
    )
    assert box(reader, ".launcher")["width"] >= 44
    reader.launcher.tap()
    expect(reader.panel.locator("#question")).to_be_visible()
    reader.page.wait_for_function("document.getAnimations().length === 0")
    assert box(reader, "wfc-chat dialog") == {"x": 0, "y": 0, "width": 320, "height": 568}
    assert reader.page.locator("wfc-chat dialog").evaluate("element => element.matches(':modal')")
    # No keyboard jumps up unasked.
    assert reader.focused() != "question"
    reader.ask(LOANS)
    small = "() => [...document.querySelectorAll('button, summary, input')].filter(each => each.offsetParent && !each.matches('.cite') && (each.offsetHeight < 44 || each.offsetWidth < 44)).map(each => each.outerHTML)"
    assert reader.panel.locator("body").evaluate(small) == []
    reader.page.set_viewport_size({"width": 900, "height": 700})
    expect(reader.panel.locator(".turn .sentence").first).to_be_visible()
    reader.page.wait_for_function(
        "!document.querySelector('wfc-chat').shadowRoot.querySelector('dialog').matches(':modal')"
    )
    reader.panel.locator("#close").click()
    expect(reader.launcher).to_be_focused()


@pytest.mark.parametrize(
    "payload",
    [
        f"<img src=x onerror='{MARK}'>",
        f"<script>{MARK}</script>",
        f"<svg onload='{MARK}'>",
        f"javascript:{MARK}",
        f"\"' autofocus onfocus='{MARK}' x='",
        "</textarea><iframe srcdoc='<script>parent.hacked = 1</script>'>",
    ],
)
def test_what_is_written_stays_writing(hosts: Hosts, payload: str) -> None:
    """In title, greeting, suggestion and question, in the portal's page and in the panel."""
    escaped = payload.replace("&", "&amp;").replace('"', "&quot;")
    options = f'data-title="{escaped}" data-greeting="{escaped}" data-suggestions="{escaped}"'
    reader = hosts.reader(hosts.tag(options))
    panel = reader.open()
    expect(panel.locator("h1")).to_have_text(payload)
    expect(panel.locator(".brand")).to_have_text(payload)
    panel.locator(".examples button").click()
    expect(reader.settled().locator(".question")).to_contain_text(payload)
    assert reader.page.evaluate("window.hacked") is None
    assert panel.locator("body").evaluate("() => window.hacked") is None
    assert panel.locator("body :is(img, script, iframe, [onload], [onfocus])").count() == 0
