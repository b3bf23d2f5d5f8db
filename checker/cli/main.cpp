// SPDX-License-Identifier: GPL-2.0-or-later

#include "cli/run_program.h"

int main(int argc, char** argv) { return tdxcheck::cli::run_program(argc, argv); }
