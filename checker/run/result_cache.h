// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Results of checks, kept in a directory under the hash of all that they follow from: the model with its
// parameters folded (what a change elsewhere in a protocol leaves as it is), the parameters, the properties
// asked for, how it was searched, the program's version and build. The hash is only the file's name; an entry
// holds the whole key, and counts only where that is equal, letter by letter. Entries that are torn, damaged
// or of another kind are as good as none, and are written anew. Files appear by rename, so that any number of
// gates may use one directory at once.
//
// What is not decided is not kept: a larger budget might decide it.

#include "result/verdict.h"
#include "run/check_options.h"
#include "run/target.h"

#include <filesystem>
#include <optional>
#include <string>

namespace tdxcheck::run {

class ResultCache {
public:
  // Makes the directory if need be; InputError if that, or writing to it, is not possible.
  explicit ResultCache(std::filesystem::path directory);

  // What a result of that check follows from.
  [[nodiscard]] static std::string key_of(const Target& target, const CheckOptions& options);

  // The kept result, with every run that it tells replayed once more; nothing if there is none that counts.
  [[nodiscard]] std::optional<result::CheckResult> find(const std::string& key, const Target& target) const;

  // Keeps a result in which everything is decided, and lets others be. InputError if it cannot be written.
  void keep(const std::string& key, const result::CheckResult& result) const;

private:
  [[nodiscard]] std::filesystem::path file_of(const std::string& key) const;

  std::filesystem::path directory_;
};

} // namespace tdxcheck::run
