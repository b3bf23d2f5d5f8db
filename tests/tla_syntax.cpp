// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/tla_syntax.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace tdxcheck::tests {
namespace {

struct Token {
  enum class Kind { name, number, string, symbol, end } kind = Kind::end;
  std::string text;
  std::size_t line = 0, column = 0;
};

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::vector<Token> tokens_of(const std::string& text) {
  static const std::vector<std::string> symbols{
      "|->", ">>_", "/\\", "\\/", "==", "=>", "<=", "..", "->", "<<", ">>", "[]", "<>", "]_", "~>", "=", "#",
      "<",   "+",   "-",   "*",   "%",  "^",  "'",  "~",  "!",  ":",  ",",  "(",  ")",  "[",  "]",  "{", "}"};
  std::vector<Token> tokens;
  std::size_t line = 1, begin_of_line = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto rest = [&](const char* what) { return text.compare(i, std::string(what).size(), what) == 0; };
    const auto add = [&](Token::Kind kind, std::string what, std::size_t length) {
      tokens.push_back({kind, std::move(what), line, i - begin_of_line});
      i += length;
    };
    if (text[i] == '\n') {
      begin_of_line = ++i;
      ++line;
    } else if (text[i] == ' ') ++i;
    else if (rest("\\*")) i = std::min(text.find('\n', i), text.size());
    else if (rest("----") || rest("====")) {
      std::size_t length = 0;
      while (i + length < text.size() && text[i + length] == text[i]) ++length;
      add(Token::Kind::symbol, text[i] == '-' ? "----" : "====", length);
      if (tokens.back().text == "====") return tokens; // what follows is not part of the module
    } else if (text[i] == '"') {
      std::string value;
      std::size_t j = i + 1;
      for (; j < text.size() && text[j] != '"'; ++j) value += text[j] == '\\' ? text[++j] : text[j];
      add(Token::Kind::string, value, j + 1 - i);
    } else if (std::isdigit(static_cast<unsigned char>(text[i])) != 0) {
      std::size_t length = 1;
      while (std::isdigit(static_cast<unsigned char>(text[i + length])) != 0) ++length;
      add(Token::Kind::number, text.substr(i, length), length);
    } else if (is_word(text[i])) {
      std::size_t length = 1;
      while (i + length < text.size() && is_word(text[i + length])) ++length;
      const std::string word = text.substr(i, length);
      if (word.starts_with("WF_") || word.starts_with("SF_")) length = 3;
      add(Token::Kind::name, text.substr(i, length), length);
    } else if (text[i] == '\\' && std::isalpha(static_cast<unsigned char>(text[i + 1])) != 0) {
      std::size_t length = 2;
      while (std::isalpha(static_cast<unsigned char>(text[i + length])) != 0) ++length;
      add(Token::Kind::symbol, text.substr(i, length), length);
    } else {
      const auto symbol = std::ranges::find_if(symbols, [&](const auto& s) { return rest(s.c_str()); });
      if (symbol != symbols.end()) add(Token::Kind::symbol, *symbol, symbol->size());
      else if (text[i] == '\\') add(Token::Kind::symbol, "\\", 1);
      else throw TlaError(fmt::format("line {}: what is `{}`?", line, text[i]));
    }
  }
  return tokens;
}

class Reader {
public:
  explicit Reader(const std::string& text) : tokens_(tokens_of(text)) {}

  TlaModule read() {
    need("----");
    need("MODULE");
    module_.name = name();
    need("----");
    declared_.insert(module_.name);
    for (const char* word : {"Cardinality", "BOOLEAN", "Integers"}) declared_.insert(word);
    while (!is("====")) statement();
    return std::move(module_);
  }

private:
  // The next token of the list item that is being read; the end, if what follows is not part of it.
  [[nodiscard]] const Token& next() const {
    static const Token end;
    if (at_ >= tokens_.size() || (!columns_.empty() && tokens_[at_].column <= columns_.back())) return end;
    return tokens_[at_];
  }
  [[nodiscard]] bool is(const std::string& text) const {
    return next().kind != Token::Kind::string && next().kind != Token::Kind::end && next().text == text;
  }
  bool take(const std::string& text) {
    if (!is(text)) return false;
    ++at_;
    return true;
  }
  void need(const std::string& text) {
    if (!take(text)) fail(fmt::format("`{}` is wanted", text));
  }
  [[noreturn]] void fail(const std::string& why) const {
    const Token& token = tokens_[std::min(at_, tokens_.size() - 1)];
    throw TlaError(fmt::format("line {}, at `{}`: {}", token.line, token.text, why));
  }
  std::string name() {
    if (next().kind != Token::Kind::name) fail("a name is wanted");
    return tokens_[at_++].text;
  }
  std::string new_name() {
    const std::string text = name();
    if (!declared_.insert(text).second) fail(fmt::format("`{}` is declared already", text));
    return text;
  }
  static Tla node(std::string op, std::vector<Tla> parts = {}, std::string text = {}) {
    return std::make_shared<TlaNode>(TlaNode{std::move(op), std::move(text), std::move(parts), {}});
  }

  void statement() {
    if (take("EXTENDS")) {
      do name();
      while (take(","));
    } else if (take("VARIABLES")) {
      do module_.variables.push_back(new_name());
      while (take(","));
    } else if (take("RECURSIVE")) {
      recursive_.insert(new_name());
      while (!take(")")) ++at_;
    } else definition();
  }

  void definition() {
    const std::string defined = name();
    if (recursive_.erase(defined) == 0 && !declared_.insert(defined).second)
      fail(fmt::format("`{}` is declared already", defined));
    TlaDefinition definition;
    if (take("(")) {
      do definition.parameters.push_back(new_name());
      while (take(","));
      need(")");
    }
    need("==");
    definition.body = expression();
    for (const auto& parameter : definition.parameters) declared_.erase(parameter);
    module_.definitions[defined] = std::move(definition);
  }

  Tla expression() {
    const Tla left = junction();
    for (const char* op : {"=>", "~>"})
      if (take(op)) return node(op, {left, junction()});
    return left;
  }

  Tla junction() {
    if (is("/\\") || is("\\/")) return list();
    Tla left = comparison();
    for (const std::string op : {"/\\", "\\/"}) {
      if (!is(op)) continue;
      std::vector<Tla> parts{left};
      while (take(op)) parts.push_back(comparison());
      if (is("/\\") || is("\\/")) fail("both junctions without parentheses");
      return node(op, parts);
    }
    return left;
  }

  Tla list() {
    const std::string op = next().text;
    const std::size_t column = next().column;
    std::vector<Tla> parts;
    while (is(op) && next().column == column) {
      ++at_;
      columns_.push_back(column);
      parts.push_back(expression());
      columns_.pop_back();
    }
    return node(op, parts);
  }

  Tla comparison() {
    static const std::set<std::string> operators{"=", "#", "<", "<=", "\\in", "\\subseteq"};
    const Tla left = term();
    if (next().kind != Token::Kind::symbol || !operators.contains(next().text)) return left;
    const std::string op = tokens_[at_++].text;
    const Tla right = term();
    if (next().kind == Token::Kind::symbol && operators.contains(next().text))
      fail("two comparisons in a row");
    return node(op, {left, right});
  }

  // At most one operator, but for a product of sets.
  Tla term() {
    static const std::set<std::string> operators{"+",  "-",     "*",     "%",     "^",
                                                 "..", "\\div", "\\cup", "\\cap", "\\"};
    const Tla left = prefixed();
    if (is("\\X")) {
      std::vector<Tla> parts{left};
      while (take("\\X")) parts.push_back(prefixed());
      return node("\\X", parts);
    }
    if (next().kind != Token::Kind::symbol || !operators.contains(next().text)) return left;
    const std::string op = tokens_[at_++].text;
    const Tla right = prefixed();
    if (next().kind == Token::Kind::symbol && operators.contains(next().text)) fail("two operators in a row");
    return node(op, {left, right});
  }

  Tla prefixed() {
    for (const std::string op : {"~", "-", "SUBSET", "ENABLED", "UNCHANGED", "[]", "<>"})
      if (take(op)) return node(op == "-" ? "negate" : op, {prefixed()});
    for (const std::string op : {"WF_", "SF_"})
      if (take(op)) {
        need("vars");
        need("(");
        const Tla action = expression();
        need(")");
        return node(op, {action});
      }
    for (const std::string op : {"\\A", "\\E"})
      if (take(op)) {
        TlaNode quantified{op, "", {}, binders()};
        need(":");
        quantified.parts.push_back(expression());
        release(quantified);
        return std::make_shared<TlaNode>(std::move(quantified));
      }
    if (take("IF")) {
      const Tla condition = expression();
      need("THEN");
      const Tla then = expression();
      need("ELSE");
      return node("IF", {condition, then, expression()});
    }
    return postfixed();
  }

  std::vector<std::pair<std::string, Tla>> binders() {
    std::vector<std::pair<std::string, Tla>> all;
    do {
      const std::string bound = new_name();
      need("\\in");
      all.emplace_back(bound, term());
    } while (take(","));
    return all;
  }
  void release(const TlaNode& binding) {
    for (const auto& binder : binding.binders) declared_.erase(binder.first);
  }

  Tla postfixed() {
    Tla left = atom();
    for (;;) {
      if (take("[")) {
        std::vector<Tla> parts{left};
        do parts.push_back(expression());
        while (take(","));
        need("]");
        left = node("apply", parts);
      } else if (take("'")) left = node("prime", {left});
      else return left;
    }
  }

  Tla atom() {
    const Token token = next();
    if (token.kind == Token::Kind::end) fail("something is missing");
    if (token.kind == Token::Kind::number || token.kind == Token::Kind::string) {
      ++at_;
      return node(token.kind == Token::Kind::number ? "number" : "string", {}, token.text);
    }
    if (take("(")) {
      const Tla inner = expression();
      need(")");
      return inner;
    }
    if (take("{")) return braces();
    if (take("<<")) return angles();
    if (take("[")) return brackets();
    const std::string called = name();
    if (!take("(")) return node("name", {}, called);
    std::vector<Tla> arguments;
    do arguments.push_back(expression());
    while (take(","));
    need(")");
    return node("call", arguments, called);
  }

  Tla braces() {
    if (take("}")) return node("set");
    // {x \in S : condition} begins like an element that is a comparison.
    if (next().kind == Token::Kind::name && at_ + 1 < tokens_.size() && tokens_[at_ + 1].text == "\\in") {
      TlaNode filter{"filter", "", {}, binders()};
      need(":");
      filter.parts.push_back(expression());
      need("}");
      release(filter);
      return std::make_shared<TlaNode>(std::move(filter));
    }
    std::vector<Tla> elements;
    do elements.push_back(expression());
    while (take(","));
    need("}");
    return node("set", elements);
  }

  Tla angles() {
    std::vector<Tla> parts;
    do parts.push_back(expression());
    while (take(","));
    if (take(">>_")) {
      need("vars");
      return node("<<>>_", parts);
    }
    need(">>");
    return node("tuple", parts);
  }

  Tla brackets() {
    if (next().kind == Token::Kind::name && at_ + 1 < tokens_.size() && tokens_[at_ + 1].text == "\\in") {
      TlaNode function{"map", "", {}, binders()};
      need("|->");
      function.parts.push_back(expression());
      need("]");
      release(function);
      return std::make_shared<TlaNode>(std::move(function));
    }
    const Tla first = expression();
    if (take("->")) {
      const Tla range = term();
      need("]");
      return node("functions", {first, range});
    }
    if (take("EXCEPT")) {
      std::vector<Tla> parts{first};
      do {
        need("!");
        need("[");
        std::vector<Tla> indices;
        do indices.push_back(expression());
        while (take(","));
        need("]");
        need("=");
        parts.push_back(node("tuple", indices));
        parts.push_back(expression());
      } while (take(","));
      need("]");
      return node("except", parts);
    }
    need("]_");
    need("vars");
    return node("[]_", {first});
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::vector<std::size_t> columns_; // of the lists that are being read
  std::set<std::string> declared_, recursive_;
  TlaModule module_;
};

} // namespace

TlaModule read_tla(const std::string& text) { return Reader(text).read(); }

} // namespace tdxcheck::tests
