// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/counting_model.h"

#include "tests/sample_models.h"

namespace tdxcheck::tests {

using namespace model;

Model counting_model(int threads, int last, int range) {
  Model model;
  model.name = "counting";
  const auto counter = model.sets.add({"counter", integer(threads), false, {}});
  Thread thread;
  thread.name = "count";
  thread.over = counter;
  thread.start = thread.labels.add({"counting", Domain::host, true, {}});
  const auto id = model.threads.add(thread);
  const auto number = model.variables.add(
      {"count.number", {IntegerType{integer(0), integer(range)}, {}}, integer(0), LocalScope{id}, "", {}});

  const Expr value = read(model, number, {self(counter)});
  Step step;
  step.from = step.to = thread.start;
  step.text = "counts";
  step.guard = binary(BinaryOp::less, value, integer(last));
  step.updates = {{VariableRef{number, {self(counter)}}, binary(BinaryOp::add, value, integer(1))}};
  step.source = {"protocols/counting.cpp", 7};
  model.threads[id].steps = {step};

  const BoundName c{0, "c"};
  const Expr counted = read(model, number, {bound(c, counter)});
  model.properties = {{"within",
                       Always{for_all(c, counter, binary(BinaryOp::less_equal, counted, integer(last)))},
                       {},
                       "",
                       {}}};
  return model;
}

} // namespace tdxcheck::tests
