// SPDX-License-Identifier: GPL-2.0-or-later
//
// `tdxcheck complete -- WORD...` answers with lines "CANDIDATE<tab>DESCRIPTION". No candidates: a file. A
// candidate that ends in = @ or / goes on.
#include "cli/write_completions.h"

#include "support/contract.h"

namespace tdxcheck::cli {
namespace {

// bash takes a word apart at = @ and :, and replaces only the last part: what is before that is cut off.
constexpr const char* bash = R"script(# Completion of tdxcheck for bash, made by `tdxcheck completions bash`.
_tdxcheck() {
  local line=${COMP_LINE:0:COMP_POINT} words candidate
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  local typed=${words[-1]}
  local kept=${typed%"${typed##*[=@:]}"}
  COMPREPLY=()
  while IFS=$'\t' read -r candidate _; do
    COMPREPLY+=("${candidate#"$kept"}")
  done < <("${words[0]}" complete -- "${words[@]:1}" 2>/dev/null)
  if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=@/] ]]; then
    compopt -o nospace
  fi
}
complete -o default -F _tdxcheck tdxcheck
)script";

constexpr const char* zsh = R"script(#compdef tdxcheck
# Completion of tdxcheck for zsh, made by `tdxcheck completions zsh`.
_tdxcheck() {
  local -a whole partial whole_texts partial_texts
  local candidate text
  while IFS=$'\t' read -r candidate text; do
    if [[ $candidate == *[=@/] ]]; then
      partial+=("$candidate")
      partial_texts+=("$candidate${text:+  -- $text}")
    else
      whole+=("$candidate")
      whole_texts+=("$candidate${text:+  -- $text}")
    fi
  done < <("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( ${#whole} + ${#partial} == 0 )); then
    _files
    return
  fi
  compadd -l -d whole_texts -a whole
  compadd -l -S '' -d partial_texts -a partial
}
if [[ $funcstack[1] == _tdxcheck ]]; then
  _tdxcheck "$@"
else
  compdef _tdxcheck tdxcheck
fi
)script";

constexpr const char* fish = R"script(# Completion of tdxcheck for fish, made by `tdxcheck completions fish`.
function __tdxcheck_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    set -l found ($words[1] complete -- $words[2..-1] "$typed" 2>/dev/null)
    if test (count $found) -eq 0
        __fish_complete_path "$typed"
    else
        printf '%s\n' $found
    end
end
complete -c tdxcheck -f -a '(__tdxcheck_complete)'
)script";

} // namespace

std::string completion_script(const std::string& shell) {
  if (shell == "bash") return bash;
  if (shell == "zsh") return zsh;
  support::expects(shell == "fish", "a shell that there is a script for");
  return fish;
}

} // namespace tdxcheck::cli
