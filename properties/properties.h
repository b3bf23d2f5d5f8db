// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// All templates of claims.

#include "properties/always.h"
#include "properties/assertion.h"
#include "properties/balanced.h"
#include "properties/leads_to.h"
#include "properties/lock_discipline.h"
#include "properties/lock_order.h"
#include "properties/no_deadlock.h"
#include "properties/no_livelock.h"
#include "properties/no_starvation.h"
#include "properties/recoverable.h"
#include "properties/retries.h"
#include "properties/sometimes.h"
