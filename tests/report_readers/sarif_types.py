#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads a SARIF log with the classes of Debian's python3-sarif-python-om, which Microsoft generated from the
published schema: whatever the schema does not know, and whatever it requires and is not there, is a TypeError.
Enumerations and formats are not checked by them. Prints what is in the log."""

import json
import sys

import sarif_om

# Which class a property holds, where it is not plain; lists and maps hold it of each of their entries.
HOLDS = {
    "runs": "Run", "tool": "Tool", "driver": "ToolComponent", "rules": "ReportingDescriptor",
    "invocations": "Invocation", "results": "Result", "locations": "Location", "location": "Location",
    "relatedLocations": "Location", "physicalLocation": "PhysicalLocation", "region": "Region",
    "artifactLocation": "ArtifactLocation", "originalUriBaseIds": "ArtifactLocation",
    "logicalLocations": "LogicalLocation", "codeFlows": "CodeFlow", "threadFlows": "ThreadFlow",
    "toolExecutionNotifications": "Notification", "message": "Message", "description": "Message",
    "shortDescription": "MultiformatMessageString", "state": "MultiformatMessageString",
}
MAPS = {"originalUriBaseIds", "state"}


def build(value, name, holder=None):
    if name == "locations" and holder == "ThreadFlow":
        kind = "ThreadFlowLocation"
    else:
        kind = HOLDS.get(name)
    if isinstance(value, list):
        return [build(entry, name, holder) for entry in value]
    if name in MAPS and holder in ("Run", "ThreadFlowLocation"):
        return {key: construct(kind, entry) for key, entry in value.items()}
    return construct(kind, value) if kind else value


def construct(kind, fields):
    cls = getattr(sarif_om, kind)
    known = {a.metadata["schema_property_name"]: a.name for a in cls.__attrs_attrs__}
    arguments = {}
    for name, value in fields.items():
        if name not in known:
            raise TypeError(f"{kind} has no `{name}`")
        arguments[known[name]] = build(value, name, kind)
    return cls(**arguments)


log = construct("SarifLog", json.load(open(sys.argv[1], encoding="utf-8")))
for run in log.runs:
    flows = [f for r in run.results for c in r.code_flows or [] for f in c.thread_flows]
    print(f"results {len(run.results)} flows {len(flows)} steps {sum(len(f.locations) for f in flows)}"
          f" successful {run.invocations[0].execution_successful} exit {run.invocations[0].exit_code}")
