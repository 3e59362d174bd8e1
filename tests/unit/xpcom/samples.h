/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Samples: the type libraries that the tests and the fuzzer's seeds share. */
#pragma once
#include <glib.h>

/* nsISupports, two families of interfaces with every type, an enum; nothing from other files. */
GBytes *sample_whole(void);

/* Refers to nsISupports and IAnimal, which sample_whole() defines. */
GBytes *sample_part(void);

/* IFirst is IThird's child, ISecond IFirst's, IThird ISecond's. */
GBytes *sample_cycle(void);
