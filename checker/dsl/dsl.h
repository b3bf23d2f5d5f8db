// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The words in which protocols are written. The tutorial below is examples/first_lock.cpp, compiled and checked by
// the tests, which also hold the two texts equal.
//
// TUTORIAL
//
#include "dsl/catalogue.h"
#include "dsl/expression.h"
#include "dsl/protocol.h"
#include "dsl/thread.h"
