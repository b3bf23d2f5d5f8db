// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result/verdict.h"

#include <set>
#include <string>

namespace tdxcheck::cli {

// An InputError if the file can certainly not be written: said before a long search, not after it.
void refuse_unwritable_file(const std::string& path);
// Likewise for a directory that is there, or is yet to be made.
void refuse_unwritable_directory(const std::string& path);

// A name that a file may have, made of one that may be anything; none that is taken, and taken from now on.
[[nodiscard]] std::string plain_name(const std::string& name, std::set<std::string>& taken);

// The trace of the first violated property into the file; of each into a file of its name, in the directory.
// Says on standard error if there is none.
void write_first_trace(const result::CheckResult& result, const std::string& path);
void write_all_traces(const result::CheckResult& result, const std::string& directory);

} // namespace tdxcheck::cli
