// SPDX-License-Identifier: GPL-2.0-or-later
//
// A protocol is a C++ file that the user trusts as much as any program they compile; what this guards against
// is accident. No shell sees the file's name. The object is written to a private directory, which is gone
// once it is loaded. It stays loaded until the program ends, because models keep objects whose code lives in
// it.
//
// -Bsymbolic: a copy of a built-in protocol, edited under its old names, must not be answered with the
// functions of the built-in one, which the dynamic linker would find first.
#include "run/compile_protocol.h"

#include "run/child_process.h"
#include "support/error.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <exception>
#include <sstream>
#include <string>
#include <system_error>

#include <dlfcn.h>
#include <unistd.h>

namespace tdxcheck::run {
namespace {

namespace fs = std::filesystem;
using support::InputError;

// The headers installed with this program, which are those that it was built with; beside a program that is
// not installed there are none, and the source tree is there.
std::vector<fs::path> include_directories() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const fs::path installed = (program.parent_path() / TDXCHECK_INSTALLED_INCLUDES).lexically_normal();
  if (!error && fs::exists(installed / "dsl" / "dsl.h")) return {installed};
  std::vector<fs::path> directories;
  std::istringstream built_from(TDXCHECK_SOURCE_INCLUDES);
  for (std::string directory; std::getline(built_from, directory, ':');) directories.emplace_back(directory);
  return directories;
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream words(text);
  return {std::istream_iterator<std::string>(words), {}};
}

// $CXX may be several words, as in `CXX="ccache g++"`.
std::vector<std::vector<std::string>> compilers() {
  const char* chosen = std::getenv("CXX");
  if (chosen != nullptr && !words_of(chosen).empty()) return {words_of(chosen)};
  return {{"c++"}, {"g++"}};
}

std::vector<std::string> arguments(const fs::path& source, const fs::path& object) {
  std::vector<std::string> all{"-std=c++20", "-O1", "-shared", "-fPIC", "-Wl,-Bsymbolic"};
  for (const fs::path& directory : include_directories()) {
    all.push_back("-I" + directory.string());
    all.push_back("-fmacro-prefix-map=" + directory.string() + "/=");
  }
  // A name that begins with '-' is no option.
  all.insert(all.end(),
             {"-o", object.string(), source.is_absolute() ? source.string() : "./" + source.string()});
  return all;
}

// False if there is no such program; an InputError if it fails.
bool run(const std::vector<std::string>& command) {
  switch (run_child({command, {}, {}, {}, nullptr})) {
  case ChildEnd::succeeded: return true;
  case ChildEnd::no_such_program: return false;
  case ChildEnd::failed:
  case ChildEnd::out_of_time: break;
  }
  throw InputError(fmt::format("{} could not compile it; its messages are above", command.front()));
}

void compile(const fs::path& source, const fs::path& object) {
  const std::vector<std::string> rest = arguments(source, object);
  for (std::vector<std::string> command : compilers()) {
    command.insert(command.end(), rest.begin(), rest.end());
    if (run(command)) return;
  }
  throw InputError(
      fmt::format("no C++ compiler `{}`; the variable CXX may name one", compilers().front().front()));
}

std::vector<dsl::Entry> load(const fs::path& object) {
  void* library = ::dlopen(object.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw InputError(fmt::format("it cannot be loaded: {}", ::dlerror()));
  using EntryPoint = void (*)(dsl::Catalogue&);
  const auto entry_point = reinterpret_cast<EntryPoint>(::dlsym(library, "tdxcheck_protocols"));
  if (entry_point == nullptr)
    throw InputError("it does not define extern \"C\" void tdxcheck_protocols(tdxcheck::dsl::Catalogue&)");
  dsl::Catalogue catalogue;
  entry_point(catalogue);
  if (catalogue.entries().empty()) throw InputError("its tdxcheck_protocols() registers no protocol");
  return catalogue.entries();
}

} // namespace

std::vector<dsl::Entry> compile_protocol(const fs::path& source) {
  if (::access(source.c_str(), R_OK) != 0)
    throw InputError(
        fmt::format("cannot read {}: {}", source.string(), std::generic_category().message(errno)));
  const PrivateDirectory directory;
  const fs::path object = directory.path() / "protocol.so";
  try {
    compile(source, object);
    return load(object);
  } catch (const std::exception& error) {
    throw InputError(fmt::format("{}: {}", source.string(), error.what()));
  }
}

} // namespace tdxcheck::run
