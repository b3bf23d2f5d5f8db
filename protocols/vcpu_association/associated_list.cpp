// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocols/vcpu_association/associated_list.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Location;
using dsl::StepWords;
using dsl::Thread;
using dsl::Variable;
using dsl::when;

namespace {

// What CONFIG_LIST_HARDENED looks at, and what KVM relies on beyond that.
const std::string integrity = "list_integrity", ownership = "list_ownership", lifetime = "no_use_after_free";

StoreBuffer::Effect unlink(const Variable& next, const Variable& prev, const Variable& in_list) {
  return [=](StepWords& step, const Expr& v) {
    step.set(next[v], dsl::none()).set(prev[v], dsl::none()).set(in_list[v], dsl::none());
  };
}

} // namespace

AssociatedList::AssociatedList(dsl::Protocol& p, const Cpus& cpus, const dsl::IndexSet& vcpus,
                               const Expr& allocated, const Expr& delays)
    : first(p.variable("associated_tdvcpus", cpus.set, dsl::optional_index(vcpus), dsl::none(),
                       "head->next of the pCPU's list")),
      next(p.variable("cpu_list.next", vcpus, dsl::optional_index(vcpus), dsl::none(), "none: the head")),
      prev(p.variable("cpu_list.prev", vcpus, dsl::optional_index(vcpus), dsl::none(), "none: the head")),
      in_list(p.variable("cpu_list.head", vcpus, dsl::optional_index(cpus.set), dsl::none(),
                         "whose list the entry's pointers belong to; none: poisoned or zero")),
      freed(p.variable("vcpu_freed", vcpus, dsl::boolean(), !allocated, "struct kvm_vcpu is not allocated")),
      poison(p, cpus, vcpus, "entry->next = LIST_POISON1", unlink(next, prev, in_list), delays),
      cpus_(cpus.set),
      vcpus_(vcpus),
      irqs_off_(cpus.irqs_off),
      in_irq_(cpus.in_irq) {}

Expr AssociatedList::linked(const Expr& v) const {
  return dsl::exists(cpus_, "c", [&](const Expr& c) { return first[c] == v; }) ||
         dsl::exists(vcpus_, "p", [&](const Expr& p) { return is_some(in_list[p]) && next[p] == v; });
}

// Its neighbours point back.
Expr AssociatedList::valid_entry(const Expr& v) const {
  const Expr behind_head =
      dsl::exists(cpus_, "c", [&](const Expr& c) { return in_list[v] == c && first[c] == v; });
  const Expr behind_entry =
      dsl::exists(vcpus_, "p", [&](const Expr& p) { return prev[v] == p && next[p] == v; });
  const Expr before =
      dsl::for_all(vcpus_, "n", [&](const Expr& n) { return implies(next[v] == n, prev[n] == v); });
  return is_some(in_list[v]) && choose(is_none(prev[v]), behind_head, behind_entry) && before;
}

void AssociatedList::owned(StepWords& step, const Expr& cpu) const {
  step.asserts(ownership, irqs_off_[cpu] || in_irq_[cpu], "a pCPU's list is changed with IRQs off there");
}

// What fails __list_add_valid() is not linked.
void AssociatedList::list_add(Thread& t, const Expr& v, const Expr& cpu, Location where) const {
  const Variable successor = t.scratch("successor", dsl::optional_index(vcpus_), dsl::none());
  const auto checked = [&](StepWords& step) {
    owned(step, cpu);
    step.asserts(integrity, !linked(v), "a vCPU that is linked already is not linked again");
  };
  const auto points_back = [&](const Expr& n) { return is_none(prev[n]) && in_list[n] == cpu && n != v; };
  t.function(
      "list_add",
      [&] {
        t.one_of({[&] {
                    auto step = t.step("next->prev = new", where);
                    step.some(vcpus_, "n", [&](StepWords& s, const Expr& n) {
                      s.when(first[cpu] == n && points_back(n))
                          .set(successor, n)
                          .set(prev[n], v)
                          .asserts(lifetime, !freed[n], "a pCPU's list leads to no freed vCPU");
                    });
                    checked(step);
                  },
                  [&] {
                    auto step = t.step("head->prev = new", where);
                    step.when(is_none(first[cpu]));
                    checked(step);
                  },
                  [&] {
                    t.step("list_add corruption", where).some(vcpus_, "n", [&](StepWords& s, const Expr& n) {
                      s.when(first[cpu] == n && !points_back(n))
                          .asserts(integrity, false, "the list's first entry points back to its head")
                          .asserts(lifetime, !freed[n], "a pCPU's list leads to no freed vCPU");
                      owned(s, cpu);
                    });
                    t.return_();
                  }},
                 where);
        {
          auto step = t.step("new->next = next, new->prev = head", where);
          step.set(next[v], successor).set(prev[v], dsl::none()).set(in_list[v], cpu);
          poison.overwrites(step, cpu, v);
        }
        t.step("head->next = new", where).set(first[cpu], v).set(successor, dsl::none());
      },
      where);
}

// What fails __list_del_entry_valid() is poisoned all the same.
void AssociatedList::list_del(Thread& t, const Expr& v, const Expr& cpu, Location where) const {
  const Expr valid = valid_entry(v);
  const auto checked = [&](StepWords& step) {
    owned(step, cpu);
    step.asserts(ownership, in_list[v] == cpu, "a vCPU is unlinked by the pCPU in whose list it is")
        .asserts(lifetime, !freed[v], "a pCPU's list leads to no freed vCPU");
  };
  const auto unlink_from_successor = [&] {
    t.one_of({[&] {
                auto step = t.step("next->prev = prev", where);
                step.some(vcpus_, "n", [&](StepWords& s, const Expr& n) {
                  s.when(valid && next[v] == n).set(prev[n], prev[v]);
                });
                checked(step);
              },
              [&] {
                auto step = t.step("head->prev = prev", where);
                step.when(valid && is_none(next[v]));
                checked(step);
              }},
             where);
  };
  const auto unlink_from_predecessor = [&] {
    t.one_of(
        {[&] {
           t.step("prev->next = next", where).some(vcpus_, "p", [&](StepWords& s, const Expr& p) {
             s.when(prev[v] == p).set(next[p], next[v]);
           });
         },
         [&] {
           t.step("head->next = next", where).some(cpus_, "c", [&](StepWords& s, const Expr& c) {
             s.when(is_none(prev[v]) && in_list[v] == c).set(first[c], next[v]);
           });
         },
         // Somebody poisoned the entry since it was checked.
         [&] { t.step("a store to LIST_POISON2", where).when(is_none(prev[v]) && is_none(in_list[v])); }},
        where);
  };
  t.function(
      "list_del",
      [&] {
        t.one_of({[&] {
                    unlink_from_successor();
                    unlink_from_predecessor();
                  },
                  [&] {
                    auto step = t.step("list_del corruption", where);
                    step.when(!valid).asserts(integrity, false,
                                              "the vCPU that is unlinked is linked, and its neighbours know");
                    owned(step, cpu);
                  }},
                 where);
        poison.store(t, cpu, v, where);
      },
      where);
}

void AssociatedList::for_each_entry_safe(Thread& t, const Expr& cpu,
                                         const std::function<void(const Expr&)>& body, Location where) const {
  const Variable entry = t.scratch("entry", dsl::index(vcpus_), 0);
  const Variable successor = t.scratch("n", dsl::index(vcpus_), 0);
  const Variable more = t.scratch("more", dsl::boolean(), false);
  const auto forget = [&] {
    t.let(entry, 0);
    t.let(successor, 0);
    t.let(more, false);
  };
  t.one_of({[&] {
              t.step("entry = head->next", where).some(vcpus_, "v", [&](StepWords& s, const Expr& v) {
                s.when(first[cpu] == v).set(entry, v).set(more, true);
              });
            },
            [&] { t.step("the list is empty", where).when(is_none(first[cpu])); }},
           where);
  t.forever([&] {
    when(!more).then([&] { t.leave_loop(); });
    t.one_of({[&] {
                t.step("n = entry->next", where).some(vcpus_, "v", [&](StepWords& s, const Expr& v) {
                  s.when(next[entry] == v)
                      .set(successor, v)
                      .asserts(lifetime, !freed[entry], "a pCPU's list leads to no freed vCPU");
                });
              },
              [&] {
                t.step("n = entry->next: the head", where)
                    .when(is_none(next[entry]))
                    .set(more, false)
                    .asserts(lifetime, !freed[entry], "a pCPU's list leads to no freed vCPU");
              }},
             where);
    body(entry);
    when(more).then([&] { t.let(entry, successor); });
  });
  forget();
}

void AssociatedList::allocate(StepWords& step, const Expr& v) const {
  step.set(freed[v], false).set(next[v], dsl::none()).set(prev[v], dsl::none()).set(in_list[v], dsl::none());
}

void AssociatedList::free(StepWords& step, const Expr& v) const {
  step.set(freed[v], true).asserts(lifetime, !linked(v), "no struct kvm_vcpu is freed while it is linked");
}

} // namespace tdxcheck::protocols
