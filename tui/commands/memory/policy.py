"""policy: what decides what is kept, recalled, superseded and given up, and which setting changes it."""

from __future__ import annotations

from tui.commands.opening import open_settings
from tui.commands.options import Home, Json, Profile
from tui.text import show

HEADINGS = {"write": "What is written", "query": "What is recalled", "update": "What changes", "free": "What gives way"}


def policy(as_json: Json = False, home: Home = None, profile: Profile = None) -> None:
    """Say by which strategies memories are kept, recalled and given up.

    Each with what it does now and the setting that chooses it; at the end, the orders in which memories can give way
    (`mneme memory prune --order NAME`). Nothing is opened or changed.

    \b
    mneme memory policy
    mneme memory policy --json
    """
    from agent.policies import policies
    from memory_store.retention.freeing import ORDERS

    found = policies(open_settings(home, profile))
    if as_json:
        from dataclasses import asdict

        orders = [{"order": name, "frees": order.frees} for name, order in ORDERS.items()]
        show.document({"policies": [asdict(one) for one in found], "orders": orders})
        return
    for kind, heading in HEADINGS.items():
        show.line(f"{heading}")
        for one in found:
            if one.kind == kind:
                chosen = f"  [{one.setting}]" if one.setting else ""
                show.line(f"  {one.decides}: {one.strategy}{chosen}")
                show.line(f"      {one.does}")
    show.line("Orders of giving way")
    for name, order in ORDERS.items():
        show.line(f"  {name}: {order.frees}")
