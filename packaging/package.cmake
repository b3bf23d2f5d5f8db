# SPDX-License-Identifier: GPL-2.0-or-later
# A Debian package, and an archive: `cmake --build build --target tdxcheck`, then `cpack --config
# build/CPackConfig.cmake -G DEB`. What it depends on is read off the program by dpkg-shlibdeps.

# The program alone has to be built for that, not all the tests.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)

set(CPACK_GENERATOR "DEB;TGZ")
set(CPACK_PACKAGE_NAME tdxcheck)
set(CPACK_PACKAGE_VENDOR "tdxcheck")
set(CPACK_PACKAGE_CONTACT "tdxcheck maintainers <tdxcheck@localhost>" CACHE STRING "Maintainer of the package")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "model checker for locks and retries between KVM and TDX")
set(CPACK_PACKAGE_DESCRIPTION
"Explores every interleaving of a protocol between Linux KVM and the Intel
TDX module that is written down step by step, and judges every claim that it
makes: deadlocks, livelocks, lock order, retry limits, leaks.
.
Protocols as they were posted and as they landed are built in; a patch is
tried by replacing one function in a C++ file, which needs a C++ compiler.")
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX "/usr")
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "g++ | c++-compiler")

configure_file(packaging/changelog.in packaging/changelog @ONLY)
install(FILES packaging/copyright DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/tdxcheck")
if(TDXCHECK_GZIP)
  execute_process(COMMAND "${TDXCHECK_GZIP}" -9nkf "${PROJECT_BINARY_DIR}/packaging/changelog"
                  COMMAND_ERROR_IS_FATAL ANY)
  install(FILES "${PROJECT_BINARY_DIR}/packaging/changelog.gz" DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/tdxcheck")
endif()

include(CPack)
