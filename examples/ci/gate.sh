#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# gate.sh [FILE|DIR...]: judges gate files and variant files, without these the landed set; from a clone it
# installs what is needed and builds the program first. The exit code is that of `tdxcheck gate`:
#
#   0 everything is as expected    2 bad input, or a report that was not written
#   1 something is not             3 a budget ran out: no pass
#
#   TDXCHECK      the program; otherwise the one of this tree, else an installed one
#   GATE_REPORTS  where reports go (default: gate-reports)
#   GATE_CACHE    where results are kept between runs (default: none)
#
#   examples/ci/gate.sh                       # green: what has landed
#   examples/ci/gate.sh examples/ci/broken    # red: a line is missing that the claim needs
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
reports=${GATE_REPORTS:-gate-reports}

if [ -n "${TDXCHECK:-}" ]; then
  program=$TDXCHECK
elif [ -e "$top/CMakeLists.txt" ]; then
  program=$top/build/tdxcheck
  if [ ! -x "$program" ]; then
    "$top/.ci/install-packages"
    "$top/.ci/configure" build
    cmake --build "$top/build" --target tdxcheck
  fi
else
  program=tdxcheck
fi

if [ $# -eq 0 ]; then
  set -- "$top/examples/gate"
  [ -e "$1" ] || set -- "$here/../gate" # as it is installed
fi

mkdir -p "$reports"
set -- "$@" --junit "$reports/junit.xml" --sarif "$reports/tdxcheck.sarif" --artifacts "$reports/artifacts"
[ -z "${GATE_CACHE:-}" ] || set -- "$@" --cache "$GATE_CACHE"
# Where GitHub runs it: an annotation on the line of the protocol, and the job's summary.
[ -z "${GITHUB_ACTIONS:-}" ] || set -- "$@" --github
exec "$program" gate "$@"
