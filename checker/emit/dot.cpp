// SPDX-License-Identifier: GPL-2.0-or-later
#include "emit/dot.h"

#include "emit/choose.h"
#include "model/instance.h"
#include "model/print.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

namespace tdxcheck::emit {
namespace {

using model::Id;

// One line of a label, aligned to the left.
std::string line(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c == '\n' ? ' ' : c;
  }
  return escaped + "\\l";
}

std::string quoted(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c == '\n' ? ' ' : c;
  }
  return "\"" + escaped + "\"";
}

class Dot {
public:
  Dot(const model::Model& model, const model::Valuation& valuation)
      : model_(model), instance_(model, valuation) {}

  std::string write(const std::string& origin);

private:
  [[nodiscard]] std::string node(Id<model::Thread> thread, Id<model::Label> label) const {
    return quoted(model_.threads[thread].name + ": " + model_.threads[thread].labels[label].name);
  }
  [[nodiscard]] std::string thread(Id<model::Thread> id) const;
  [[nodiscard]] std::string step(Id<model::Thread> id, const model::Step& step) const;
  [[nodiscard]] std::string variables() const;
  [[nodiscard]] std::string type_of(Id<model::Variable> variable) const;
  [[nodiscard]] std::string claims() const;
  [[nodiscard]] std::string words_of(const model::Property& property) const;
  [[nodiscard]] std::string print(const model::Expr& e) const { return model::print(model_, e); }

  const model::Model& model_;
  model::Instance instance_;
};

std::string Dot::step(Id<model::Thread> id, const model::Step& step) const {
  std::string label;
  if (!step.call.empty() && step.call != step.text) label += line(step.call);
  if (!step.text.empty()) label += line(step.text + (step.status.empty() ? "" : " [" + step.status + "]"));
  for (const model::Choice& choice : step.choices)
    label += line(fmt::format("some {} in {}", choice.bound.name, model_.sets[choice.set].name));
  const model::Expr guard = whole_guard(step);
  if (!model::is_true(guard)) label += line("when " + print(guard));
  for (const model::Fact& fact : step.facts)
    if (const auto* assertion = std::get_if<model::Assertion>(&fact))
      label += line(fmt::format("assert {} ({})", print(assertion->holds), assertion->property));
  for (const model::Update& update : step.updates)
    label +=
        line(fmt::format("{} := {}", model::print_reference(model_, update.target), print(update.value)));
  if (!step.error.empty()) label += line("ill-formed: " + step.error);
  const char* style = "";
  switch (step.fairness) {
  case model::Fairness::none: style = ", style=dashed"; break;
  case model::Fairness::weak: break;
  case model::Fairness::strong: style = ", style=bold"; break;
  }
  const std::string source =
      step.source.file.empty()
          ? ""
          : fmt::format(", tooltip={}", quoted(fmt::format("{}:{}", step.source.file, step.source.line)));
  return fmt::format("    {} -> {} [label=\"{}\"{}{}];\n", node(id, step.from), node(id, step.to), label,
                     style, source);
}

std::string Dot::thread(Id<model::Thread> id) const {
  const model::Thread& thread = model_.threads[id];
  const std::string name = thread.over
                               ? fmt::format("{}[{} in {}, 0..{}]", thread.name, "self",
                                             model_.sets[*thread.over].name, instance_.size(*thread.over) - 1)
                               : thread.name;
  std::string text = fmt::format("  subgraph {} {{\n    label=\"{}\";\n", quoted("cluster " + thread.name),
                                 line(name) + (thread.doc.empty() ? "" : line(thread.doc)));
  const std::string start = quoted("start of " + thread.name);
  text += fmt::format("    {} [shape=point];\n    {} -> {};\n", start, start, node(id, thread.start));
  for (const auto label : thread.labels.ids())
    text += fmt::format("    {} [label={}{}];\n", node(id, label), quoted(thread.labels[label].name),
                        thread.labels[label].end ? ", peripheries=2" : "");
  for (const model::Step& one : thread.steps) text += step(id, one);
  return text + "  }\n";
}

std::string Dot::type_of(Id<model::Variable> id) const {
  struct Write {
    const model::Model& model;
    const model::Cell& cell;
    std::string operator()(const model::BoolType&) const { return "bool"; }
    std::string operator()(const model::IntegerType&) const {
      return fmt::format("{}..{}", cell.low, cell.high);
    }
    std::string operator()(const model::BitsType&) const { return fmt::format("bits, 0..{}", cell.high); }
    std::string operator()(const model::EnumType& type) const {
      return fmt::format("{{{}}}", fmt::join(model.enumerations[type.enumeration].constants, ", "));
    }
    std::string operator()(const model::IndexType& type) const { return model.sets[type.set].name; }
    std::string operator()(const model::OptionalIndexType& type) const {
      return model.sets[type.set].name + " or none";
    }
    std::string operator()(const model::SubsetType& type) const {
      return "subset of " + model.sets[type.of].name;
    }
  };
  std::string arrays;
  for (const auto set : instance_.dimensions(id)) arrays += fmt::format("[{}]", model_.sets[set].name);
  const std::string scalar = std::visit(Write{model_, instance_.cells()[instance_.first_cell(id)]},
                                        model_.variables[id].type.scalar);
  return arrays.empty() ? scalar : arrays + " of " + scalar;
}

std::string Dot::variables() const {
  std::string label;
  for (const auto id : model_.variables.ids()) {
    const std::size_t first = instance_.first_cell(id);
    if (first >= instance_.cells().size() || instance_.cells()[first].variable != id) continue;
    const model::Variable& variable = model_.variables[id];
    label += line(fmt::format("{}: {} = {}{}", variable.name, type_of(id),
                              variable.initial ? print(*variable.initial) : "any",
                              variable.doc.empty() ? "" : "  // " + variable.doc));
  }
  return fmt::format("  \"the variables\" [shape=note, label=\"{}\"];\n", label);
}

std::string Dot::words_of(const model::Property& property) const {
  struct Write {
    const Dot& dot;
    std::string_view name;
    std::string operator()(const model::Always& c) const { return "always " + dot.print(c.condition); }
    std::string operator()(const model::Sometimes& c) const { return "sometimes " + dot.print(c.condition); }
    std::string operator()(const model::Recoverable& c) const {
      return "recoverable " + dot.print(c.condition);
    }
    std::string operator()(const model::LeadsTo& c) const {
      return dot.print(c.from) + " leads to " + dot.print(c.to);
    }
    std::string operator()(const model::Retries& c) const {
      return fmt::format("retries {} <= {}", dot.model_.loops[c.loop].name, dot.print(c.limit));
    }
    std::string operator()(const model::Balanced& c) const {
      const model::Counter& counter = dot.model_.counters[c.counter];
      return fmt::format("balanced: {} == {}", dot.print(counter.value), dot.print(counter.holders));
    }
    std::string operator()(const model::Asserted&) const { return "asserted"; }
    std::string operator()(const model::NoDeadlock&) const { return std::string(name); }
    std::string operator()(const model::LockDiscipline&) const { return std::string(name); }
    std::string operator()(const model::LockOrder&) const { return std::string(name); }
    std::string operator()(const model::NoLivelock&) const { return std::string(name); }
    std::string operator()(const model::NoStarvation&) const { return std::string(name); }
  };
  const std::string words = std::visit(Write{*this, model::template_name(property.claim)}, property.claim);
  return words == property.name ? words : property.name + ": " + words;
}

std::string Dot::claims() const {
  std::string label;
  for (const model::Property& property : model_.properties) label += line(words_of(property));
  return fmt::format("  \"the claims\" [shape=note, label=\"{}\"];\n", label);
}

std::string Dot::write(const std::string& origin) {
  std::string text = fmt::format("// {}\n", origin);
  if (!model_.summary.empty()) text += fmt::format("// {}\n", model_.summary);
  text += fmt::format("digraph {} {{\n  node [shape=box, style=rounded, fontname=\"monospace\"];\n"
                      "  edge [fontname=\"monospace\", fontsize=10];\n",
                      quoted(model_.name));
  text += variables();
  if (!model_.properties.empty()) text += claims();
  for (const auto id : model_.threads.ids()) text += thread(id);
  return text + "}\n";
}

} // namespace

std::string dot(const model::Model& model, const model::Valuation& valuation, const std::string& origin) {
  return Dot(model, valuation).write(origin);
}

} // namespace tdxcheck::emit
