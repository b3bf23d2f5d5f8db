// SPDX-License-Identifier: GPL-2.0-or-later
// Without these, a silent step looks at what others change in between, which no engine would ever see; or a
// thread writes the locals of another one and a reduction that trusts their name goes wrong.
#include "tests/model_mutations.h"

namespace model_validate_steps_test {

using namespace tdxcheck;
using namespace tdxcheck::model;
using namespace tdxcheck::tests;
using namespace tdxcheck::tests::of_every_feature;

const Model& good() {
  static const Model model = every_feature();
  return model;
}
Expr var(Id<Variable> variable, std::vector<Expr> at = {}) { return read(good(), variable, std::move(at)); }
Expr me() { return self(vcpu_set); }

const BoundName v{20, "v"};

TEST_CASE("a step leads from a label of its thread to one, and its parts are well-sorted") {
  const Mutation mutations[] = {
      {"70: a step of the thread `vcpu` leads from or to a label that does not exist",
       [](Model& m) { vcpu_step(m, enter).from = {4}; }},
      {"70: a step of the thread `vcpu` leads from or to", [](Model& m) { vcpu_step(m, enter).to = {4}; }},
      {"70: the guard: it, or an operand in it, is missing",
       [](Model& m) { vcpu_step(m, enter).guard = Expr(); }},
      {"70: the guard: `users` is an integer", [](Model& m) { vcpu_step(m, enter).guard = var(users); }},
      {"70: the guard `kicked`: `users` is an integer",
       [](Model& m) { vcpu_step(m, enter).named[0].condition = var(users); }},
      {"70: a conjunct of the guard has a name that does not exist",
       [](Model& m) { vcpu_step(m, enter).named[0].guard = {2}; }},
      {"70: `some c` chooses from a set that does not exist",
       [](Model& m) { vcpu_step(m, enter).choices[0].set = {2}; }},
      {"70: `c` is chosen twice",
       [](Model& m) { vcpu_step(m, enter).choices.push_back(vcpu_step(m, enter).choices[0]); }},
      {"75: the guard: `c` is used outside of what binds it",
       [](Model& m) {
         vcpu_step(m, leave).guard = binary(BinaryOp::equal, bound({2, "c"}, cpu), var(home));
       }},
      {"70: the guard: `c` is bound twice",
       [](Model& m) {
         vcpu_step(m, enter).guard = exists({2, "c"}, cpu, truth(true));
       }},
      {"84: the guard: `self` means nothing here",
       [](Model& m) { zap_step(m, finish).guard = in_region({0}, {me()}); }},
      {"70: the guard: `self` is an index of vcpu, but says that it is an index of cpu",
       [](Model& m) { vcpu_step(m, enter).guard = binary(BinaryOp::equal, self(cpu), var(home)); }},
      {"40: the CPU: `vm_dead` is boolean; expected an index",
       [](Model& m) { m.threads[vcpu].cpu = var(vm_dead); }},
      {"45: the CPU: `self` means nothing here", [](Model& m) { m.threads[zap].cpu = self(cpu); }},
  };
  check_refusals(mutations);
}

TEST_CASE("an update fits its target, and no target is set twice") {
  const Mutation mutations[] = {
      {"75: the update of `users`: `word` is bits; expected: an integer",
       [](Model& m) { vcpu_step(m, leave).updates[0].value = var(word); }},
      {"75: the update of `word`: `users` is an integer; expected: bits",
       [](Model& m) { vcpu_step(m, leave).updates[2].value = var(users); }},
      {"70: the update of `vcpu.cpu`: `assoc[self]` is an optional index of cpu; expected: an index of cpu",
       [](Model& m) { vcpu_step(m, enter).updates[0].value = var(assoc, {me()}); }},
      {"70: the update of `vcpu.cpu`: `self` is an index of vcpu; expected: an index of cpu",
       [](Model& m) { vcpu_step(m, enter).updates[0].value = me(); }},
      {"75: the update of `assoc`: `assoc` is used with 0 indices, where 1 are needed",
       [](Model& m) { vcpu_step(m, leave).updates[1].target.at.clear(); }},
      {"75: an update sets a variable that does not exist",
       [](Model& m) { vcpu_step(m, leave).updates[1].target.variable = {99}; }},
      {"75: the update of `users`: it, or an operand in it, is missing",
       [](Model& m) { vcpu_step(m, leave).updates[0].value = Expr(); }},
      {"75: `assoc[self]` is set twice in one step",
       [](Model& m) { vcpu_step(m, leave).updates.push_back(vcpu_step(m, leave).updates[1]); }},
  };
  check_refusals(mutations);
  Model model = every_feature();
  vcpu_step(model, run)
      .updates.push_back({{seen, {var(home), me()}}, truth(false)}); // elsewhere, as it is written
  CHECK(describe(validate(model)) == "");
}

TEST_CASE("a thread may read the locals of another one but not set them") {
  const Mutation mutations[] = {
      {"84: `vcpu[0].cpu` is a local of another thread; it may be read, not set",
       [](Model& m) {
         zap_step(m, finish).updates[0] = {{vcpu_cpu, {literal({SortKind::index, vcpu_set.value}, 0)}},
                                           var(home)};
       }},
      {"75: `zap.busy` is a local of another thread; it may be read, not set",
       [](Model& m) {
         vcpu_step(m, leave).updates[0] = {{zap_busy, {}}, truth(false)};
       }},
      {"70: `vcpu[0].round` is a local of another thread; it may be read, not set",
       [](Model& m) {
         vcpu_step(m, enter).updates[0] = {{vcpu_round, {literal({SortKind::index, vcpu_set.value}, 0)}},
                                           integer(0)};
       }},
  };
  check_refusals(mutations);
  Model model = every_feature();
  zap_step(model, finish).guard =
      exists(v, vcpu_set, binary(BinaryOp::equal, read(model, vcpu_cpu, {bound(v, vcpu_set)}), var(home)));
  CHECK(describe(validate(model)) == "");
}

TEST_CASE("a silent step looks at parameters and its own scalar locals, and does nothing that shows") {
  const auto guarded = [](const Expr& guard) {
    return [guard](Model& m) { vcpu_step(m, count_up).guard = guard; };
  };
  const auto with_fact = [](const Fact& fact) {
    return [fact](Model& m) { vcpu_step(m, count_up).facts.push_back(fact); };
  };
  const Mutation mutations[] = {
      {"71: the guard: `vm_dead` occurs in a silent step", guarded(var(vm_dead))},
      {"71: the guard: `vcpu[0].round` occurs in a silent step",
       guarded(binary(BinaryOp::equal, var(vcpu_round, {literal({SortKind::index, vcpu_set.value}, 0)}),
                      integer(0)))},
      {"71: the guard: `zap.busy` occurs in a silent step", guarded(var(zap_busy))},
      {"71: the guard: `vcpu[self] in guest` occurs in a silent step", guarded(in_region({0}, {me()}))},
      {"71: the guard: `exists v in vcpu: true` occurs in a silent step",
       guarded(exists(v, vcpu_set, truth(true)))},
      {"71: the guard `kicked`: `mmu_taken` occurs in a silent step",
       [](Model& m) {
         vcpu_step(m, count_up).named = {{{0}, var(mmu_taken)}};
       }},
      {"71: the update of `vcpu.round`: `users` occurs in a silent step",
       [](Model& m) { vcpu_step(m, count_up).updates[0].value = var(users); }},
      {"71: the update of `vm_dead`: `vm_dead` occurs in a silent step",
       [](Model& m) {
         vcpu_step(m, count_up).updates[0] = {{vm_dead, {}}, truth(true)};
       }},
      {"72: the assertion: `vm_dead` occurs in a silent step",
       [](Model& m) { std::get<Assertion>(vcpu_step(m, start_again).facts[1]).holds = var(vm_dead); }},
      {"71: a silent step chooses `v`",
       [](Model& m) {
         vcpu_step(m, count_up).choices = {{v, cpu}};
       }},
      {"71: a silent step is about a lock", with_fact(LockEvent{LockAction::release, mmu_lock, {}, {}})},
      {"71: a silent step is about waiting for a lock",
       with_fact(WaitForLock{mmu_lock, {}, LockMode::shared})},
      {"71: a silent step is about waiting for threads", with_fact(WaitForThreads{zap, v, truth(true), ""})},
      {"71: a silent step is about waiting for a CPU", with_fact(WaitForCpu{var(vcpu_cpu, {me()})})},
      {"71: a silent step is about a cost", with_fact(Cost{CostKind::ipis, integer(1)})},
      {"72: the label `chosen` of the thread `vcpu` has silent steps and others",
       [](Model& m) { vcpu_step(m, start_again).silent = false; }},
  };
  check_refusals(mutations);

  Model model = every_feature();
  model.variables[vcpu_round].type.array_of = {cpu};
  const std::string problems = describe(validate(model));
  CHECK(problems.find("vcpu.round") != std::string::npos); // an array is no scalar, wherever it is read
  Model quiet = every_feature();
  vcpu_step(quiet, count_up).facts = {ContextEvent{ContextAction::irqs_on}, RanUnder{{1}}};
  vcpu_step(quiet, count_up).named = {{{0}, parameter(quiet, strict)}};
  CHECK(describe(validate(quiet)) == "");
}

TEST_CASE("a fact is about what exists and belongs to the thread") {
  const Mutation mutations[] = {
      {"73: a fact is about a lock that does not exist",
       [](Model& m) { std::get<LockEvent>(vcpu_step(m, run).facts[0]).lock = {3}; }},
      {"73: the lock `TDVPR`: the lock `TDVPR` is used with 0 indices, where 1 are needed",
       [](Model& m) { std::get<LockEvent>(vcpu_step(m, run).facts[0]).instance.clear(); }},
      {"73: the lock `TDVPR`: the lock `TDVPR` is indexed by `home`, which is an index of cpu; expected an "
       "index of vcpu",
       [](Model& m) { std::get<LockEvent>(vcpu_step(m, run).facts[0]).instance = {var(home)}; }},
      {"73: the lock `TDVPR` is one of the TDX module: it is tried, never waited for",
       [](Model& m) { std::get<LockEvent>(vcpu_step(m, run).facts[0]).action = LockAction::acquire; }},
      {"73: the lock `TDVPR` is one of the TDX module: it is tried, never waited for",
       [](Model& m) {
         vcpu_step(m, run).facts[0] = WaitForLock{tdvpr, {me()}, LockMode::shared};
       }},
      {"80: the lock `slots_lock` is a mutex, which nobody can share",
       [](Model& m) {
         m.locks[slots_lock].over.clear();
         zap_step(m, begin).facts[0] = LockEvent{LockAction::acquire, slots_lock, {}, LockMode::shared};
       }},
      {"70: a step waits for a thread that does not exist",
       [](Model& m) { std::get<WaitForThreads>(vcpu_step(m, enter).facts[2]).thread = {3}; }},
      {"70: whom of `zap` the step waits for: `users` is an integer",
       [](Model& m) { std::get<WaitForThreads>(vcpu_step(m, enter).facts[2]).which = var(users); }},
      {"70: whom of `zap` the step waits for: `t` is used outside of what binds it",
       [](Model& m) {
         std::get<WaitForThreads>(vcpu_step(m, enter).facts[2]).which =
             in_region({0}, {bound({3, "t"}, vcpu_set)});
       }},
      {"70: `c` is bound twice",
       [](Model& m) {
         std::get<WaitForThreads>(vcpu_step(m, enter).facts[2]).bound = {2, "c"};
       }},
      {"70: the CPU: `vm_dead` is boolean; expected an index",
       [](Model& m) { std::get<WaitForCpu>(vcpu_step(m, enter).facts[3]).cpu = var(vm_dead); }},
      {"73: the cost: `vm_dead` is boolean",
       [](Model& m) {
         vcpu_step(m, run).facts[1] = Cost{CostKind::ipis, var(vm_dead)};
       }},
      {"73: a fact is about a loop that the thread `vcpu` does not have",
       [](Model& m) {
         vcpu_step(m, run).facts = {LoopEvent{LoopAction::enter, {0}}};
       }},
      {"80: a fact is about a loop that the thread `zap` does not have",
       [](Model& m) { std::get<LoopEvent>(zap_step(m, begin).facts[3]).loop = {1}; }},
      {"73: a fact is about an operation that the thread `vcpu` does not have",
       [](Model& m) {
         vcpu_step(m, run).facts = {OperationEvent{OperationAction::begin, {0}}};
       }},
      {"84: an assertion belongs to the property `no_kvm_bugs`, which does not exist",
       [](Model& m) { std::get<Assertion>(zap_step(m, finish).facts[0]).property = "no_kvm_bugs"; }},
      {"84: an assertion belongs to the property `sets`, which claims always",
       [](Model& m) { std::get<Assertion>(zap_step(m, finish).facts[0]).property = "sets"; }},
      {"84: the assertion: `users` is an integer",
       [](Model& m) { std::get<Assertion>(zap_step(m, finish).facts[0]).holds = var(users); }},
      {"80: a step ran under a guard that does not exist",
       [](Model& m) { std::get<RanUnder>(zap_step(m, begin).facts[4]).guard = {2}; }},
  };
  check_refusals(mutations);
}

TEST_CASE("whom a step waits for may be said of each member") {
  Model model = every_feature();
  zap_step(model, begin)
      .facts.push_back(
          WaitForThreads{vcpu, v, in_region({0}, {bound(v, vcpu_set)}), "until the guest is left"});
  CHECK(describe(validate(model)) == "");
}

TEST_CASE("claims are closed and boolean") {
  const auto claimed = [](std::size_t property, const Claim& claim) {
    return [property, claim](Model& m) { m.properties[property].claim = claim; };
  };
  const Mutation mutations[] = {
      {"100: the property `arithmetic`: `users` is an integer", claimed(0, Always{var(users)})},
      {"109: the property `unlocks`: `users` is an integer", claimed(9, LeadsTo{var(users), truth(true)})},
      {"109: the property `unlocks`: it, or an operand in it, is missing",
       claimed(9, LeadsTo{truth(true), {}})},
      {"110: the property `empties`: `self` means nothing here",
       claimed(10, Recoverable{in_region({0}, {me()})})},
      {"111: the property `few_retries`: `true` is boolean; expected: an integer",
       claimed(11, Retries{{0}, truth(true)})},
      {"113: the property `somebody_runs`: `v` is used outside of what binds it",
       claimed(13, Sometimes{in_region({0}, {bound(v, vcpu_set)})})},
      {"104: the property `no_deadlock`: `1` is an integer",
       [](Model& m) { m.properties[4].claimed_when = integer(1); }},
  };
  check_refusals(mutations);
}

} // namespace model_validate_steps_test
