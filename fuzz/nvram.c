/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fuzzer of NVRAM files: any bytes are one or none, and secure boot needs a platform key. */
#include "vbox/nvram.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize length);

int LLVMFuzzerTestOneInput(const guint8 *data, gsize length)
{
    Nvram nvram;
    gboolean is_one = nvram_parse(data, length, &nvram);
    g_assert_true(is_one || !nvram.has_platform_key);
    g_assert_true(nvram.has_platform_key || !nvram.secure_boot);
    return 0;
}
