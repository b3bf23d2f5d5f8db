// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/gate_file.h"

#include "lower/fold.h"
#include "model/print.h"
#include "result/trace_json.h"
#include "run/reproduce.h"
#include "run/valuation.h"
#include "run/variant_file.h"
#include "support/error.h"
#include "support/json_reader.h"
#include "support/line_of.h"
#include "support/near_miss.h"
#include "support/parse_quantity.h"
#include "support/read_file.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <system_error>

#include <fnmatch.h>

namespace tdxcheck::run {
namespace {

namespace fs = std::filesystem;
using result::Expectation;
using support::InputError;
using support::JsonReader;

// What is refused for other reasons than its shape still says which field it stands in.
template <class Action>
auto at(const JsonReader& field, Action action) {
  try {
    return action();
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: {}", field.path(), error.what()));
  }
}

std::string in_one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

GateBudget budget_from(const JsonReader& json, GateBudget budget) {
  json.no_unknown_fields({"time", "memory"});
  if (const auto time = json.optional("time"))
    budget.seconds = at(*time, [&] { return support::parse_duration(time->string()); });
  if (const auto memory = json.optional("memory"))
    budget.memory_bytes = at(*memory, [&] { return support::parse_size(memory->string()); });
  return budget;
}

std::vector<std::string> texts_of(const JsonReader& list) {
  std::vector<std::string> texts;
  for (const JsonReader& text : list.array()) texts.push_back(text.name());
  return texts;
}

// A property that is not even claimed for the target's parameters is never judged, and no expectation of it
// could be met.
void require_claimed(const Target& target, const std::string& name) {
  require_property(target.model, name);
  const auto& property = *std::ranges::find(target.model.properties, name, &model::Property::name);
  const auto claimed =
      lower::literal_value(lower::fold(target.model, target.valuation, property.claimed_when));
  if (claimed == 0)
    throw InputError(fmt::format("property `{}` is claimed only where {}", name,
                                 print(target.model, property.claimed_when)));
}

std::vector<Expectation> expectations_from(const JsonReader& json, const Target& target) {
  std::vector<Expectation> expectations;
  for (const auto& [property, verdict] : json.members()) {
    if (verdict.is_string() && verdict.string() == "unknown")
      verdict.fail("a gate expects `holds` or `violated`; unknown is never a pass");
    const bool violated = verdict.one_of("verdict", {"holds", "violated"}) == 1;
    at(verdict, [&target, &name = property] { require_claimed(target, name); });
    expectations.push_back({property, violated ? result::Verdict::violated : result::Verdict::holds, 1, {}});
  }
  if (expectations.empty()) json.fail("nothing is expected; name a property and `holds` or `violated`");
  return expectations;
}

std::string name_of(const Request& request) {
  std::string name = request.target;
  for (const std::string& setting : request.set) name += " --set " + shell_quoted(setting);
  for (const std::string& guard : request.without) name += " --without " + shell_quoted(guard);
  for (const std::string& how : request.fair) name += " --fair " + shell_quoted(how);
  return name;
}

// A refusal that says where it is already; anything else is about the check as a whole.
template <class Action>
auto at_least_at(const JsonReader& check, Action action) {
  try {
    return action();
  } catch (const InputError& error) {
    if (std::string_view(error.what()).starts_with('/')) throw;
    throw InputError(fmt::format("{}: {}", check.path(), error.what()));
  }
}

// `resolve` puts the name of a file in front, as we do.
Target resolve_file(const Request& request) {
  const std::string prefix = request.target + ": ";
  try {
    return resolve(request);
  } catch (const InputError& error) {
    const std::string said = error.what();
    throw InputError(said.starts_with(prefix) ? said.substr(prefix.size()) : said);
  }
}

class GateFile {
public:
  explicit GateFile(const fs::path& path)
      : path_(path), text_(support::read_file(path)), json_(support::parse_json(text_, path.string())) {}

  std::vector<PlannedCheck> checks() {
    try {
      const JsonReader file(json_);
      const std::string schema = file.required("schema").string();
      if (schema == variant_schema) return {variant(file)};
      if (schema != gate_schema) file.required("schema").refuse("`tdxcheck/gate/1` or `tdxcheck/variant/1`");
      return gate(file);
    } catch (const InputError& error) {
      throw InputError(fmt::format("{}: {}", path_.string(), error.what()));
    }
  }

private:
  PlannedCheck variant(const JsonReader& file) {
    (void)variant_file_from(file);
    const auto expect = file.optional("expect");
    if (!expect) throw InputError("/expect: this field is missing; without it there is nothing to judge");
    PlannedCheck planned;
    planned.request.target = path_.string();
    planned.target = resolve_file(planned.request);
    fill(planned, file, *expect);
    return planned;
  }

  std::vector<PlannedCheck> gate(const JsonReader& file) {
    file.no_unknown_fields({"schema", "summary", "budget", "checks"});
    if (const auto summary = file.optional("summary")) (void)summary->string();
    GateBudget budget;
    if (const auto written = file.optional("budget")) budget = budget_from(*written, budget);
    std::vector<PlannedCheck> checks;
    for (const JsonReader& check : file.required("checks").array()) checks.push_back(one(check, budget));
    if (checks.empty()) file.required("checks").fail("there is no check; an empty gate passes nothing");
    return checks;
  }

  PlannedCheck one(const JsonReader& json, const GateBudget& budget) {
    json.no_unknown_fields({"target", "set", "without", "fair", "expect", "budget", "why"});
    if (const auto why = json.optional("why")) (void)why->string();
    PlannedCheck planned;
    planned.budget = budget;
    if (const auto own = json.optional("budget")) planned.budget = budget_from(*own, budget);
    resolve_fields(json, planned);
    fill(planned, json, json.required("expect"));
    return planned;
  }

  // Field by field, so that a refusal names the one that is wrong.
  void resolve_fields(const JsonReader& json, PlannedCheck& planned) const {
    Request& request = planned.request;
    const JsonReader target = json.required("target");
    request.target = from_here(target.name());
    planned.target = at(target, [&] { return resolve(request); });
    if (const auto set = json.optional("set"))
      for (const auto& [parameter, value] : set->members()) {
        const std::string text = result::value_from_json(value);
        at(value, [&planned, &text, &name = parameter] {
          assign(planned.target.model, planned.target.valuation, name, text);
        });
        request.set.push_back(fmt::format("{}={}", parameter, text));
      }
    if (const auto without = json.optional("without"))
      for (const JsonReader& guard : without->array()) {
        at(guard, [&] { drop_guard(planned.target.model, planned.target.valuation, guard.name()); });
        request.without.push_back(guard.string());
      }
    if (const auto fair = json.optional("fair")) {
      request.fair = texts_of(*fair);
      planned.target = at(*fair, [&] { return resolve(request); });
    }
  }

  void fill(PlannedCheck& planned, const JsonReader& json, const JsonReader& expect) {
    result::GateCheck& check = planned.check;
    check.file = path_.string();
    check.field = json.path();
    check.line = support::line_of(text_, json.path());
    check.name = in_one_line(name_of(planned.request));
    check.expectations = at_least_at(json, [&] { return expectations_from(expect, planned.target); });
    for (const auto& [property, verdict] : expect.members())
      for (Expectation& expectation : check.expectations)
        if (expectation.property == property) expectation.line = support::line_of(text_, verdict.path());
  }

  [[nodiscard]] std::string from_here(const std::string& target) const {
    const std::string name = target.substr(0, target.rfind('@'));
    const bool is_file = name.ends_with(".json") || name.ends_with(".cpp") || target.ends_with(".json") ||
                         target.ends_with(".cpp");
    if (!is_file || fs::path(target).is_absolute()) return target;
    return (path_.parent_path() / target).lexically_normal().string();
  }

  fs::path path_;
  std::string text_;
  nlohmann::json json_;
};

std::vector<fs::path> files_in(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error))
    if (entry->path().extension() == ".json") files.push_back(entry->path());
  if (error) throw InputError(fmt::format("cannot read {}: {}", directory.string(), error.message()));
  if (files.empty())
    throw InputError(
        fmt::format("{} has no gate file (*.json); an empty gate passes nothing", directory.string()));
  std::ranges::sort(files);
  return files;
}

std::vector<fs::path> files_of(const std::vector<std::string>& paths) {
  std::vector<fs::path> files;
  for (const std::string& path : paths) {
    if (!fs::is_directory(path)) files.emplace_back(path);
    else std::ranges::copy(files_in(path), std::back_inserter(files));
  }
  std::set<fs::path> seen;
  std::error_code ignored;
  for (const fs::path& file : files)
    if (!seen.insert(fs::weakly_canonical(file, ignored)).second)
      throw InputError(fmt::format("{} is named twice", file.string()));
  return files;
}

} // namespace

std::vector<PlannedCheck> read_gates(const std::vector<std::string>& paths) {
  std::vector<PlannedCheck> checks;
  for (const fs::path& file : files_of(paths))
    std::ranges::move(GateFile(file).checks(), std::back_inserter(checks));
  if (checks.empty()) throw InputError("no gate file is named; an empty gate passes nothing");
  return checks;
}

std::vector<PlannedCheck> matching(std::vector<PlannedCheck> checks,
                                   const std::vector<std::string>& patterns) {
  if (patterns.empty()) return checks;
  const auto matches = [](const std::string& pattern, const PlannedCheck& planned) {
    return ::fnmatch(pattern.c_str(), planned.check.name.c_str(), 0) == 0;
  };
  std::vector<std::string> names;
  for (const PlannedCheck& planned : checks) names.push_back(planned.check.name);
  for (const std::string& pattern : patterns)
    if (std::ranges::none_of(checks, [&](const auto& planned) { return matches(pattern, planned); })) {
      const auto near = support::near_misses(pattern, names, 1);
      throw InputError(fmt::format("no check matches `{}`{}; a gate without checks passes nothing", pattern,
                                   near.empty() ? "" : fmt::format("; did you mean `{}`?", near.front())));
    }
  std::erase_if(checks, [&](const PlannedCheck& planned) {
    return std::ranges::none_of(patterns, [&](const auto& pattern) { return matches(pattern, planned); });
  });
  return checks;
}

} // namespace tdxcheck::run
