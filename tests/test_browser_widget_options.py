"""Each option of the widget: attributes, CSS properties, methods and events."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from widget_support import Hosts, box

pytestmark = pytest.mark.browser

LOANS = "2024年8月末重庆贷款余额是多少？"
CONTRAST = """(element, names) => {
  const probe = document.body.appendChild(document.createElement('i'));
  const light = name => {
    probe.style.color = `color-mix(in srgb, var(${name}), var(${name}))`;
    return getComputedStyle(probe).color.match(/[\\d.]+(?:e-?\\d+)?/g).map(Number)
      .map(part => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4)
      .reduce((sum, part, place) => sum + part * [.2126, .7152, .0722][place], 0);
  };
  const [dim, bright] = names.map(light).sort((one, other) => one - other);
  return (bright + .05) / (dim + .05);
}"""


def test_beside_a_button_of_the_portal_the_widget_makes_room(hosts: Hosts) -> None:
    """By its offset properties; also on the other side, with another size, and below what the portal lifts above it."""
    style = """<style>
      wfc-chat { --wfc-offset-x: 100px; --wfc-offset-y: 40px; --wfc-launcher-size: 48px; --wfc-z: 7; }
      .own { position: fixed; right: 24px; bottom: 24px; width: 60px; height: 60px; z-index: 8 }</style>"""
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
    style = """<style>wfc-chat { --wfc-accent: #ffd400; --wfc-radius: 4px; --wfc-font: serif }
      wfc-chat { --wfc-width: 500px; --wfc-height: 500px; }</style>"""
    options = """data-lang="en" data-theme="dark" data-title="Ask Example Bank" data-greeting="Good day"
      data-suggestions='["How many ports did the corridor reach by January 21, 2024?", "B"]'
      data-documents="green-finance.zh" """
    reader = hosts.reader(hosts.tag(options), {"head": style})
    expect(reader.launcher).to_have_attribute("aria-label", "Ask Example Bank")
    panel = reader.open()
    reader.page.wait_for_function("document.getAnimations().length === 0")
    assert (box(reader, "dialog")["width"], box(reader, "dialog")["height"]) == (500, 500)
    expect(panel.locator(".brand")).to_have_text("Ask Example Bank")
    expect(panel.locator("h1").first).to_have_text("Good day")
    expect(panel.locator("html")).to_have_attribute("lang", "en")
    assert panel.locator(".examples button").all_text_contents()[1] == "B"
    styled = """() => { const style = getComputedStyle(document.documentElement);
      return [style.colorScheme, style.getPropertyValue('--sans'), style.getPropertyValue('--radius')]; }"""
    assert panel.locator("body").evaluate(styled) == ["dark", "serif", "4px"]
    turn = reader.ask(LOANS)
    assert turn.locator(".cite, .nearest li").count() > 0
    expect(turn.locator(".question")).to_be_in_viewport()
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
    for pair in (["--accent", "--paper"], ["--accent", "--tint"], ["--accent", "--on-accent"]):
        assert panel.locator("body").evaluate(CONTRAST, pair) >= 4.5, pair


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
