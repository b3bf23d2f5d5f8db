// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <stdexcept>

namespace tdxcheck::support {

// What the user gave is wrong: usage, an unknown name, a malformed file. Ends the program with exit code 2;
// the text is all that the user sees, so it names what was wrong and where.
class InputError : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

// A bug of our own, a failed audit included. Ends the program with exit code 70, never with a verdict.
class InternalError : public std::logic_error {
public:
  using std::logic_error::logic_error;
};

} // namespace tdxcheck::support
