// SPDX-License-Identifier: GPL-2.0-or-later
//
// A table that is wider than the page is wrapped by whoever shows it; one that drops what does not fit hides
// the bug.
#include "report/render_table.h"

#include "report/columns.h"
#include "tests/sample_traces.h"

#include <doctest/doctest.h>

#include <sstream>
#include <string>

namespace render_table_test {

using namespace tdxcheck;

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, report::width_of(line));
  return widest;
}

std::string letters(const std::string& text) {
  std::string kept;
  for (const char c : text)
    if (c != ' ' && c != '\n' && c != '-') kept += c;
  return kept;
}

TEST_CASE("a trace as a table") {
  CHECK(report::render_table(tests::sample_race()) ==
        R"(initially waiting = {0,2}

step  thread   CPU  what happens                       status         locks          changed
----  -------  ---  ---------------------------------  -------------  -------------  ---------------
1     vcpu[0]  0    tdx_vcpu_run(): TDH.VP.ENTER:                     takes
                      TDVPR shared [c=0]                                TDVPR[0]
                                                                        (shared)
2     vcpu[1]  1    tdx_flush_vp(): TDH.VP.FLUSH:      TDX_OPERAND_   TDVPR[0] is
                      TDVPR exclusive                    BUSY           busy
3     vcpu[0]  0    TDH.VP.ENTER: the guest exits      TDX_SUCCESS    drops          assoc[0] = none
                                                                        TDVPR[0]
                                                                        (shared)
4     vcpu[1]  1    failed: KVM_BUG_ON(err, kvm)                                     vm_dead = true
)");
}

TEST_CASE("columns without content are left out") {
  const std::string table = report::render_table(tests::sample_lasso());
  CHECK(table.find("CPU") == std::string::npos);
  CHECK(table.find("changed") == std::string::npos);
  CHECK(table.find("and from here again from step 2, for ever\n") != std::string::npos);
}

TEST_CASE("no width is exceeded, and nothing is lost") {
  const std::string wide = report::render_table(tests::sample_crowd(3, 2), 1000);
  for (const std::size_t width : {100, 90, 80}) {
    const std::string table = report::render_table(tests::sample_crowd(3, 2), width);
    CHECK(widest_line(table) <= width);
    CHECK(letters(table).size() == letters(wide).size());
  }
}

TEST_CASE("where it is known what was chosen at the start, only that and what changes is said") {
  result::Trace trace = tests::sample_race();
  trace.initial["assoc[0]"] = "1";
  trace.initial["never_changes"] = "7";
  CHECK(report::render_table(trace, 100, std::set<std::string>{"owner"})
            .starts_with("initially assoc[0] = 1, owner = none\n"));
}

TEST_CASE("words longer than a line are broken after punctuation, not lost") {
  CHECK(report::wrap("smp_func_do_phymem_cache_wb", 12) ==
        std::vector<std::string>{"smp_func_do_", "phymem_", "cache_wb"});
  CHECK(report::wrap("", 10) == std::vector<std::string>{""});
  CHECK(report::wrap("  two  words", 40) == std::vector<std::string>{"  two  words"});
  CHECK(report::wrap("aaaa bbbb cccc", 9, 2) == std::vector<std::string>{"aaaa bbbb", "  cccc"});
}

TEST_CASE("a character counts once, however many bytes it has") {
  CHECK(report::width_of("a→b…") == 4);
  CHECK(report::padded("→", 3) == "→  ");
  CHECK(report::to_ascii("a→b… „c“ \t\x7f") == "a->b... ?c\"  ?");
}

} // namespace render_table_test
