/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pseudo-random values of any type of the protocol, from GLib's test seed. */
#pragma once
#include "rpc/xdr_table.h"

/* A struct of this type, filled: strings of up to 40 bytes, arrays of up to 3 elements. */
void *random_value(const XdrStruct *type, Arena *arena);
