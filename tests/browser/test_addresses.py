"""All that the map shows stands in its address: whoever changes it, by hand or with Back, gets what it says."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect
from running_server import Running
from watching import Watch

pytestmark = pytest.mark.usefixtures("built")

PLACE = "e=462500&n=103500&z=6"
POPULATION = "population_forecasts"
# Each tool in two states. What a tool has nothing of in the address, it shows in both alike.
STATES = {
    "layers": ("on=schools", "on=services&off=rights_of_way&hide=key"),
    "search": ("q=SU%20630%20010", "q=462000,103000"),
    "details": ("sel=schools/{0}&on=schools", "sel=schools/{1}&on=schools"),
    "measure": ("m=462000,103000;463000,104000", "m=462000,103000;463000,104000;463000,102000&md=area"),
    "draw": ("d=p19whc.27h4", "d=l29vfb.28px.120.-j0!our%20walk"),
    "route": ("r=463000,103500;465000,102500&ro=FP,BW,RB,BOAT,quiet",
              "r=463000,103500;464500,102500&ro=FP,quiet:circular"),
    "theme": (f"th={POPULATION}:ward:persons:value&yr=2024&cl=quantile:4&nm=none&ramp=blue",
              f"th={POPULATION}:ward:persons:change-pct&yr=2029&cl=equal:5&nm=none&ramp=hatch&ta=E05999002"),
    "compare": ("cmp=E05999002,E05999009&yr=2025", "cmp=E05999001,E05999003&yr=2027"),
    "nearest": ("near=library:1500&na=ward", "near=gp-surgery:600&na=district&nl=0"),
    "constraints": ("cons=designations:5:0:away&ca=E07999001&cd=463000,106000",
                    "cons=designations:2:100:away,schools:4:1000:near&ca=460000,100000,464000,104000&cd=462000,103000"),
    "readings": ("fig=4", "fig=8"),
    "print": ("print=25000:portrait&title=One", "print=50000:landscape:bw&title=Two&on=schools"),
    "help": ("fig=4", "fig=8"),
}
# What a tool shows: its controls and words, what it has drawn on the map, the layers, and the card with the reference.
SHOWN = """() => {
  const { app } = document.querySelector('#app'), panel = document.querySelector('#panel');
  const controls = [...panel.querySelectorAll('input, select, textarea')].map(each =>
    [each.labels?.[0]?.textContent ?? each.getAttribute('aria-label'), each.type,
     ['checkbox', 'radio'].includes(each.type) ? each.checked : each.type === 'file' ? '' : each.value]);
  const layers = app.map.getLayers().getArray(), extent = one => one.getGeometry()?.getExtent().map(Math.round).join();
  const drawn = layers.filter(each => each.get('tool') || each.get('id') === 'print-area')
    .map(each => each.getSource().getFeatures().map(extent).sort());
  const on = layers.filter(each => !each.get('tool') && each.get('id') !== 'mark').map(each => each.getVisible());
  const words = at => document.querySelector(at)?.textContent, sheet = document.querySelector('#sheet')?.className;
  return { tool: app.panel.tool, controls, words: panel.innerText, drawn, on, sheet, title: words('.sheet-title'),
           figures: document.querySelector('#figures').value, attribution: words('#attribution') };
}"""
LEFT = """() => { const { app } = document.querySelector('#app'), { map } = app, view = map.getView();
  const ears = (at, names) => names.map(name => (at.getListeners(name) ?? []).length);
  return { watched: app.state.watched, layers: map.getLayers().getLength(), overlays: map.getOverlays().getLength(),
           map: ears(map, ['singleclick', 'moveend', 'rendercomplete', 'pointermove', 'postrender']),
           view: ears(view, ['change', 'change:center', 'change:resolution']),
           clicks: document.body.dataset.clicks ?? null, sheets: document.adoptedStyleSheets.length,
           body: document.body.className, area: document.querySelector('#map-area').children.length }; }"""


def states(server: Running, tool: str) -> tuple[str, str]:
    """Two addresses of a tool that is open."""
    ids = [each["id"] for each in json.loads(server.ask("/collections/schools/items?limit=2&f=json").body)["features"]]
    one, other = (f"{PLACE}&tool={tool}&{each.format(*ids)}" for each in STATES[tool])
    return one, other


def settled(page: Page) -> str:
    """What the tool shows when it changes no more."""
    expect(page.locator("#sentence")).not_to_be_empty()
    page.wait_for_load_state("networkidle")
    before, same = "", 0
    while same < 4:
        page.wait_for_timeout(250)
        now = json.dumps(page.evaluate(SHOWN), indent=1, sort_keys=True)
        before, same = now, same + 1 if now == before else 0
    return before


@pytest.mark.parametrize("tool", STATES)
def test_a_tool_follows_the_address(tool: str, page: Page, watch: Watch, server: Running) -> None:
    """While it is open: controls, words and map are those of a page opened with the address; and so with Back."""
    one, other = states(server, tool)
    fresh = watch.context.new_page()
    fresh.goto(f"{server.base}/map#{other}")
    wanted = settled(fresh)
    fresh.close()
    page.goto(f"{server.base}/map#{one}")
    first = settled(page)

    page.evaluate("to => { location.hash = to; }", other)
    assert settled(page) == wanted
    page.go_back()
    assert settled(page) == first
    if tool not in ("readings", "help"):
        assert first != wanted


def test_tools_leave_nothing_behind(page: Page, server: Running) -> None:
    """Each opened and closed twenty times: as many watch the state, the map and its view as before; so with layers."""
    page.goto(f"{server.base}/map#{PLACE}&tool=none")
    expect(page.locator("#sentence")).to_contain_text("The map shows")
    for tool in STATES:
        # The first time fetches what it needs, and marks what it shows: that stays.
        page.evaluate("tool => { const { panel } = document.querySelector('#app').app; panel.open(tool); }", tool)
        page.wait_for_load_state("networkidle")
        page.evaluate("() => document.querySelector('#app').app.panel.close()")
        before = page.evaluate(LEFT)
        page.evaluate("""async tool => { const { panel } = document.querySelector('#app').app;
            for (let i = 0; i < 20; i++) {
              panel.open(tool);
              await new Promise(done => setTimeout(done, 10));
              panel.close();
            } }""", tool)
        page.wait_for_load_state("networkidle")
        assert page.evaluate(LEFT) == before, tool


def test_the_focus_stays_where_it_was(page: Page, server: Running) -> None:
    """Controls are made anew when the address changes; who was at one of them is at the same one again."""
    page.goto(f"{server.base}/map#{PLACE}&tool=measure&m=462000,103000;463000,104000")
    page.get_by_label("Length", exact=True).focus()
    page.evaluate("() => { location.hash += '&md=area'; }")
    expect(page.get_by_role("status", name="Measurement")).to_contain_text("An area needs three")
    expect(page.get_by_label("Length", exact=True)).to_be_focused()
