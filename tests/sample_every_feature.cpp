// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sample_models.h"

namespace tdxcheck::tests {

using namespace model;

namespace {

Source line(unsigned number) { return {"protocols/every_feature.cpp", number}; }

Expr both(const Expr& a, const Expr& b) { return binary(BinaryOp::logical_and, a, b); }
Expr either(const Expr& a, const Expr& b) { return binary(BinaryOp::logical_or, a, b); }
Expr equal(const Expr& a, const Expr& b) { return binary(BinaryOp::equal, a, b); }

// Built table by table; the members are the rows that later tables refer to.
class EveryFeature {
public:
  Model build() {
    model_.name = "every_feature";
    model_.summary = "One of everything";
    model_.essay = "Not a protocol.\nIt holds what a model may hold.";
    model_.default_variant = "landed";
    declare_parameters();
    declare_variables();
    declare_locks();
    declare_threads();
    declare_counter();
    add_vcpu_steps();
    add_zap_steps();
    add_interrupt_steps();
    claim();
    model_.variants = {
        {"landed", {{retries_, 1}, {kick_, 1}}, "v6.16, commit 0123456789ab", "holds", "nothing", ""},
        {"endless",
         {{retries_, unlimited}, {strict_, 0}},
         "mail of 2024-01-01",
         "",
         "kicks",
         "It goes round for ever."}};
    return std::move(model_);
  }

private:
  Expr none_of(Id<IndexSet> set) const { return literal({SortKind::optional_index, set.value}, no_member); }
  Expr kick_is(Value constant) const {
    return equal(parameter(model_, kick_), literal({SortKind::enumeration, modes_.value}, constant));
  }
  Expr of_vcpu(Id<Variable> local) const { return read(model_, local, {self(vcpus_)}); }
  Expr in_guest(const Expr& member) const { return in_region(guest_, {member}); }
  Expr retries_unlimited() const { return equal(parameter(model_, retries_), integer(unlimited)); }
  Update set(Id<Variable> variable, std::vector<Expr> at, Expr value) const {
    return {VariableRef{variable, std::move(at)}, std::move(value)};
  }

  void declare_parameters() {
    modes_ = model_.enumerations.add({"Kick", {"never", "before_last", "each"}});
    strict_ = model_.parameters.add({"strict", BoolParameter{}, 1, "whether a failure counts", line(1)});
    retries_ = model_.parameters.add(
        {"retries", IntegerParameter{0, 16, true}, 1, "tries after the first", line(2)});
    kick_ = model_.parameters.add({"kick", EnumParameter{modes_}, 1, "when vCPUs are kicked", line(3)});
    cpu_count_ = model_.parameters.add({"cpus", IntegerParameter{1, 4, false}, 2, "", line(4)});
    vcpu_count_ = model_.parameters.add({"vcpus", IntegerParameter{1, 4, false}, 1, "", line(5)});
    cpus_ = model_.sets.add({"cpu", parameter(model_, cpu_count_), false, line(6)});
    vcpus_ = model_.sets.add({"vcpu", parameter(model_, vcpu_count_), true, line(7)});
    kicked_ = model_.guards.add({"kicked", "a vCPU that was kicked does not enter", line(8)});
    alone_ = model_.guards.add({"alone", "the zap is under the lock", line(9)});
  }

  void declare_variables() {
    // The threads come later, but locals name them by position.
    const Id<Thread> vcpu{0}, zap{1};
    const Expr most = conditional(retries_unlimited(), integer(0), parameter(model_, retries_));
    auto& all = model_.variables;
    dead_ =
        all.add({"vm_dead", {BoolType{}, {}}, truth(false), GlobalScope{}, "KVM_BUG_ON was hit", line(11)});
    taken_ = all.add({"mmu_taken", {BoolType{}, {}}, truth(false), GlobalScope{}, "", line(12)});
    users_ = all.add({"users",
                      {IntegerType{integer(0), parameter(model_, vcpu_count_)}, {}},
                      integer(0),
                      GlobalScope{},
                      "vCPUs in the guest",
                      line(13)});
    word_ = all.add(
        {"word", {BitsType{integer(3)}, {}}, literal({SortKind::bits, 0}, 6), GlobalScope{}, "", line(14)});
    mode_ = all.add({"mode", {EnumType{modes_}, {}}, parameter(model_, kick_), GlobalScope{}, "", line(15)});
    home_ = all.add(
        {"home", {IndexType{cpus_}, {}}, std::nullopt, GlobalScope{}, "where the device is", line(16)});
    owner_ =
        all.add({"owner", {OptionalIndexType{vcpus_}, {}}, none_of(vcpus_), GlobalScope{}, "", line(17)});
    waiting_ = all.add({"waiting",
                        {SubsetType{vcpus_}, {}},
                        literal({SortKind::subset, vcpus_.value}, 0),
                        GlobalScope{},
                        "",
                        line(18)});
    assoc_ =
        all.add({"assoc", {OptionalIndexType{cpus_}, {}}, none_of(cpus_), MemberScope{vcpus_}, "", line(19)});
    seen_ = all.add({"seen", {BoolType{}, {cpus_, vcpus_}}, truth(false), GlobalScope{}, "", line(20)});
    cpu_ = all.add({"vcpu.cpu",
                    {IndexType{cpus_}, {}},
                    literal({SortKind::index, cpus_.value}, 0),
                    LocalScope{vcpu},
                    "",
                    line(21)});
    round_ = all.add({"vcpu.round",
                      {IntegerType{integer(0), integer(1)}, {}},
                      integer(0),
                      LocalScope{vcpu},
                      "",
                      line(22)});
    busy_ = all.add({"zap.busy", {BoolType{}, {}}, truth(false), LocalScope{zap}, "", line(23)});
    tries_ = all.add(
        {"zap.tries", {IntegerType{integer(0), most}, {}}, integer(0), LocalScope{zap}, "", line(24)});
  }

  Id<Lock> lock(const char* name, LockKind kind, std::vector<Id<IndexSet>> over, unsigned number) {
    Lock row;
    row.name = name;
    row.kind = kind;
    row.over = std::move(over);
    row.source = line(number);
    return model_.locks.add(std::move(row));
  }

  void declare_locks() {
    mmu_lock_ = lock("mmu_lock", LockKind::rwlock, {}, 31);
    model_.locks[mmu_lock_].rank = 2;
    model_.locks[mmu_lock_].doc = "kvm->mmu_lock";
    vp_ = lock("TDVPR", LockKind::sharex_hp, {vcpus_}, 32);
    model_.locks[vp_].module = true;
    const auto slots = lock("slots_lock", LockKind::mutex, {cpus_, vcpus_}, 33);
    model_.locks[slots].sleeping = true;
    model_.locks[slots].rank = -1;
  }

  void declare_threads() {
    const auto add = [&](const char* name, std::optional<Id<IndexSet>> over, std::vector<Label> labels,
                         unsigned number) {
      Thread thread;
      thread.name = name;
      thread.over = over;
      for (Label& label : labels) thread.labels.add(label);
      thread.doc = "a thread";
      thread.source = line(number);
      return model_.threads.add(std::move(thread));
    };
    vcpu_ = add("vcpu", vcpus_,
                {{"idle", Domain::host, true, line(41)},
                 {"chosen", Domain::host, false, line(42)},
                 {"entering", Domain::module, false, line(43)},
                 {"in_guest", Domain::guest, false, line(44)}},
                40);
    zap_ = add("zap", std::nullopt,
               {{"begin", Domain::host, false, line(46)},
                {"try", Domain::host, false, line(47)},
                {"decide", Domain::host, false, line(48)},
                {"finish", Domain::host, false, line(49)},
                {"done", Domain::host, true, line(50)}},
               45);
    irq_ = add("irq", cpus_,
               {{"off", Domain::hardware, true, line(52)}, {"on", Domain::hardware, false, line(53)}}, 51);
    model_.threads[vcpu_].cpu = read(model_, assoc_, {self(vcpus_)});
    model_.threads[irq_].cpu = self(cpus_);
    guest_ = model_.regions.add({"guest", vcpu_, {Id<Label>{3}}});
    zapping_ = model_.regions.add({"zapping", zap_, {Id<Label>{1}, Id<Label>{3}}});
    block_ = model_.loops.add({"block", zap_, {"tdx_sept_zap_private_spte"}, line(47)});
    zap_operation_ = model_.operations.add({"zap", zap_, {"kvm_tdp_mmu_zap"}, line(46)});
  }

  void declare_counter() {
    const BoundName v{1, "v"};
    counter_ =
        model_.counters.add({"users", read(model_, users_), count(v, vcpus_, in_guest(bound(v, vcpus_))),
                             both(read(model_, dead_), truth(false)), line(60)});
  }

  Step step(unsigned from, unsigned to, unsigned number) const {
    Step row;
    row.from = Id<Label>{from};
    row.to = Id<Label>{to};
    row.guard = truth(true);
    row.source = line(number);
    return row;
  }

  void add_vcpu_steps() {
    auto& steps = model_.threads[vcpu_].steps;
    const Expr me = self(vcpus_);
    const BoundName c{2, "c"}, t{3, "t"};
    const Expr next_bits = binary(BinaryOp::add, read(model_, word_), literal({SortKind::bits, 0}, 1));

    Step enter = step(0, 1, 70);
    enter.text = "picks a CPU";
    enter.function = "vcpu_load";
    enter.choices = {{c, cpus_}};
    enter.guard = both(negation(read(model_, dead_)), binary(BinaryOp::not_equal, read(model_, owner_), me));
    enter.named = {{kicked_, negation(binary(BinaryOp::contains, read(model_, waiting_), me))}};
    enter.updates = {set(cpu_, {me}, bound(c, cpus_)), set(assoc_, {me}, bound(c, cpus_))};
    enter.facts = {ContextEvent{ContextAction::preempt_off}, ContextEvent{ContextAction::irqs_off},
                   WaitForThreads{zap_, t, in_region(zapping_), "until nobody zaps"},
                   WaitForCpu{bound(c, cpus_)}};

    const Expr first_round = equal(of_vcpu(round_), integer(0));
    Step count_up = step(1, 2, 71), start_again = step(1, 2, 72);
    count_up.silent = start_again.silent = true;
    count_up.guard = first_round;
    count_up.updates = {set(round_, {me}, binary(BinaryOp::add, of_vcpu(round_), integer(1)))};
    start_again.guard = negation(first_round);
    start_again.updates = {set(round_, {me}, integer(0))};
    start_again.facts = {RanUnder{kicked_},
                         Assertion{"no_kvm_bug", equal(of_vcpu(round_), integer(1)), "odd round"}};

    Step run = step(2, 3, 73);
    run.call = "TDH.VP.ENTER";
    run.status = "SUCCESS";
    run.updates = {set(users_, {}, binary(BinaryOp::add, read(model_, users_), integer(1))),
                   set(seen_, {of_vcpu(cpu_), me}, truth(true))};
    run.facts = {LockEvent{LockAction::try_acquire, vp_, {me}, LockMode::exclusive},
                 Cost{CostKind::seamcalls, integer(1)}, Cost{CostKind::cycles, integer(4000)}};

    Step busy = step(2, 0, 74);
    busy.call = "TDH.VP.ENTER";
    busy.status = "OPERAND_BUSY";
    busy.guard = read(model_, taken_);
    busy.updates = {set(assoc_, {me}, none_of(cpus_))};
    busy.facts = {LockEvent{LockAction::busy, vp_, {me}, LockMode::shared},
                  ContextEvent{ContextAction::irqs_on}, ContextEvent{ContextAction::preempt_on}};

    Step leave = step(3, 0, 75);
    leave.text = "TD exit";
    leave.fairness = Fairness::strong;
    leave.updates = {set(users_, {}, binary(BinaryOp::subtract, read(model_, users_), integer(1))),
                     set(assoc_, {me}, none_of(cpus_)),
                     set(word_, {}, make({SortKind::bits, 0}, Wrap{integer(3), next_bits})),
                     set(waiting_, {}, binary(BinaryOp::without, read(model_, waiting_), me))};
    leave.facts = {LockEvent{LockAction::release, vp_, {me}, LockMode::exclusive},
                   ContextEvent{ContextAction::irqs_on}, ContextEvent{ContextAction::preempt_on}};
    steps = {enter, count_up, start_again, run, busy, leave};
  }

  void add_zap_steps() {
    auto& steps = model_.threads[zap_].steps;
    const BoundName k{4, "k"}, v{5, "v"}, w{6, "w"};
    const Expr busy = read(model_, busy_), tries = read(model_, tries_);

    Step begin = step(0, 1, 80);
    begin.guard = negation(read(model_, taken_));
    begin.updates = {set(taken_, {}, truth(true))};
    begin.fairness = Fairness::strong;
    begin.facts = {LockEvent{LockAction::acquire, mmu_lock_, {}, LockMode::exclusive},
                   WaitForLock{mmu_lock_, {}, LockMode::exclusive},
                   OperationEvent{OperationAction::begin, zap_operation_},
                   LoopEvent{LoopAction::enter, block_}, RanUnder{alone_}};

    Step attempt = step(1, 2, 81);
    attempt.choices = {{k, vcpus_}};
    attempt.guard = either(make({}, Kept{alone_}), truth(true));
    attempt.updates = {set(busy_, {}, exists(v, vcpus_, in_guest(bound(v, vcpus_)))),
                       set(waiting_, {},
                           conditional(kick_is(0), read(model_, waiting_),
                                       binary(BinaryOp::with, read(model_, waiting_), bound(k, vcpus_))))};
    attempt.facts = {Cost{CostKind::ipis, unary(UnaryOp::cardinality, read(model_, waiting_))}};

    const Expr again_allowed =
        both(busy, either(retries_unlimited(), binary(BinaryOp::less, tries, parameter(model_, retries_))));
    Step again = step(2, 1, 82), out = step(2, 3, 83);
    again.silent = out.silent = true;
    again.guard = again_allowed;
    again.updates = {set(
        tries_, {}, conditional(retries_unlimited(), integer(0), binary(BinaryOp::add, tries, integer(1))))};
    again.facts = {LoopEvent{LoopAction::again, block_}};
    out.guard = negation(again_allowed);
    out.updates = {set(tries_, {}, integer(0))};
    out.facts = {LoopEvent{LoopAction::leave, block_}};

    Step finish = step(3, 4, 84);
    finish.updates = {set(dead_, {}, either(read(model_, dead_), busy)), set(taken_, {}, truth(false)),
                      set(mode_, {}, literal({SortKind::enumeration, modes_.value}, 2)),
                      set(waiting_, {}, literal({SortKind::subset, vcpus_.value}, 0)),
                      set(owner_, {}, none_of(vcpus_))};
    finish.facts = {Assertion{"no_kvm_bug",
                              binary(BinaryOp::implies, parameter(model_, strict_), negation(busy)),
                              "KVM_BUG_ON(err, kvm)"},
                    LockEvent{LockAction::release, mmu_lock_, {}, LockMode::exclusive},
                    OperationEvent{OperationAction::end, zap_operation_}};
    steps = {begin, attempt, again, out, finish};
  }

  void add_interrupt_steps() {
    Step raise = step(0, 1, 90), back = step(1, 0, 91);
    raise.fairness = Fairness::none;
    raise.guard = equal(read(model_, home_), self(cpus_));
    raise.facts = {ContextEvent{ContextAction::irq_enter}};
    back.facts = {ContextEvent{ContextAction::irq_exit}};
    model_.threads[irq_].steps = {raise, back};
  }

  // The operators that the steps have no use for.
  Expr arithmetic() const {
    const Expr word = read(model_, word_), three = literal({SortKind::bits, 0}, 3);
    const Expr masked = binary(BinaryOp::bit_xor, binary(BinaryOp::bit_and, word, three),
                               binary(BinaryOp::bit_or, word, three));
    const Expr shifted =
        binary(BinaryOp::shift_right, binary(BinaryOp::shift_left, word, integer(1)), integer(1));
    const Expr product = binary(BinaryOp::multiply, unary(UnaryOp::negate, read(model_, users_)), integer(2));
    return both(
        both(binary(BinaryOp::less_equal, masked, literal({SortKind::bits, 0}, 7)), equal(shifted, word)),
        binary(BinaryOp::less_equal, product, integer(0)));
  }
  Expr sets() const {
    const Expr waiting = read(model_, waiting_), all = literal({SortKind::subset, vcpus_.value}, 1);
    const Expr rest = binary(BinaryOp::minus, waiting, all),
               common = binary(BinaryOp::intersect, waiting, all);
    return both(equal(binary(BinaryOp::unite, rest, common), waiting),
                binary(BinaryOp::included, common, all));
  }
  Expr numbered() const {
    const BoundName c{7, "c"};
    const Expr next = binary(BinaryOp::add, bound(c, cpus_), integer(1));
    return for_all(c, cpus_, binary(BinaryOp::less_equal, next, parameter(model_, cpu_count_)));
  }

  void claim() {
    const BoundName v{8, "v"};
    const Expr nobody = negation(exists(v, vcpus_, in_guest(bound(v, vcpus_))));
    const Expr done = negation(read(model_, taken_));
    model_.properties = {
        {"arithmetic", Always{arithmetic()}, {}, "numbers are numbers", line(100)},
        {"sets", Always{sets()}, {}, "", line(101)},
        {"numbered", Always{numbered()}, {}, "", line(102)},
        {"no_kvm_bug", Asserted{}, {}, "", line(103)},
        {"no_deadlock", NoDeadlock{}, {}, "", line(104)},
        {"lock_discipline", LockDiscipline{}, {}, "", line(105)},
        {"lock_order", LockOrder{}, {}, "", line(106)},
        {"no_livelock", NoLivelock{}, {}, "", line(107)},
        {"no_starvation", NoStarvation{}, {}, "", line(108)},
        {"unlocks", LeadsTo{read(model_, taken_), done}, {}, "", line(109)},
        {"empties", Recoverable{nobody}, {}, "", line(110)},
        {"few_retries", Retries{block_, parameter(model_, retries_)}, negation(retries_unlimited()), "",
         line(111)},
        {"users_balanced", Balanced{counter_}, {}, "", line(112)},
        {"somebody_runs", Sometimes{negation(nobody)}, {}, "", line(113)},
    };
  }

  Model model_;
  Id<Enumeration> modes_;
  Id<Parameter> strict_, retries_, kick_, cpu_count_, vcpu_count_;
  Id<IndexSet> cpus_, vcpus_;
  Id<GuardName> kicked_, alone_;
  Id<Variable> dead_, taken_, users_, word_, mode_, home_, owner_, waiting_, assoc_, seen_, cpu_, round_,
      busy_, tries_;
  Id<Lock> mmu_lock_, vp_;
  Id<Thread> vcpu_, zap_, irq_;
  Id<Region> guest_, zapping_;
  Id<Loop> block_;
  Id<Operation> zap_operation_;
  Id<Counter> counter_;
};

} // namespace

Model every_feature() { return EveryFeature().build(); }

} // namespace tdxcheck::tests
