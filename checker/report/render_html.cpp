// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/render_html.h"

#include "report/step_text.h"

#include <fmt/format.h>

namespace tdxcheck::report {
namespace {

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '<') result += "&lt;";
    else if (c == '>') result += "&gt;";
    else if (c == '&') result += "&amp;";
    else if (c == '"') result += "&quot;";
    else result += c;
  }
  return result;
}

constexpr const char* style = R"(
:root { color-scheme: light dark; font: 15px/1.4 system-ui, sans-serif; }
body { margin: 2em; }
table { border-collapse: collapse; }
th, td { border: 1px solid #8886; padding: .3em .6em; text-align: left; vertical-align: top; }
th { position: sticky; top: 0; background: Canvas; }
td.number { text-align: right; color: #888; }
.function, .locks, .where { color: #888; font-size: 90%; }
.status { font-weight: bold; }
.failed { color: #c22; font-weight: bold; }
.again td { background: #8882; }
code, details { font: 13px/1.4 ui-monospace, monospace; }
details div { white-space: pre-wrap; }
)";

class Page {
public:
  explicit Page(const result::Trace& trace)
      : trace_(trace), threads_(threads_that_move(trace)), now_(trace.initial) {}

  [[nodiscard]] std::string written() {
    const std::string title = escaped(trace_.target + ": " + trace_.property);
    std::string page = fmt::format("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
                                   "<title>{}</title>\n<style>{}</style>\n<h1>{}</h1>\n",
                                   title, style, title);
    if (!trace_.parameters.empty())
      page += fmt::format("<p><code>{}</code></p>\n", escaped(listed(trace_.parameters)));
    for (const std::string& guard : trace_.without)
      page += fmt::format("<p>without <code>{}</code></p>\n", escaped(guard));
    page += fmt::format("<details><summary>initially</summary><div>{}</div></details>\n",
                        escaped(listed(now_, "\n")));
    page += "<table>\n<tr><th>step</th>";
    for (const std::string& thread : threads_) page += fmt::format("<th>{}</th>", escaped(thread));
    page += "<th>changed, and the state then</th></tr>\n";
    for (std::size_t i = 0; i < trace_.steps.size(); ++i) page += row(i);
    page += "</table>\n";
    if (is_lasso()) page += "<p>The shaded steps repeat for ever.</p>\n";
    return page + "</html>\n";
  }

private:
  [[nodiscard]] bool is_lasso() const { return trace_.shape == result::TraceShape::lasso && trace_.loop; }

  std::string row(std::size_t i) {
    const auto& step = trace_.steps[i];
    for (const auto& [name, value] : step.changed) now_[name] = value;
    now_["at " + step.thread] = step.to;
    const bool again = is_lasso() && i >= *trace_.loop;
    std::string result =
        fmt::format("<tr{}><td class=\"number\">{}</td>", again ? " class=\"again\"" : "", i + 1);
    for (const std::string& thread : threads_)
      result += thread == step.thread ? "<td>" + happening(step) + "</td>" : "<td></td>";
    return result + fmt::format("<td><details><summary>{}</summary><div>{}</div></details></td></tr>\n",
                                step.changed.empty() ? "-" : escaped(listed(step.changed)),
                                escaped(listed(now_, "\n")));
  }

  std::string happening(const result::TraceStep& step) {
    std::string cell;
    const auto line = [&cell](const char* kind, const std::string& text) {
      if (!text.empty()) cell += fmt::format("<div class=\"{}\">{}</div>", kind, escaped(text));
    };
    const std::string function = headings_.entered(step);
    line("function", function.empty() ? "" : with_parentheses(function));
    line("text", what_happens(step));
    line("status", step.status);
    for (const auto& lock : step.locks) line("locks", describe(lock));
    for (const std::string& failure : failures(step)) line("failed", failure);
    line("where", (step.cpu ? fmt::format("CPU {} ", *step.cpu) : "") + step.source);
    return cell;
  }

  const result::Trace& trace_;
  std::vector<std::string> threads_;
  result::Names now_;
  FunctionHeadings headings_;
};

} // namespace

std::string render_html(const result::Trace& trace) { return Page(trace).written(); }

} // namespace tdxcheck::report
