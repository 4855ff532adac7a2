// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "kernel.h"

/* A hash with one more word, as src/base/hash.ts has it. */
static __always_inline __u32 mix(__u32 hash, __u32 word)
{
	hash = (hash ^ word) * 0x9e3779b1;
	return hash ^ hash >> 15;
}
