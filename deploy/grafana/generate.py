#!/usr/bin/env python3
"""Writes the dashboards of dashboards.toml out in full, as Grafana reads them.

    deploy/grafana/generate.py            writes deploy/grafana/dashboards/*.json
    deploy/grafana/generate.py --check    changes nothing, and ends with 1 if a file is not as it would be written
"""

import json
import pathlib
import sys
import tomllib

HERE = pathlib.Path(__file__).parent
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH = 24
STAT = {
    "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
    "textMode": "auto",
    "colorMode": "value",
    "graphMode": "area",
}
BARS = {
    "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
    "orientation": "horizontal",
    "displayMode": "basic",
}
LINES = {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}}


def variable(name, label, query):
    """A choice above the panels; without one everything is shown."""
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": query, "refId": name},
        "definition": query,
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": "All", "value": "$__all"},
        "hide": 0,
    }


def variables(by_queue):
    source = {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus", "hide": 0, "refresh": 1}
    found = [source, variable("pool", "Pool", "label_values(homeshore_pool_open, pool)")]
    if by_queue:
        found.append(variable("queue", "Queue", 'label_values(homeshore_calls_waiting{pool=~"$pool"}, queue)'))
    return found


def places(panels):
    """Where each panel stands: left to right, and on in the next row."""
    x = y = height = 0
    for panel in panels:
        wide, high = panel["size"]
        if x + wide > WIDTH:
            x, y, height = 0, y + height, 0
        yield {"x": x, "y": y, "w": wide, "h": high}
        x, height = x + wide, max(height, high)


def defaults(panel):
    found = {"unit": panel["unit"], "min": 0}
    if "max" in panel:
        found["max"] = panel["max"]
    if "colours" in panel:
        steps = [{"color": step[0], "value": step[1] if len(step) > 1 else None} for step in panel["colours"]]
        found["thresholds"] = {"mode": "absolute", "steps": steps}
    if panel["kind"] in ("timeseries", "stack"):
        stacked = panel["kind"] == "stack"
        found["custom"] = {
            "fillOpacity": 40 if stacked else 10,
            "stacking": {"mode": "normal" if stacked else "none"},
            "showPoints": "never",
        }
    return found


def target(at, question, now_only):
    expression, legend = question
    found = {"refId": chr(ord("A") + at), "datasource": SOURCE, "expr": expression, "legendFormat": legend}
    if now_only:
        found["instant"] = True
    return found


def panel_of(number, panel, place):
    kind = "timeseries" if panel["kind"] == "stack" else panel["kind"]
    now_only = kind != "timeseries"
    return {
        "id": number,
        "type": kind,
        "title": panel["title"],
        "description": panel["description"],
        "datasource": SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": defaults(panel), "overrides": []},
        "options": {"stat": STAT, "bargauge": BARS, "timeseries": LINES}[kind],
        "targets": [target(at, question, now_only) for at, question in enumerate(panel["questions"])],
    }


def dashboard_of(short):
    panels = zip(short["panels"], places(short["panels"]))
    link = {
        "type": "dashboards",
        "tags": ["homeshore"],
        "asDropdown": False,
        "includeVars": True,
        "keepTime": True,
        "title": "",
        "targetBlank": False,
    }
    return {
        "uid": short["uid"],
        "title": short["title"],
        "description": short["description"],
        "tags": ["homeshore"],
        "editable": True,
        "schemaVersion": 37,
        "version": 1,
        "refresh": "10s",
        "time": {"from": short.get("from", "now-1h"), "to": "now"},
        "timezone": "browser",
        "templating": {"list": variables(short["by_queue"])},
        "links": [link],
        "annotations": {"list": []},
        "panels": [panel_of(at + 1, panel, place) for at, (panel, place) in enumerate(panels)],
    }


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit(__doc__)
    with open(HERE / "dashboards.toml", "rb") as file:
        shorts = tomllib.load(file)["dashboards"]
    files = {f"{short['uid']}.json": json.dumps(dashboard_of(short), indent=1, ensure_ascii=False) + "\n" for short in shorts}
    folder = HERE / "dashboards"
    if not check:
        for name, text in files.items():
            (folder / name).write_text(text)
        return
    there = {path.name: path.read_text() for path in folder.glob("*.json")}
    wrong = sorted(name for name in files.keys() | there.keys() if files.get(name) != there.get(name))
    if wrong:
        sys.exit(f"not as dashboards.toml says: {', '.join(wrong)}; run deploy/grafana/generate.py")


main()
