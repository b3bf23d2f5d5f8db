// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sketch.h"

#include "tests/sample_models.h"

#include <sstream>
#include <stdexcept>

namespace tdxcheck::tests {

using namespace model;

Id<Variable> Sketch::boolean(const std::string& name, bool initial) {
  return model.variables.add({name, {BoolType{}, {}}, truth(initial), GlobalScope{}, "", {}});
}

Id<Variable> Sketch::number(const std::string& name, Value low, Value high, Value initial) {
  const Type type{IntegerType{integer(low), integer(high)}, {}};
  return model.variables.add({name, type, integer(initial), GlobalScope{}, "", {}});
}

Id<Variable> Sketch::local(Id<Thread> thread, const std::string& name, Value low, Value high, Value initial) {
  const auto id = number(model.threads[thread].name + "." + name, low, high, initial);
  model.variables[id].scope = LocalScope{thread};
  return id;
}

Id<IndexSet> Sketch::set(const std::string& name, Value size) {
  return model.sets.add({name, integer(size), false, {}});
}

Id<Thread> Sketch::thread(const std::string& name, const std::string& labels,
                          std::optional<Id<IndexSet>> over) {
  Thread thread;
  thread.name = name;
  thread.over = over;
  std::istringstream words(labels);
  for (std::string word; words >> word;) {
    const bool end = word.back() == '*';
    thread.labels.add({end ? word.substr(0, word.size() - 1) : word, Domain::host, end, {}});
  }
  return model.threads.add(thread);
}

Id<Label> Sketch::label(Id<Thread> thread, const std::string& name) const {
  for (const auto id : model.threads[thread].labels.ids())
    if (model.threads[thread].labels[id].name == name) return id;
  throw std::logic_error("no label " + name);
}

Step& Sketch::step(Id<Thread> thread, const std::string& from, const std::string& to) {
  Step step;
  step.from = label(thread, from);
  step.to = label(thread, to);
  step.guard = truth(true);
  model.threads[thread].steps.push_back(step);
  return model.threads[thread].steps.back();
}

Step& Sketch::silent(Id<Thread> thread, const std::string& from, const std::string& to, Expr guard) {
  Step& made = step(thread, from, to);
  made.silent = true;
  made.fairness = Fairness::none;
  made.guard = std::move(guard);
  return made;
}

void Sketch::claim(const std::string& name, Claim claim) {
  Property property;
  property.name = name;
  property.claim = std::move(claim);
  model.properties.push_back(property);
}

Expr Sketch::read(Id<Variable> variable) const { return tests::read(model, variable); }

Update set(Id<Variable> variable, Expr value) { return {VariableRef{variable, {}}, std::move(value)}; }

std::string labels_of(const semantics::Interpreter& interpreter, const semantics::State& state) {
  std::string names;
  for (std::size_t t = 0; t < state.at.size(); ++t) {
    const auto& thread = interpreter.instance().model().threads[interpreter.instance().threads()[t].thread];
    names += (t == 0 ? "" : " ") + thread.labels[state.at[t]].name;
  }
  return names;
}

} // namespace tdxcheck::tests
