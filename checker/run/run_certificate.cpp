// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/run_certificate.h"

#include "emit/smt2_certificate.h"
#include "model/model_json_reading.h"
#include "model/model_json_writing.h"
#include "prove/decide_smt2.h"
#include "run/problem_of.h"
#include "run/valuation.h"
#include "support/contract.h"
#include "support/error.h"
#include "support/json_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

namespace tdxcheck::run {
namespace {

using Json = nlohmann::ordered_json;
using support::JsonReader;

constexpr std::string_view mark = ";! "; // lines of the head that are JSON

// Regions that only the invariant speaks of.
Json regions_of(const model::Model& model, std::size_t known) {
  Json list = Json::array();
  for (const auto id : model.regions.ids()) {
    if (id.value < known) continue;
    const model::Region& region = model.regions[id];
    const model::Thread& thread = model.threads[region.thread];
    Json labels = Json::array();
    for (const auto label : region.labels) labels.push_back(thread.labels[label].name);
    list.push_back({{"name", region.name}, {"thread", thread.name}, {"labels", labels}});
  }
  return list;
}

Json head_of(const Target& target, const result::Proof& proof, std::size_t known_regions) {
  Json json{{"schema", "tdxcheck/certificate/1"}, {"target", target.name}};
  json["parameters"] = Json::object();
  for (const auto& [name, value] : target.parameters()) json["parameters"][name] = value;
  json["without"] = target.without();
  json["any"] = Json::object();
  for (const auto& any : proof.any) json["any"][proof.model.parameters[any.parameter].name] = any.lowest;
  json["property"] = proof.property;
  json["k"] = proof.k;
  json["simple_path"] = proof.simple_path;
  if (proof.rests_on) {
    json["rests_on"] = proof.rests_on->conjuncts;
    json["claim_rests_on"] = proof.rests_on->claim;
  }
  json["method"] = proof.method;
  json["regions"] = regions_of(proof.model, known_regions);
  json["invariant"] = model::json_writing::write_expressions(proof.model, proof.invariant);
  return json;
}

// One line a field, and one a lemma.
std::string head_text(const Json& head) {
  std::string text = std::string(mark) + "{\n";
  std::size_t left = head.size();
  for (const auto& [key, value] : head.items()) {
    const std::string comma = --left > 0 ? "," : "";
    if (key != "invariant" || value.empty()) {
      text += fmt::format("{} {}: {}{}\n", mark, Json(key).dump(), value.dump(), comma);
      continue;
    }
    text += fmt::format("{} {}: [\n", mark, Json(key).dump());
    for (std::size_t i = 0; i < value.size(); ++i)
      text += fmt::format("{}  {}{}\n", mark, value[i].dump(), i + 1 < value.size() ? "," : "");
    text += fmt::format("{} ]{}\n", mark, comma);
  }
  return text + std::string(mark) + "}\n";
}

struct Written {
  std::string text;
  std::string body;
  std::vector<std::string> questions;
  result::Proof proof;
};

Target target_named(const JsonReader& head) {
  result::Trace named; // a trace and a certificate name their target alike
  named.target = head.required("target").string();
  for (const auto& [name, value] : head.required("parameters").members())
    named.parameters[name] = value.string();
  for (const JsonReader& guard : head.required("without").array()) named.without.push_back(guard.string());
  return target_of(named);
}

model::Region region_from(const JsonReader& json, const model::Model& model) {
  using model::json_reading::find;
  json.no_unknown_fields({"name", "thread", "labels"});
  model::Region region;
  region.name = json.required("name").string();
  if (std::ranges::find(model.regions, region.name, &model::Region::name) != model.regions.end())
    json.required("name").fail("the model has a region of this name");
  region.thread = find(model.threads, "thread", json.required("thread"));
  for (const JsonReader& label : json.required("labels").array())
    region.labels.push_back(find(model.threads[region.thread].labels, "label", label));
  return region;
}

constexpr std::uint64_t largest_k = 1000;

// Of lemmas.
std::vector<std::size_t> places_in(const JsonReader& json, std::size_t lemmas) {
  std::vector<std::size_t> all;
  for (const JsonReader& place : json.array())
    all.push_back(static_cast<std::size_t>(place.integer(0, static_cast<std::int64_t>(lemmas) - 1)));
  return all;
}

// From nothing but what a head says.
Written written_from(const Json& head) {
  const nlohmann::json plain = head;
  const JsonReader reader(plain);
  reader.schema("tdxcheck/certificate/1");
  reader.no_unknown_fields({"schema", "target", "parameters", "without", "any", "property", "k",
                            "simple_path", "method", "rests_on", "claim_rests_on", "regions", "invariant"});
  const Target target = target_named(reader);
  std::vector<std::string> any;
  for (const auto& [name, lowest] : reader.required("any").members()) any.push_back(name);
  const prove::Problem problem = problem_of(target, any);
  Written written;
  result::Proof& proof = written.proof;
  proof.model = problem.model;
  proof.valuation = problem.valuation;
  proof.any = problem.any;
  proof.open = problem.open;
  proof.property = reader.required("property").string();
  require_property(proof.model, proof.property);
  proof.k = static_cast<unsigned>(reader.required("k").integer(1, largest_k));
  proof.simple_path = reader.required("simple_path").boolean();
  proof.method = reader.required("method").string();
  const std::size_t known_regions = proof.model.regions.size();
  for (const JsonReader& region : reader.required("regions").array())
    proof.model.regions.add(region_from(region, proof.model));
  for (const JsonReader& lemma : reader.required("invariant").array()) {
    const model::Expr e = model::json_reading::ExpressionReader(proof.model).read(lemma);
    if (e.sort().kind != model::SortKind::boolean) lemma.fail("a lemma is true or false");
    proof.invariant.push_back(e);
  }
  if (const auto rests_on = reader.optional("rests_on")) {
    proof.rests_on.emplace();
    for (const JsonReader& conjunct : rests_on->array())
      proof.rests_on->conjuncts.push_back(places_in(conjunct, proof.invariant.size()));
    if (proof.rests_on->conjuncts.size() != proof.invariant.size())
      rests_on->fail("one list for each lemma of the invariant");
    proof.rests_on->claim = places_in(reader.required("claim_rests_on"), proof.invariant.size());
  }
  const emit::Certificate certificate = emit::certificate(proof, target.name);
  written.body = certificate.body;
  written.questions = certificate.question;
  written.text = certificate.head + head_text(head_of(target, proof, known_regions)) + certificate.body;
  return written;
}

Json head_in(const std::string& text, const std::string& origin) {
  std::istringstream lines(text);
  std::string json;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(mark)) json += line.substr(mark.size()) + "\n";
  if (json.empty())
    throw support::InputError(fmt::format("{}: no certificate: no line starts with `{}`", origin, mark));
  return support::parse_json(json, origin);
}

// The head as it is, of the rest what a solver reads.
std::vector<std::string> what_counts(const std::string& text) {
  std::vector<std::string> counted;
  bool in_head = true;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    in_head = in_head && line.starts_with(";");
    if (in_head || !line.starts_with(";")) counted.push_back(line);
  }
  return counted;
}

std::string first_difference(const std::string& given, const std::string& expected) {
  const auto a = what_counts(given), b = what_counts(expected);
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    const std::string here = i < a.size() ? a[i] : "(nothing)", there = i < b.size() ? b[i] : "(nothing)";
    if (here != there)
      return fmt::format("it says `{}` where the model and the invariant give `{}`", here, there);
  }
  return {};
}

} // namespace

std::string certificate_of(const Target& target, const result::Proof& proof) {
  std::vector<std::string> any;
  for (const auto& one : proof.any) any.push_back(proof.model.parameters[one.parameter].name);
  return written_from(head_of(target, proof, problem_of(target, any).model.regions.size())).text;
}

CertificateResult check_certificate(const std::string& text, const std::string& origin, unsigned seconds) {
  const Json head = head_in(text, origin);
  Written written;
  try {
    written = written_from(head);
  } catch (const support::InputError& error) {
    throw support::InputError(fmt::format("{}: {}", origin, error.what()));
  }
  CertificateResult result;
  result.target = head["target"];
  result.property = written.proof.property;
  std::vector<std::string> free;
  for (const auto& any : written.proof.any)
    free.push_back(fmt::format("every {}", written.proof.model.parameters[any.parameter].name));
  result.extent = fmt::format("{}", fmt::join(free, ", "));
  result.obligations = written.questions.size();
  result.why = first_difference(text, written.text);
  if (!result.why.empty()) return result;

  const prove::Decisions decided = prove::decide_smt2(written.body, seconds);
  support::ensures_internal(decided.complaint.empty() && decided.answers.size() == written.questions.size(),
                            "a solver reads what we write");
  for (const auto wanted : {prove::Satisfiable::yes, prove::Satisfiable::unknown}) {
    for (std::size_t i = 0; i < decided.answers.size(); ++i) {
      if (decided.answers[i] != wanted) continue;
      const bool refuted = wanted == prove::Satisfiable::yes;
      result.certified = refuted ? Certified::no : Certified::unknown;
      result.why =
          fmt::format("the solver {} \"{}\"", refuted ? "refutes" : "does not decide", written.questions[i]);
      return result;
    }
  }
  result.certified = Certified::yes;
  return result;
}

} // namespace tdxcheck::run
