// SPDX-License-Identifier: GPL-2.0-or-later
#include "support/memory.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>

#include <sys/mman.h>
#include <sys/resource.h>

namespace tdxcheck::support {
namespace {

namespace fs = std::filesystem;

// The number behind the first word `key` of a file of lines such as "MemAvailable:  1234 kB".
std::optional<std::uint64_t> value_of(const fs::path& file, std::string_view key) {
  std::ifstream lines(file);
  for (std::string word; lines >> word;)
    if (std::uint64_t value = 0; word == key && lines >> value) return value;
  return std::nullopt;
}

std::optional<std::uint64_t> number_in(const fs::path& file) {
  std::ifstream in(file);
  if (std::uint64_t value = 0; in >> value) return value;
  return std::nullopt; // missing, or "max"
}

fs::path own_control_group() {
  std::ifstream lines("/proc/self/cgroup");
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("0::/")) return fs::path("/sys/fs/cgroup") / line.substr(4);
  return {};
}

// What the group may still take; its inactive page cache counts as free, since the kernel drops that first.
std::optional<std::uint64_t> left_in(const fs::path& group) {
  const auto limit = number_in(group / "memory.max");
  const auto used = number_in(group / "memory.current");
  if (!limit || !used) return std::nullopt;
  const std::uint64_t cache = value_of(group / "memory.stat", "inactive_file").value_or(0);
  const std::uint64_t needed = *used - std::min(*used, cache);
  return *limit - std::min(*limit, needed);
}

} // namespace

std::uint64_t peak_resident_bytes() {
  // Not getrusage first: its maximum is inherited through exec from a fat parent.
  if (const auto kib = value_of("/proc/self/status", "VmHWM:")) return *kib * 1024;
  rusage usage{};
  return getrusage(RUSAGE_SELF, &usage) == 0 ? static_cast<std::uint64_t>(usage.ru_maxrss) * 1024 : 0;
}

std::uint64_t free_physical_bytes() {
  std::uint64_t free = value_of("/proc/meminfo", "MemAvailable:").value_or(0) * 1024;
  const fs::path top = "/sys/fs/cgroup";
  for (fs::path group = own_control_group(); !group.empty(); group = group.parent_path()) {
    if (const auto left = left_in(group)) free = std::min(free, *left);
    if (group == top || group == group.parent_path()) break;
  }
  return free;
}

namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20;

// Where the kernel does not grant huge pages, nothing is lost but speed.
void ask_for_huge_pages(void* mapping, std::size_t bytes) {
  constexpr std::size_t worth_it = 4 * huge_page;
  if (bytes >= worth_it) (void)madvise(mapping, bytes, MADV_HUGEPAGE);
}

void* map(std::size_t bytes) {
  void* const mapping =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED) throw std::bad_alloc(); // NOLINT(performance-no-int-to-ptr)
  return mapping;
}

// From a border between huge pages on: a mapping that moves from one such border to another keeps its huge
// pages, while to anywhere else the kernel splits them.
void* map_at_border(std::size_t bytes) {
  constexpr std::size_t page = 4096;
  bytes = (bytes + page - 1) / page * page;
  auto* const all = static_cast<std::byte*>(map(bytes + huge_page));
  void* border = all;
  std::size_t room = bytes + huge_page;
  std::align(huge_page, bytes, border, room);
  auto* const begin = static_cast<std::byte*>(border);
  if (begin != all) munmap(all, static_cast<std::size_t>(begin - all));
  if (room != bytes) munmap(begin + bytes, room - bytes);
  return border;
}

void* move_mapping(void* mapping, std::size_t from_bytes, std::size_t to_bytes) {
  void* moved = mremap(mapping, from_bytes, to_bytes, 0);
  if (moved == MAP_FAILED && to_bytes < huge_page)
    moved = mremap(mapping, from_bytes, to_bytes, MREMAP_MAYMOVE);
  else if (moved == MAP_FAILED)
    moved = mremap(mapping, from_bytes, to_bytes, MREMAP_MAYMOVE | MREMAP_FIXED, map_at_border(to_bytes));
  if (moved == MAP_FAILED) throw std::bad_alloc(); // NOLINT(performance-no-int-to-ptr)
  return moved;
}

} // namespace

void* resize_mapping(void* mapping, std::size_t from_bytes, std::size_t to_bytes) {
  if (to_bytes == 0) {
    if (mapping != nullptr) munmap(mapping, from_bytes);
    return nullptr;
  }
  void* const resized = mapping != nullptr      ? move_mapping(mapping, from_bytes, to_bytes)
                        : to_bytes >= huge_page ? map_at_border(to_bytes)
                                                : map(to_bytes);
  ask_for_huge_pages(resized, to_bytes);
  return resized;
}

} // namespace tdxcheck::support
