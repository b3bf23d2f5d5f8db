// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A reader of the part of TLA+ that the exporter writes, and of nothing else: what TLA+ leaves ambiguous, or
// reads in a way that surprises, is refused. Two different junctions side by side, two comparisons in a row
// and two operators of arithmetic without parentheses are errors here; lists of `/\` and `\/` are read by
// their columns.

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace tdxcheck::tests {

class TlaError : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

struct TlaNode;
using Tla = std::shared_ptr<const TlaNode>;

// `op` is the symbol: "/\\", "\\/", "=", "\\in", "IF", "\\E", ...; and
//   "number" "string" "name"  text
//   "call"      text: which; parts: the arguments
//   "apply"     parts: the function, then its indices
//   "except"    parts: the function, then for each change the indices' tuple and the value
//   "set"       parts: the elements           "filter", "map"  binders; parts: the condition, the value
//   "functions" parts: domain, range          "tuple"  parts
//   "prime"     parts: the name
//   "[]_"       [A]_v: parts: A, v            "<<>>_"  likewise
struct TlaNode {
  std::string op, text;
  std::vector<Tla> parts;
  std::vector<std::pair<std::string, Tla>> binders; // name \in set
};

struct TlaDefinition {
  std::vector<std::string> parameters;
  Tla body;
};

struct TlaModule {
  std::string name;
  std::vector<std::string> variables;
  std::map<std::string, TlaDefinition> definitions;
};

// TlaError with the line for what it does not understand. A name that is declared twice is an error, as is a
// bound name that is declared already.
[[nodiscard]] TlaModule read_tla(const std::string& text);

} // namespace tdxcheck::tests
