/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fuzzer of image headers: any bytes are an image of some format, and its facts can be told. */
#include <string.h>
#include "storage/image.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize length);

int LLVMFuzzerTestOneInput(const guint8 *data, gsize length)
{
    g_auto(Image) image = {0};
    gsize head = MIN(length, IMAGE_HEAD);
    const guint8 *tail = length >= IMAGE_TAIL ? data + length - IMAGE_TAIL : NULL;
    image_parse(data, head, tail, length, &image);
    g_assert_nonnull(image.format);
    g_assert_cmpuint(image.capacity, <=, G_MAXINT64);
    g_assert_cmpuint(image.table.end, >=, image.table.offset + image.table.length);
    g_assert_true(image.backing == NULL || g_utf8_validate(image.backing, -1, NULL));
    return 0;
}
