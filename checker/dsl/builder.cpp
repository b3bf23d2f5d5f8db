// SPDX-License-Identifier: GPL-2.0-or-later
#include "dsl/builder.h"

#include <algorithm>
#include <string_view>

#include "support/contract.h"
#include "support/error.h"
#include "support/near_miss.h"

namespace tdxcheck::dsl {

namespace {

thread_local Builder* current = nullptr;

} // namespace

Builder& here() {
  support::expects(current != nullptr, "parameters, variables and expressions belong inside a Protocol");
  return *current;
}

model::Source source_of(const Location& location) {
  std::string_view file = location.file_name();
  for (const std::string_view folder : {"protocols/", "properties/", "examples/", "checker/", "tests/"}) {
    const auto at = file.rfind(folder);
    if (at != std::string_view::npos && (at == 0 || file[at - 1] == '/')) {
      file = file.substr(at);
      break;
    }
  }
  return {std::string(file), location.line()};
}

Builder::Builder() : outer_(current) { current = this; }
Builder::~Builder() { current = outer_; }

model::Expr Builder::constant(const model::Sort& sort, const std::string& name) const {
  support::expects(sort.kind == model::SortKind::enumeration,
                   "the constant `" + name + "` meets something that is not an enumeration");
  const auto& constants = model_.enumerations[model::Id<model::Enumeration>{sort.of}].constants;
  const auto found = std::find(constants.begin(), constants.end(), name);
  if (found == constants.end()) throw support::InputError(support::did_you_mean("constant", name, constants));
  return model::literal(sort, found - constants.begin());
}

model::Id<model::Enumeration> Builder::enumeration(const std::string& name,
                                                   const std::vector<std::string>& constants) {
  for (const auto id : model_.enumerations.ids()) {
    if (model_.enumerations[id].name != name) continue;
    support::expects(model_.enumerations[id].constants == constants,
                     "the enumeration `" + name + "` is declared twice with different constants");
    return id;
  }
  return model_.enumerations.add({name, constants});
}

model::Id<model::GuardName> Builder::guard(const std::string& name, const std::string& doc,
                                           const Location& where) {
  for (const auto id : model_.guards.ids()) {
    if (model_.guards[id].name != name) continue;
    if (model_.guards[id].doc.empty()) model_.guards[id].doc = doc;
    return id;
  }
  return model_.guards.add({name, doc, source_of(where)});
}

model::Id<model::Region> Builder::region(const std::string& name) {
  for (const auto id : model_.regions.ids())
    if (model_.regions[id].name == name) return id;
  return model_.regions.add({name, {}, {}});
}

model::BoundName Builder::fresh_bound(const std::string& name) { return {++bound_, name}; }

model::Type Builder::type_of(model::Id<model::Variable> variable) const {
  return model_.variables[variable].type;
}

ThreadBuilder& Builder::thread() {
  support::expects(thread_ != nullptr, "a step is written outside the body of a thread");
  return *thread_;
}

void Builder::wait_is_for(model::Id<model::Thread> waiting, std::size_t fact, const std::string& awaited) {
  pending_.push_back({waiting, model_.threads[waiting].steps.size() - 1, fact, awaited});
}

void Builder::resolve_waits() {
  std::vector<std::string> known;
  for (const auto& thread : model_.threads) known.push_back(thread.name);
  for (const auto& [waiting, step, fact, awaited] : pending_) {
    auto& row = model_.threads[waiting].steps[step];
    const auto found = std::find(known.begin(), known.end(), awaited);
    if (found == known.end()) {
      throw support::InputError(row.source.file + ":" + std::to_string(row.source.line) + ": " +
                                support::did_you_mean("thread", awaited, known));
    }
    std::get<model::WaitForThreads>(row.facts[fact]).thread =
        model::Id<model::Thread>{static_cast<std::uint32_t>(found - known.begin())};
  }
  pending_.clear();
}

} // namespace tdxcheck::dsl
