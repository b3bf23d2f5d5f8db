// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/inner_loops.h"

#include <array>

namespace tdxcheck::explore {

extern const InnerLoops plain_loops;

#if defined(__x86_64__) && defined(__GNUC__)
extern const InnerLoops avx2_loops, avx512_loops;

namespace {

struct Choice {
  std::array<const InnerLoops*, 3> loops{&plain_loops, nullptr, nullptr};
  std::size_t count = 1;

  Choice() {
    // Zen and Zen 2 take hundreds of cycles for a pext.
    const bool pext =
        __builtin_cpu_supports("bmi2") && !__builtin_cpu_is("znver1") && !__builtin_cpu_is("znver2");
    if (!pext || !__builtin_cpu_supports("avx2")) return;
    loops[count++] = &avx2_loops;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
      loops[count++] = &avx512_loops;
  }
};

} // namespace

const InnerLoops* const* inner_loops_that_run(std::size_t& count) {
  static const Choice choice;
  count = choice.count;
  return choice.loops.data();
}
#else
const InnerLoops* const* inner_loops_that_run(std::size_t& count) {
  static const InnerLoops* const only = &plain_loops;
  count = 1;
  return &only;
}
#endif

const InnerLoops& inner_loops() {
  std::size_t count = 0;
  const InnerLoops* const* const all = inner_loops_that_run(count);
  return *all[count - 1];
}

} // namespace tdxcheck::explore
