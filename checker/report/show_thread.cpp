// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/show_thread.h"

#include "model/print.h"
#include "report/columns.h"
#include "report/describe_step.h"
#include "report/step_text.h"

#include <fmt/format.h>

#include <optional>
#include <set>
#include <vector>

namespace tdxcheck::report {
namespace {

class Listing {
public:
  Listing(const model::Model& model, const model::Thread& thread, std::size_t width)
      : model_(model), thread_(thread), width_(width) {
    visit(thread.start);
    order_.assign(finished_.rbegin(), finished_.rend());
  }

  [[nodiscard]] std::string written() {
    heading();
    for (std::size_t i = 0; i < order_.size(); ++i) {
      next_ = i + 1 < order_.size() ? std::optional(order_[i + 1]) : std::nullopt;
      label(order_[i]);
    }
    return text_;
  }

private:
  using LabelId = model::Id<model::Label>;

  // Reverse postorder: what follows several branches comes after all of them, and the body of a loop before
  // what follows the loop. Last steps are visited first, so that the target of a first step is printed first.
  void visit(LabelId label) {
    if (!seen_.insert(label).second) return;
    for (auto step = thread_.steps.rbegin(); step != thread_.steps.rend(); ++step)
      if (step->from == label) visit(step->to);
    finished_.push_back(label);
  }

  void line(std::size_t indent, const std::string& text) {
    for (const std::string& part : wrap(std::string(indent, ' ') + text, width_, indent + 4))
      text_ += part + "\n";
  }

  // Where it is written stands at the right edge if there is room, and only where it changes.
  void line_with_source(std::size_t indent, const std::string& text, const model::Source& source) {
    const std::string where = source.file.empty() ? "" : fmt::format("{}:{}", source.file, source.line);
    const std::string written = std::string(indent, ' ') + text;
    const bool fits = width_of(written) + 2 + width_of(where) <= width_;
    if (where.empty() || where == last_source_) return line(indent, text);
    last_source_ = where;
    if (fits) {
      text_ += padded(written, width_ - width_of(where)) + where + "\n";
    } else {
      line(indent, text);
      line(indent + 4, "at " + where);
    }
  }

  void heading() {
    std::string head = "Thread " + thread_.name;
    if (thread_.over) {
      const model::IndexSet& set = model_.sets[*thread_.over];
      head += fmt::format(", one per member of {} ({})", set.name, print(model_, set.size));
    }
    line(0, thread_.doc.empty() ? head : head + ": " + thread_.doc);
    if (!thread_.cpu.empty() && !is_literal(thread_.cpu, model::no_member))
      line(2, "runs on CPU " + print(model_, thread_.cpu));
  }

  void function(const std::string& name) {
    if (name.empty() || name == function_) return;
    function_ = name;
    text_ += "\n";
    line(2, with_parentheses(name));
  }

  void label(LabelId id) {
    const model::Label& label = thread_.labels[id];
    std::vector<const model::Step*> steps;
    for (const model::Step& step : thread_.steps)
      if (step.from == id) steps.push_back(&step);
    if (!steps.empty()) function(steps.front()->function);

    std::string head = label.name + ":";
    if (label.domain != model::Domain::host) head += fmt::format(" ({})", name_of(label.domain));
    if (label.end) head += steps.empty() ? " end" : " may end here";
    if (steps.size() > 1) head += " one of";
    line(4, head);
    for (const model::Step* step : steps) this->step(*step, steps.size() > 1);
  }

  void step(const model::Step& step, bool is_one_of_several) {
    const std::string other_function =
        step.function == function_ || step.function.empty() ? "" : step.function + ": ";
    line_with_source(6, (is_one_of_several ? "- " : "  ") + other_function + headline(model_, thread_, step),
                     step.source);
    for (const std::string& text : describe(model_, step)) line(10, text);
    if (!next_ || step.to != *next_) line(10, "goto " + thread_.labels[step.to].name);
  }

  const model::Model& model_;
  const model::Thread& thread_;
  std::size_t width_;
  std::set<LabelId> seen_;
  std::vector<LabelId> finished_, order_;
  std::optional<LabelId> next_;
  std::string function_, last_source_, text_;
};

} // namespace

std::string show_thread(const model::Model& model, model::Id<model::Thread> thread, std::size_t width) {
  return Listing(model, model.threads[thread], width).written();
}

} // namespace tdxcheck::report
