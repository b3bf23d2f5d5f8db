// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/result_cache.h"

#include "audit/replay.h"
#include "model/model_json.h"
#include "result/result_json.h"
#include "support/atomic_file.h"
#include "support/build_id.h"
#include "support/error.h"
#include "support/json_reader.h"
#include "support/read_file.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>

#include <unistd.h>

namespace tdxcheck::run {
namespace {

namespace fs = std::filesystem;
using result::Verdict;
using support::InputError;

constexpr std::string_view magic = "tdxcheck/cached/1\n";

std::string hash_of(std::string_view text) {
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

// One line before key and result: their lengths, and a hash of both, which tells an entry that was damaged.
std::string head_of(std::string_view key, std::string_view result) {
  return fmt::format("{}{} {} {} {}\n", magic, key.size(), result.size(), hash_of(key), hash_of(result));
}

bool is_decided(const result::CheckResult& result) {
  return !result.model_error && !result.properties.empty() &&
         std::ranges::none_of(result.properties, [](const auto& p) { return p.verdict == Verdict::unknown; });
}

bool is_still_true(const result::CheckResult& result, const Target& target) {
  return std::ranges::all_of(result.properties, [&](const result::PropertyResult& property) {
    if (property.verdict != Verdict::violated || !property.trace) return true;
    const auto replays = [&](const result::Trace& trace) {
      return audit::replay(target.model, target.valuation, trace).valid;
    };
    return replays(*property.trace) && std::ranges::all_of(property.paths, replays);
  });
}

// Temporary files of gates that were killed. A day is longer than any write takes.
void remove_leftovers(const fs::path& directory) {
  std::error_code error;
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(24);
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code unknown;
    if (entry->path().extension() == ".tmp" && entry->last_write_time(unknown) < old && !unknown)
      fs::remove(entry->path(), unknown);
  }
}

} // namespace

ResultCache::ResultCache(fs::path directory) : directory_(std::move(directory)) {
  if (support::build_id().empty())
    throw InputError("--cache: this program was linked without a build id, so that results of another build "
                     "could not be told apart");
  std::error_code error;
  fs::create_directories(directory_, error);
  if (!error && ::access(directory_.c_str(), R_OK | W_OK | X_OK) != 0)
    error = std::error_code(errno, std::generic_category());
  if (error)
    throw InputError(fmt::format("cannot keep results in {}: {}", directory_.string(), error.message()));
  remove_leftovers(directory_);
}

std::string ResultCache::key_of(const Target& target, const CheckOptions& options) {
  nlohmann::ordered_json key;
  key["version"] = TDXCHECK_VERSION;
  key["build"] = support::build_id();
  key["target"] = target.name;
  key["parameters"] = target.parameters();
  key["without"] = target.without();
  key["fair"] = target.fair;
  key["properties"] = options.search.properties;
  key["first"] = options.search.first;
  key["engine"] = static_cast<int>(options.engine);
  key["symmetry"] = options.symmetry;
  key["partial_order"] = options.partial_order;
  key["as_written"] = options.as_written;
  key["model"] = model::to_json(instantiated(target));
  return key.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

fs::path ResultCache::file_of(const std::string& key) const {
  return directory_ / (hash_of(key) + ".result");
}

std::optional<result::CheckResult> ResultCache::find(const std::string& key, const Target& target) const {
  std::error_code error;
  const fs::path file = file_of(key);
  if (!fs::is_regular_file(file, error)) return std::nullopt;
  try {
    const std::string entry = support::read_file(file);
    const std::size_t head = entry.find('\n', magic.size());
    if (head == std::string::npos || entry.compare(head + 1, key.size(), key) != 0) return std::nullopt;
    const std::string_view written = std::string_view(entry).substr(head + 1 + key.size());
    if (std::string_view(entry).substr(0, head + 1) != head_of(key, written)) return std::nullopt;
    result::CheckResult result = result::result_from_json(support::parse_json(written, file.string()));
    if (!is_decided(result) || !is_still_true(result, target)) return std::nullopt;
    return result;
  } catch (const InputError&) {
    return std::nullopt; // unreadable, or not of this kind: as good as none
  }
}

void ResultCache::keep(const std::string& key, const result::CheckResult& result) const {
  if (!is_decided(result)) return;
  const std::string written =
      result::to_json(result).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  support::write_atomically(file_of(key), head_of(key, written) + key + written);
}

} // namespace tdxcheck::run
