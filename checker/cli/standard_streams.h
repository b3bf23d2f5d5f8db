// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tdxcheck::cli {

// Before anything is opened: a closed standard stream would otherwise be the next file that is. And a closed
// pipe becomes an error that we can report.
void keep_standard_streams();

void print(std::string_view text);    // to standard output
void complain(std::string_view text); // to standard error, after "tdxcheck: "
void remark(std::string_view text);   // to standard error, as it is

// False if anything that was printed did not get out.
[[nodiscard]] bool close_standard_output();

// Columns of the terminal that standard output is, within reason; 100 where it is none, as in mails and logs.
[[nodiscard]] std::size_t output_width();
[[nodiscard]] bool errors_go_to_a_terminal();
[[nodiscard]] std::size_t error_width();

// `choice` is auto, always or never; auto heeds NO_COLOR, TERM=dumb, and whether a terminal reads.
[[nodiscard]] bool may_color(const std::string& choice);

} // namespace tdxcheck::cli
