// SPDX-License-Identifier: GPL-2.0-or-later
#include "emit/smt2_names.h"

#include <algorithm>
#include <string_view>

namespace tdxcheck::emit::smt2 {
namespace {

// Words of the language, of its theories, and what solvers add of their own that a model might be tempted by.
constexpr std::string_view reserved =
    "! _ as exists forall let match par lambda define assert push pop echo exit reset BINARY DECIMAL "
    "HEXADECIMAL NUMERAL STRING true false not and or xor => = distinct ite if iff implies + - * / <= < >= > "
    "div mod abs divisible to_real to_int is_int concat extract bvnot bvneg bvand bvor bvadd bvmul bvudiv "
    "bvurem bvshl bvlshr bvult bvnand bvnor bvxor bvxnor bvcomp bvsub bvsdiv bvsrem bvsmod bvashr bvule "
    "bvugt "
    "bvuge bvslt bvsle bvsgt bvsge repeat zero_extend sign_extend rotate_left rotate_right int2bv bv2int "
    "bv2nat select store const map default union intersection difference complement subset member insert "
    "setminus card singleton emptyset head tail nil cons pair first second tuple seq str re char unit empty "
    "is update update-field rem pi e exp sin cos tan sqrt Bool Int Real Array BitVec String RegLan List Set "
    "Seq "
    "Float16 Float32 Float64 Float128 FloatingPoint RoundingMode RNE RNA RTP RTN RTZ fp Bag Relation join "
    "product transpose iden at-most at-least pble pbge pbeq label mkpair proj sep pto wand sat unsat unknown "
    "State s t i i0 i1 i2 i3 i4 init trans in_range model_error same none";

bool is_simple(const std::string& name) {
  constexpr std::string_view also = "~!@$%^&*_-+=<>.?/";
  if (name.empty() || (name[0] >= '0' && name[0] <= '9') || name[0] == '@' || name[0] == '.') return false;
  for (const char c : name) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!plain && also.find(c) == std::string_view::npos) return false;
  }
  return true;
}

} // namespace

Names::Names() {
  for (std::size_t at = 0; at < reserved.size();) {
    const std::size_t end = std::min(reserved.find(' ', at), reserved.size());
    taken_.emplace(reserved.substr(at, end - at));
    at = end + 1;
  }
}

const std::string& Names::of(Kind kind, const std::string& name) {
  const auto [entry, is_new] = chosen_.try_emplace({kind, name});
  if (!is_new) return entry->second;
  std::string text;
  for (const char c : name) text += c == '|' || c == '\\' || (c >= 0 && c < ' ') || c == 127 ? '_' : c;
  while (!taken_.insert(text).second) text += '_';
  entry->second = is_simple(text) ? text : "|" + text + "|";
  return entry->second;
}

} // namespace tdxcheck::emit::smt2
