#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What Debian's python3-junitparser reads from a JUnit file: a line for each suite and each of its cases."""

import sys

import junitparser

for suite in junitparser.JUnitXml.fromfile(sys.argv[1]):
    cases = list(suite)
    found = {"failures": 0, "errors": 0}
    for case in cases:
        for result in case.result:
            found["failures"] += isinstance(result, junitparser.Failure)
            found["errors"] += isinstance(result, junitparser.Error)
    print(f"suite {suite.name} tests {suite.tests}/{len(cases)} failures {suite.failures}/{found['failures']}"
          f" errors {suite.errors}/{found['errors']}")
    for case in cases:
        print(f"case {case.classname} | {case.name} | {[type(r).__name__ for r in case.result]}"
              f" | {case.result[0].message if case.result else ''}")
