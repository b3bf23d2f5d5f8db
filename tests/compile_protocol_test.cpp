// SPDX-License-Identifier: GPL-2.0-or-later
//
// Whoever tries a patch copies a protocol and edits it under its old names. The program has functions of
// these names, too; if the dynamic linker took those, every patch would be judged like the protocol that it
// changes.
#include "run/compile_protocol.h"

#include "run/target.h"
#include "support/error.h"
#include "tests/scratch_folder.h"

#include <doctest/doctest.h>

#include <fstream>

#include <stdlib.h>

// Exported by the test program, as built-in protocols are by tdxcheck.
namespace tdxcheck::protocols {
[[gnu::weak, gnu::used, gnu::noinline]] const char* name_of_the_copy() { return "the built-in one"; }
} // namespace tdxcheck::protocols

namespace compile_protocol_test {

using namespace tdxcheck;

constexpr const char* protocol = R"(
#include "dsl/catalogue.h"
namespace tdxcheck::protocols {
// The program that loads this has a function of the same name.
[[gnu::noinline]] inline const char* name_of_the_copy() { return "SUMMARY"; }
}
extern "C" void tdxcheck_protocols(tdxcheck::dsl::Catalogue& catalogue) {
  catalogue.add({"copy", tdxcheck::protocols::name_of_the_copy(), [] {
    tdxcheck::model::Model model;
    model.name = "copy";
    model.summary = tdxcheck::protocols::name_of_the_copy();
    return model;
  }});
}
)";

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  return text.replace(text.find(what), what.size(), by);
}

std::string complaint_about(const std::filesystem::path& file) {
  try {
    (void)run::compile_protocol(file);
  } catch (const support::InputError& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("a file is compiled, and answered with its own functions") {
  const tests::ScratchFolder folder;
  std::ofstream(folder / "one.cpp") << replaced(protocol, "SUMMARY", "mine");
  const auto entries = run::compile_protocol(folder / "one.cpp");
  REQUIRE(entries.size() == 1);
  CHECK(entries.front().summary == "mine");
  CHECK(entries.front().build().summary == "mine");
}

TEST_CASE("two files that use the same names do not disturb each other") {
  const tests::ScratchFolder folder;
  std::ofstream(folder / "one.cpp") << replaced(protocol, "SUMMARY", "first");
  std::ofstream(folder / "two.cpp") << replaced(protocol, "SUMMARY", "second");
  const auto one = run::compile_protocol(folder / "one.cpp");
  const auto two = run::compile_protocol(folder / "two.cpp");
  CHECK(one.front().build().summary == "first");
  CHECK(two.front().build().summary == "second");
}

TEST_CASE("a file with an odd name is compiled, and no shell sees the name") {
  const tests::ScratchFolder folder;
  const auto odd = folder / "-x; touch oops $(touch oops) '.cpp";
  std::ofstream(odd) << protocol;
  CHECK(run::compile_protocol(odd).size() == 1);
  CHECK(!std::filesystem::exists("oops"));
}

TEST_CASE("what cannot be compiled, loaded or used is bad input") {
  const tests::ScratchFolder folder;
  std::ofstream(folder / "broken.cpp") << "#error this is meant to fail\n";
  CHECK(complaint_about(folder / "broken.cpp").find("could not compile it") != std::string::npos);
  std::ofstream(folder / "nothing.cpp") << "int nothing;\n";
  CHECK(complaint_about(folder / "nothing.cpp").find("does not define extern \"C\" void") !=
        std::string::npos);
  std::ofstream(folder / "empty.cpp")
      << "#include \"dsl/catalogue.h\"\n"
         "extern \"C\" void tdxcheck_protocols(tdxcheck::dsl::Catalogue&) {}\n";
  CHECK(complaint_about(folder / "empty.cpp").find("registers no protocol") != std::string::npos);
  std::ofstream(folder / "unresolved.cpp")
      << "void nowhere(); void* use = reinterpret_cast<void*>(&nowhere);\n";
  CHECK(complaint_about(folder / "unresolved.cpp").find("cannot be loaded") != std::string::npos);
}

TEST_CASE("the compiler may be chosen, and may be missing") {
  const tests::ScratchFolder folder;
  std::ofstream(folder / "one.cpp") << protocol;
  const char* before = ::getenv("CXX");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("CXX", "no-such-compiler --really", 1);
  CHECK(complaint_about(folder / "one.cpp").find("no C++ compiler `no-such-compiler`") != std::string::npos);
  ::setenv("CXX", "env c++", 1);
  CHECK(run::compile_protocol(folder / "one.cpp").size() == 1);
  kept.empty() ? ::unsetenv("CXX") : ::setenv("CXX", kept.c_str(), 1);
}

} // namespace compile_protocol_test
