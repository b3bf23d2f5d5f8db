// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Names of a model as identifiers of another language: "TDH.VP.ENTER.3" becomes TDH_VP_ENTER_3. What the
// language reserves, and what would collide after that, gets underscores behind it.

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tdxcheck::emit {

class Identifiers {
public:
  explicit Identifiers(const std::vector<std::string>& reserved) : taken_(reserved.begin(), reserved.end()) {}

  // The same name of one kind gives the same identifier; two names, or two kinds, give two.
  enum class Kind { variable, constant, thread, label, claim, step, bound, derived };
  [[nodiscard]] const std::string& of(Kind kind, const std::string& name);

private:
  std::set<std::string> taken_;
  std::map<std::pair<Kind, std::string>, std::string> chosen_;
};

} // namespace tdxcheck::emit
