// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Names of a model as symbols of SMT-LIB, spelt as reports spell them wherever it lets us: `|vcpu[1].cpu|`. A
// symbol has one meaning in a whole file: a constant of an enumeration is called after its type, and what is
// taken, or means something to a solver, gets underscores behind it. (A constant that shared its name with a
// variable would silently be taken for it.) Private to emit/.

#include <map>
#include <set>
#include <string>
#include <utility>

namespace tdxcheck::emit::smt2 {

class Names {
public:
  enum class Kind { variable, type, constant, parameter, function };

  Names();
  // The same name of one kind gives the same symbol; two names, or two kinds, give two.
  [[nodiscard]] const std::string& of(Kind kind, const std::string& name);

private:
  std::set<std::string> taken_;
  std::map<std::pair<Kind, std::string>, std::string> chosen_;
};

} // namespace tdxcheck::emit::smt2
