# SPDX-License-Identifier: GPL-2.0-or-later
# The manual page and the completions are what the program says of itself: written by it when it is installed,
# so that they are always those of this very program.

find_program(TDXCHECK_GZIP gzip)
mark_as_advanced(TDXCHECK_GZIP)

install(CODE "
  set(program \"$<TARGET_FILE:tdxcheck>\")
  set(written \"${PROJECT_BINARY_DIR}/packaging\")
  set(gzip \"${TDXCHECK_GZIP}\")
  set(data \"${CMAKE_INSTALL_DATADIR}\")
  set(man \"${CMAKE_INSTALL_MANDIR}\")
")
install(CODE [[
  function(write_document file)
    execute_process(COMMAND "${program}" ${ARGN} OUTPUT_FILE "${written}/${file}" COMMAND_ERROR_IS_FATAL ANY)
  endfunction()
  file(MAKE_DIRECTORY "${written}")
  write_document(tdxcheck.1 man)
  write_document(tdxcheck completions bash)
  write_document(_tdxcheck completions zsh)
  write_document(tdxcheck.fish completions fish)

  set(page tdxcheck.1)
  if(gzip)
    # No name and no time inside: the same program gives the same package.
    execute_process(COMMAND "${gzip}" -9nf "${written}/tdxcheck.1" COMMAND_ERROR_IS_FATAL ANY)
    set(page tdxcheck.1.gz)
  endif()
  # Debian's zsh looks for what packages bring in a folder of its own.
  set(zsh site-functions)
  if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
    set(zsh vendor-completions)
  endif()

  # file(INSTALL) goes below DESTDIR by itself.
  set(prefix "${CMAKE_INSTALL_PREFIX}")
  file(INSTALL "${written}/${page}" DESTINATION "${prefix}/${man}/man1")
  file(INSTALL "${written}/tdxcheck" DESTINATION "${prefix}/${data}/bash-completion/completions")
  file(INSTALL "${written}/_tdxcheck" DESTINATION "${prefix}/${data}/zsh/${zsh}")
  file(INSTALL "${written}/tdxcheck.fish" DESTINATION "${prefix}/${data}/fish/vendor_completions.d")
]])
