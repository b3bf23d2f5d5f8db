// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/render_mermaid.h"

#include "report/step_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace tdxcheck::report {
namespace {

// Mermaid ends a statement at ';', begins an entity at '#', and reads '<' as HTML.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == ';' || c == '#' || c == '<' || c == '>' || c == '&' || c == '"')
      result += fmt::format("#{};", static_cast<int>(c));
    else result += c == '\n' ? ' ' : c;
  }
  return result;
}

class Diagram {
public:
  explicit Diagram(const result::Trace& trace) : trace_(trace), threads_(threads_that_move(trace)) {}

  [[nodiscard]] std::string drawn() {
    std::string result = "sequenceDiagram\n  autonumber\n" + participants();
    for (std::size_t i = 0; i < trace_.steps.size(); ++i) {
      if (is_lasso() && trace_.loop == i) result += "  loop for ever\n";
      result += drawn(trace_.steps[i]);
    }
    if (is_lasso()) result += "  end\n";
    return result;
  }

private:
  [[nodiscard]] bool is_lasso() const {
    return trace_.shape == result::TraceShape::lasso && trace_.loop && *trace_.loop < trace_.steps.size();
  }

  [[nodiscard]] std::string lifeline(const std::string& thread) const {
    return fmt::format("T{}", std::ranges::find(threads_, thread) - threads_.begin());
  }

  [[nodiscard]] std::string participants() const {
    std::string result;
    for (const std::string& thread : threads_)
      result += fmt::format("  participant {} as {}\n", lifeline(thread), escaped(thread));
    if (std::ranges::any_of(trace_.steps, [](const auto& step) { return !step.call.empty(); }))
      result += "  participant TDX as TDX module\n";
    return result;
  }

  std::string drawn(const result::TraceStep& step) {
    const std::string self = lifeline(step.thread);
    const std::string to = step.call.empty() ? self : "TDX";
    std::string result;
    if (const std::string function = headings_.entered(step); !function.empty())
      result += fmt::format("  Note over {}: {}\n", self, escaped(with_parentheses(function)));
    result += fmt::format("  {}->>{}: {}\n", self, to, escaped(what_happens(step)));
    if (!step.status.empty()) result += fmt::format("  {}-->>{}: {}\n", to, self, escaped(step.status));
    for (const auto& lock : step.locks)
      result += fmt::format("  Note right of {}: {}\n", to, escaped(describe(lock)));
    for (const std::string& line : failures(step))
      result += fmt::format("  Note over {}: {}\n", self, escaped(line));
    return result;
  }

  const result::Trace& trace_;
  std::vector<std::string> threads_;
  FunctionHeadings headings_;
};

} // namespace

std::string render_mermaid(const result::Trace& trace) { return Diagram(trace).drawn(); }

} // namespace tdxcheck::report
