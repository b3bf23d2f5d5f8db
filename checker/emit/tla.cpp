// SPDX-License-Identifier: GPL-2.0-or-later
#include "emit/tla.h"

#include "emit/tla_claims.h"
#include "support/error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

namespace tdxcheck::emit {
namespace {

using model::Id;
using model::Value;

std::vector<std::string> reserved_in(const std::string& module_name) {
  std::vector<std::string> words = tla_reserved_words();
  words.push_back(module_name);
  return words;
}

class Tla {
public:
  Tla(const model::Model& model, const model::Valuation& valuation, const std::string& module_name)
      : instance_(model, valuation),
        names_(reserved_in(module_name)),
        expressions_(instance_, names_),
        steps_(instance_, names_, expressions_) {}

  TlaFiles write(const std::string& origin, const std::string& module_name);

private:
  struct Declared {
    std::string name, type, initial, doc;
    bool is_any = false;
  };

  const model::Model& model() const { return instance_.model(); }
  [[nodiscard]] Declared variable(Id<model::Variable> id) const;
  [[nodiscard]] Declared place(Id<model::Thread> id) const;
  [[nodiscard]] std::vector<Declared> variables() const;
  [[nodiscard]] std::string type_of(const model::Sort& sort, const model::Cell& cell) const;
  [[nodiscard]] std::string head(const std::string& origin, const std::string& module_name) const;
  [[nodiscard]] std::string constants() const;
  void refuse_what_cannot_be_said() const;
  [[nodiscard]] std::string bit_operators() const;
  [[nodiscard]] std::string regions() const;
  [[nodiscard]] static std::string configuration(const std::string& origin, const TlaClaims& claims);

  model::Instance instance_;
  Identifiers names_;
  TlaExpressions expressions_;
  TlaSteps steps_;
};

std::string Tla::type_of(const model::Sort& sort, const model::Cell& cell) const {
  switch (sort.kind) {
  case model::SortKind::boolean: return "BOOLEAN";
  case model::SortKind::enumeration: return expressions_.enumeration({sort.of});
  case model::SortKind::index: return expressions_.set({sort.of});
  case model::SortKind::optional_index: return fmt::format("{} \\cup {{none}}", expressions_.set({sort.of}));
  case model::SortKind::subset: return fmt::format("SUBSET {}", expressions_.set({sort.of}));
  case model::SortKind::integer:
  case model::SortKind::bits: break;
  }
  return fmt::format("{}..{}", expressions_.value(sort, cell.low), expressions_.value(sort, cell.high));
}

Tla::Declared Tla::variable(Id<model::Variable> id) const {
  const model::Variable& variable = model().variables[id];
  const std::size_t first = instance_.first_cell(id);
  std::vector<std::string> sets, binders;
  for (const auto set : instance_.dimensions(id)) {
    sets.push_back(expressions_.set(set));
    binders.push_back(fmt::format("i{} \\in {}", binders.size() + 1, sets.back()));
  }
  Declared declared{expressions_.variable(id), type_of(instance_.sort(first), instance_.cells()[first]), "",
                    variable.doc, !variable.initial};
  if (variable.initial) declared.initial = expressions_.operand(*variable.initial);
  if (sets.empty()) return declared;
  declared.type = fmt::format("[{} -> {}]", fmt::join(sets, " \\X "), declared.type);
  if (variable.initial)
    declared.initial = fmt::format("[{} |-> {}]", fmt::join(binders, ", "), declared.initial);
  return declared;
}

Tla::Declared Tla::place(Id<model::Thread> id) const {
  const model::Thread& thread = model().threads[id];
  std::vector<std::string> labels;
  for (const model::Label& label : thread.labels) labels.push_back(tla_string(label.name));
  Declared declared{expressions_.pc(id), fmt::format("{{{}}}", fmt::join(labels, ", ")),
                    tla_string(thread.labels[thread.start].name), "where " + thread.name + " is", false};
  if (!thread.over) return declared;
  const std::string& set = expressions_.set(*thread.over);
  declared.type = fmt::format("[{} -> {}]", set, declared.type);
  declared.initial = fmt::format("[self \\in {} |-> {}]", set, declared.initial);
  return declared;
}

// In the order of the groups.
std::vector<Tla::Declared> Tla::variables() const {
  std::map<std::string, Declared> by_name;
  for (const auto id : model().threads.ids()) by_name[expressions_.pc(id)] = place(id);
  std::vector<Declared> all;
  for (const TlaVariables& group : steps_.variables()) {
    for (const auto id : group.variables) by_name[expressions_.variable(id)] = variable(id);
    for (const auto& name : group.names) all.push_back(by_name.at(name));
  }
  return all;
}

std::string Tla::head(const std::string& origin, const std::string& module_name) const {
  std::string text = fmt::format("{:-^78}\n", fmt::format(" MODULE {} ", module_name));
  text += fmt::format("\\* {}\n", tla_comment(origin));
  if (!model().summary.empty()) text += fmt::format("\\* {}\n", tla_comment(model().summary));
  return text + "\\* One action is one step; TLC's distinct states are those that `tdxcheck check "
                "--as-written` counts.\n"
                "EXTENDS Integers, FiniteSets\n\n";
}

std::string Tla::constants() const {
  std::string text;
  for (const auto id : model().sets.ids())
    text += fmt::format("{} == 0..{}\n", expressions_.set(id), instance_.size(id) - 1);
  text += "none == -1  \\* an optional member that is not there\n";
  for (const auto id : model().enumerations.ids()) {
    std::vector<std::string> constants;
    for (const auto& constant : model().enumerations[id].constants) constants.push_back(tla_string(constant));
    text += fmt::format("{} == {{{}}}\n", expressions_.enumeration(id), fmt::join(constants, ", "));
  }
  return text + "\n";
}

// Of numbers that are not negative.
std::string Tla::bit_operators() const {
  std::string text;
  for (const auto& [name, bit] : std::vector<std::pair<std::string, std::string>>{
           {"BitAnd", "IF (left % 2) = 1 /\\ (right % 2) = 1 THEN 1 ELSE 0"},
           {"BitOr", "IF (left % 2) = 1 \\/ (right % 2) = 1 THEN 1 ELSE 0"},
           {"BitXor", "IF (left % 2) # (right % 2) THEN 1 ELSE 0"}})
    if (expressions_.used_bit_operators().contains(name))
      text += fmt::format("RECURSIVE {0}(_, _)\n{0}(left, right) ==\n  IF left = 0 /\\ right = 0 THEN 0\n"
                          "  ELSE (2 * {0}(left \\div 2, right \\div 2)) + ({1})\n\n",
                          name, bit);
  return text;
}

std::string Tla::regions() const {
  std::string text;
  for (const auto id : expressions_.used_regions()) {
    const model::Region& region = model().regions[id];
    std::vector<std::string> labels;
    for (const auto label : region.labels)
      labels.push_back(tla_string(model().threads[region.thread].labels[label].name));
    text += fmt::format("{}{} == {} \\in {{{}}}\n", expressions_.region(id), steps_.arguments(region.thread),
                        expressions_.pc(region.thread, steps_.self(region.thread)), fmt::join(labels, ", "));
  }
  return text.empty() ? "" : text + "\n";
}

std::string Tla::configuration(const std::string& origin, const TlaClaims& claims) {
  std::string text =
      fmt::format("\\* {}\n\\* Run TLC with -continue to count all states although an invariant "
                  "is violated.\nSPECIFICATION Spec\nINVARIANT TypeOK\n",
                  tla_comment(origin));
  for (const auto& name : claims.invariants) text += fmt::format("INVARIANT {}\n", name);
  for (const auto& name : claims.properties) text += fmt::format("PROPERTY {}\n", name);
  for (const auto& name : claims.reached) text += fmt::format("\\* INVARIANT {}\n", name);
  return text +
         "\\* A thread may stop at its end; no_deadlock says what is a deadlock.\nCHECK_DEADLOCK FALSE\n";
}

void Tla::refuse_what_cannot_be_said() const {
  for (const model::Cell& cell : instance_.cells())
    if (cell.low < -2147483647 || cell.high > 2147483647)
      if (const auto kind = instance_.sort(instance_.first_cell(cell.variable)).kind;
          kind == model::SortKind::integer || kind == model::SortKind::bits)
        throw support::InputError(fmt::format("TLC has no numbers for the range {}..{} of `{}`: its integers "
                                              "have 32 bits",
                                              cell.low, cell.high, model().variables[cell.variable].name));
}

TlaFiles Tla::write(const std::string& origin, const std::string& module_name) {
  refuse_what_cannot_be_said();
  const std::vector<Declared> declared = variables();
  const std::string steps = steps_.definitions();
  const TlaClaims claims = tla_claims(instance_, names_, expressions_, steps_); // and then what they use
  std::string module = head(origin, module_name) + constants();

  std::vector<std::string> groups;
  std::size_t width = 0;
  for (const Declared& variable : declared) width = std::max(width, variable.name.size() + 1);
  module += "VARIABLES\n";
  for (std::size_t i = 0; i < declared.size(); ++i) {
    const std::string name = declared[i].name + (i + 1 < declared.size() ? "," : "");
    module += declared[i].doc.empty()
                  ? fmt::format("  {}\n", name)
                  : fmt::format("  {:<{}}  \\* {}\n", name, width, tla_comment(declared[i].doc));
  }
  module += "\n";
  for (const TlaVariables& group : steps_.variables()) {
    module += fmt::format("{} == <<{}>>\n", group.name, fmt::join(group.names, ", "));
    groups.push_back(group.name);
  }
  module += fmt::format("vars == <<{}>>\n\n", fmt::join(groups, ", "));
  module += "TypeOK ==\n";
  for (const Declared& variable : declared)
    module += fmt::format("  /\\ {} \\in {}\n", variable.name, variable.type);
  module += "\nInit ==\n";
  for (const Declared& variable : declared)
    module += fmt::format("  /\\ {} {} {}\n", variable.name, variable.is_any ? "\\in" : "=",
                          variable.is_any ? variable.type : variable.initial);
  module += "\n" + regions() + bit_operators() + steps + claims.fairness;
  module += "Spec == Init /\\ [][Next]_vars /\\ Fairness\n\n" + claims.definitions;
  if (!claims.unsaid.empty())
    module += fmt::format("\\* Claims without words here: {}\n", fmt::join(claims.unsaid, ", "));
  module += std::string(78, '=') + "\n";
  return {module, configuration(origin, claims)};
}

} // namespace

std::string tla_module_name(const std::string& wanted) {
  Identifiers names(tla_reserved_words());
  return names.of(Identifiers::Kind::claim, wanted);
}

TlaFiles tla(const model::Model& model, const model::Valuation& valuation, const std::string& origin,
             const std::string& module_name) {
  return Tla(model, valuation, module_name).write(origin, module_name);
}

} // namespace tdxcheck::emit
