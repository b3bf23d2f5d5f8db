// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the pieces of a search cost, by themselves; `memory_roof` is what they are measured against: random
// 64-byte lines that one thread can read and write in a second when it asks for a batch of them at once.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include <benchmark/benchmark.h>

#include <sys/mman.h>

namespace {

constexpr std::size_t line_words = 8;
constexpr std::size_t batch = 64;

struct Unmap {
  std::size_t bytes;
  void operator()(std::uint64_t* memory) const { munmap(memory, bytes); }
};

// Huge pages where the kernel gives them, and touched, so that no page fault is measured.
std::unique_ptr<std::uint64_t, Unmap> touched_memory(std::size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) std::abort();
  madvise(memory, bytes, MADV_HUGEPAGE);
  auto* words = static_cast<std::uint64_t*>(memory);
  std::fill_n(words, bytes / sizeof(std::uint64_t), 1);
  return {words, Unmap{bytes}};
}

// Weyl sequence and a finalizer: cheap, and no line follows from another's content.
std::uint64_t mixed(std::uint64_t x) {
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93;
  return x ^ (x >> 32);
}

// The argument is the working set in MiB.
void memory_roof(benchmark::State& state) {
  const std::size_t bytes = static_cast<std::size_t>(state.range(0)) << 20;
  const auto memory = touched_memory(bytes);
  const std::uint64_t lines = bytes / (line_words * sizeof(std::uint64_t));
  std::uint64_t seed = 1;
  std::array<std::uint64_t*, batch> wanted{};
  for (auto _ : state) {
    for (std::uint64_t*& line : wanted) {
      seed += 0x9e3779b97f4a7c15;
      const auto scaled = static_cast<unsigned __int128>(mixed(seed)) * lines;
      line = memory.get() + static_cast<std::uint64_t>(scaled >> 64) * line_words;
      __builtin_prefetch(line, 1);
    }
    for (std::uint64_t* line : wanted) *line += 1;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * batch));
}
BENCHMARK(memory_roof)->Arg(16)->Arg(128)->Arg(256)->Arg(512)->Arg(1024);

} // namespace

BENCHMARK_MAIN();
