// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The list of protocols that a program or a shared object offers. Both supply the same entry point:
//
//   extern "C" void tdxcheck_protocols(tdxcheck::dsl::Catalogue& catalogue) { catalogue.add<MyProtocol>(); }

#include <functional>
#include <string>
#include <vector>

#include "dsl/protocol.h"
#include "model/model.h"

namespace tdxcheck::dsl {

struct Entry {
  std::string name;
  std::string summary;
  std::function<model::Model()> build;
};

class Catalogue {
public:
  void add(Entry entry) { entries_.push_back(std::move(entry)); }

  // P is a Protocol with a default constructor; it is run once per call of build().
  template <class P>
  void add() {
    const P named;
    add({named.name(), named.summary(), [] { return P().finish(); }});
  }

  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

private:
  std::vector<Entry> entries_;
};

} // namespace tdxcheck::dsl

// Defined by protocols/catalogue.cpp in the program, and by a protocol outside the tree.
extern "C" void tdxcheck_protocols(tdxcheck::dsl::Catalogue& catalogue);
