// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/show_model.h"

#include "model/print.h"
#include "report/columns.h"
#include "report/describe_claim.h"
#include "report/describe_step.h"
#include "report/show_thread.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tdxcheck::report {
namespace {

using model::print;

// Entries of a section: what, and what is to be said of it.
class Page {
public:
  explicit Page(std::size_t width) : width_(width) {}

  void line(const std::string& text, std::size_t hanging = 4) {
    for (const std::string& part : wrap(text, width_, hanging)) text_ += part + "\n";
  }
  // The heading is written with the first entry below it, so that an empty section leaves no trace.
  void section(const std::string& heading) { pending_ = heading; }
  void entry(const std::string& text) {
    if (!pending_.empty()) text_ += "\n" + pending_ + "\n";
    pending_.clear();
    line("  " + text, 6);
  }
  void detail(const std::string& text) {
    if (!text.empty()) line("      " + text, 8);
  }
  void raw(const std::string& text) { text_ += text; }
  [[nodiscard]] const std::string& text() const { return text_; }

private:
  std::size_t width_;
  std::string text_, pending_;
};

std::string with_doc(const std::string& text, const std::string& doc) {
  return doc.empty() ? text : text + ": " + doc;
}

void show_parameters(Page& page, const model::Model& written, const model::Valuation& valuation) {
  page.section("Parameters");
  for (const auto id : written.parameters.ids()) {
    const model::Parameter& parameter = written.parameters[id];
    const model::Value value = valuation.parameters.at(id.value);
    const std::string other = value == parameter.default_value
                                  ? ""
                                  : ", default " + print_parameter(written, id, parameter.default_value);
    page.entry(with_doc(fmt::format("{} = {} ({}{})", parameter.name, print_parameter(written, id, value),
                                    print_range(written, id), other),
                        parameter.doc));
  }
  page.section("Named guards");
  for (const auto id : written.guards.ids())
    page.entry(with_doc(written.guards[id].name + (valuation.kept.at(id.value) ? "" : " (dropped)"),
                        written.guards[id].doc));
}

std::string scope_of(const model::Model& model, const model::Variable& variable) {
  if (const auto* member = std::get_if<model::MemberScope>(&variable.scope))
    return "[" + model.sets[member->set].name + "]";
  return "";
}

std::string attributes(const model::Lock& lock) {
  std::string text(name_of(lock.kind));
  if (lock.module) text += ", of the TDX module";
  if (lock.sleeping) text += ", may sleep";
  if (lock.rank) text += fmt::format(", rank {}", *lock.rank);
  return text;
}

void show_declarations(Page& page, const model::Model& model) {
  page.section("Sets");
  for (const auto& set : model.sets)
    page.entry(
        fmt::format("{}: {}{}", set.name, print(model, set.size), set.symmetric ? ", interchangeable" : ""));
  page.section("Types");
  for (const auto& enumeration : model.enumerations)
    page.entry(fmt::format("{}: {}", enumeration.name, fmt::join(enumeration.constants, " | ")));
  page.section("Variables");
  for (const auto& variable : model.variables)
    page.entry(with_doc(fmt::format("{}{}: {} = {}", variable.name, scope_of(model, variable),
                                    describe(model, variable.type),
                                    variable.initial ? print(model, *variable.initial) : "any"),
                        variable.doc));
  page.section("Locks");
  for (const auto& lock : model.locks)
    page.entry(with_doc(fmt::format("{}{} ({})", lock.name, names_of(model, lock.over), attributes(lock)),
                        lock.doc));
}

// Whether a step of the model has an event of that loop or operation: those of threads that never act have
// none.
template <class Event, class Row>
bool occurs(const model::Model& model, model::Id<Row> Event::*of, model::Id<Row> row) {
  for (const auto& thread : model.threads)
    for (const auto& step : thread.steps)
      for (const auto& fact : step.facts)
        if (const auto* event = std::get_if<Event>(&fact); event != nullptr && event->*of == row) return true;
  return false;
}

template <class Event, class Row>
void show_named(Page& page, const model::Model& model, const model::Table<Row>& table,
                model::Id<Row> Event::*of) {
  for (const auto id : table.ids()) {
    const Row& row = table[id];
    if (occurs(model, of, id))
      page.entry(
          fmt::format("{} of {}{}", row.name, model.threads[row.thread].name,
                      row.functions.empty() ? "" : fmt::format(", in {}", fmt::join(row.functions, ", "))));
  }
}

void show_claims(Page& page, const model::Model& model) {
  page.section("Claims");
  for (const auto& property : model.properties) {
    const std::string claim = describe(model, property.claim);
    page.entry(with_doc(property.name == claim ? claim : property.name + " = " + claim, property.doc));
  }
  page.section("Regions");
  for (const auto& region : model.regions) {
    std::vector<std::string> labels;
    for (const auto label : region.labels) labels.push_back(model.threads[region.thread].labels[label].name);
    if (!labels.empty())
      page.entry(fmt::format("{}: {} at {}", region.name, model.threads[region.thread].name,
                             fmt::join(labels, ", ")));
  }
  page.section("Loops");
  show_named(page, model, model.loops, &model::LoopEvent::loop);
  page.section("Operations");
  show_named(page, model, model.operations, &model::OperationEvent::operation);
}

void show_variants(Page& page, const model::Model& written) {
  page.section("Variants");
  for (const auto& variant : written.variants) {
    std::vector<std::string> settings;
    for (const auto& setting : variant.settings)
      settings.push_back(written.parameters[setting.parameter].name + "=" +
                         print_parameter(written, setting.parameter, setting.value));
    page.entry(
        fmt::format("{}{}", variant.name, variant.name == written.default_variant ? " (default)" : ""));
    page.detail(fmt::format("{}", fmt::join(settings, " ")));
    page.detail(variant.source.empty() ? "" : "source: " + variant.source);
    page.detail(variant.expected.empty() ? "" : "expected: " + variant.expected);
    page.detail(variant.left_out.empty() ? "" : "left out: " + variant.left_out);
    page.detail(variant.finding.empty() ? "" : "found: " + variant.finding);
  }
}

} // namespace

std::string show_model(const std::string& target, const model::Model& written,
                       const model::Valuation& valuation, const model::Model& instantiated,
                       std::size_t width) {
  Page page(width);
  page.line(with_doc(target, written.summary));
  if (!written.essay.empty()) page.raw("\n" + written.essay + (written.essay.ends_with('\n') ? "" : "\n"));
  show_parameters(page, written, valuation);
  show_declarations(page, instantiated);
  for (const auto id : instantiated.threads.ids())
    if (!instantiated.threads[id].steps.empty()) page.raw("\n" + show_thread(instantiated, id, width));
  show_claims(page, instantiated);
  show_variants(page, written);
  return page.text();
}

} // namespace tdxcheck::report
