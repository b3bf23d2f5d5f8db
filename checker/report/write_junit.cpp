// SPDX-License-Identifier: GPL-2.0-or-later
//
// There is no one schema of JUnit XML. This is what the strict ones (Ant's) and the lenient ones (Jenkins')
// have in common: testsuites without attributes of its own, every attribute of a suite that any of them asks
// for, and at most one failure or error a case.
#include "report/write_junit.h"

#include "report/gate_files.h"
#include "report/render_race.h"
#include "report/write_gate.h"

#include <fmt/format.h>

#include <string_view>

namespace tdxcheck::report {
namespace {

using result::Expectation;
using result::GateCheck;
using result::Outcome;

// XML has no way to write most control characters.
std::string escaped(std::string_view text) {
  std::string xml;
  for (const char c : text) {
    switch (c) {
    case '&': xml += "&amp;"; break;
    case '<': xml += "&lt;"; break;
    case '>': xml += "&gt;"; break;
    case '"': xml += "&quot;"; break;
    case '\n': xml += "&#10;"; break;
    case '\t': xml += "&#9;"; break;
    default: xml += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    }
  }
  return xml;
}

bool is_error(const GateCheck& check, const Expectation& expectation) {
  return !check.error.empty() || expectation.outcome() == Outcome::unknown;
}
bool is_failure(const GateCheck& check, const Expectation& expectation) {
  return !is_error(check, expectation) && expectation.outcome() != Outcome::met;
}

std::string details(const GateCheck& check, const Expectation& expectation) {
  std::string text = fmt::format("{}:{}\n", check.file, expectation.line);
  const auto* property = check.property(expectation.property);
  if (property != nullptr)
    for (const std::string& line : property->evidence) text += line + "\n";
  if (expectation.outcome() == Outcome::broken && property != nullptr && property->trace)
    text += "\n" + render_race(*property->trace) + "\n";
  return text + "reproduce: " + check.reproduce + "\n";
}

// The text itself keeps its lines.
std::string as_content(const std::string& text) {
  std::string xml;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    xml += escaped(std::string_view(text).substr(at, end - at)) + "\n";
    at = end + 1;
  }
  return xml;
}

// The time of a check goes to its first expectation: its search decided all of them at once.
std::string test_case(const GateCheck& check, const Expectation& expectation) {
  const double seconds = &expectation == check.expectations.data() ? check.seconds : 0;
  std::string xml =
      fmt::format(R"(    <testcase name="{} {}" classname="{}" time="{:.3f}")", escaped(expectation.property),
                  name_of(expectation.expected), escaped(check.name), seconds);
  const bool error = is_error(check, expectation);
  if (!error && !is_failure(check, expectation)) return xml + "/>\n";
  const Outcome outcome = check.error.empty() ? expectation.outcome() : check.outcome;
  const char* element = error ? "error" : "failure";
  return xml + fmt::format(">\n      <{0} type=\"{1}\" message=\"{2}\">{3}</{0}>\n    </testcase>\n", element,
                           name_of(outcome),
                           escaped(check.error.empty() ? describe_unmet(check, expectation) : check.error),
                           as_content(details(check, expectation)));
}

std::string suite(const ChecksOfFile& file, std::size_t id, const RunIdentity& identity) {
  std::size_t tests = 0, failures = 0, errors = 0;
  double seconds = 0;
  std::string cases;
  for (const GateCheck* check : file.checks) {
    seconds += check->seconds;
    for (const Expectation& expectation : check->expectations) {
      ++tests;
      failures += is_failure(*check, expectation) ? 1u : 0u;
      errors += is_error(*check, expectation) ? 1u : 0u;
      cases += test_case(*check, expectation);
    }
  }
  return fmt::format(
      "  <testsuite id=\"{}\" package=\"tdxcheck\" name=\"{}\" timestamp=\"{}\" hostname=\"{}\" "
      "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"0\" time=\"{:.3f}\">\n"
      "    <properties/>\n{}    <system-out/>\n    <system-err/>\n  </testsuite>\n",
      id, escaped(file.file), escaped(identity.started), escaped(identity.host), tests, failures, errors,
      seconds, cases);
}

} // namespace

std::string write_junit(const result::GateResult& gate, const RunIdentity& identity) {
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  std::size_t id = 0;
  for (const ChecksOfFile& file : by_file(gate)) xml += suite(file, id++, identity);
  return xml + "</testsuites>\n";
}

} // namespace tdxcheck::report
