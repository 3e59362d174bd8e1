/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Samples: see samples.h. */
#include "tests/unit/xpcom/builder.h"
#include "tests/unit/xpcom/samples.h"
#include "xpcom/typelib.h"

GBytes *sample_whole(void)
{
    g_autoptr(Builder) builder = builder_new();
    builder_interface(builder, "IDog", "IAnimal"); /* before its parent: order is no matter */
    builder_method(builder, 0, "bark", "u s oIAnimal >oIDog");
    builder_method(builder, 0, "getBones", ">ay");
    builder_method(builder, 0, "setBones", "ay");
    builder_method(builder, 0, "getUSBTags", ">as");
    builder_method(builder, 0, "getFleas", "u >aoIFlea"); /* no attribute: it has a parameter */
    builder_method(builder, BUILDER_HIDDEN, "secret", "u");
    builder_method(builder, BUILDER_GETTER, "collar", ">s");
    builder_supports(builder);
    builder_interface(builder, "IAnimal", "nsISupports");
    builder_method(builder, BUILDER_GETTER, "name", ">s");
    builder_method(builder, BUILDER_SETTER, "name", "s");
    builder_method(builder, BUILDER_GETTER, "age", ">u");
    builder_method(builder, 0, "everything",
                   "b y Y h q i u l t s S oIDog ab ay aq au at as aoIDog");
    builder_method(builder, 0, "everythingOut",
                   ">b >y >Y >h >q >i >u >l >t >s >S >oIDog >ab >ay >au >at >as >aoIDog");
    builder_method(builder, 0, "weigh", ">F");
    builder_interface(builder, "Mood", NULL);
    builder_constant(builder, "Sleepy", TYPE_UINT32, 7);
    builder_constant(builder, "Angry", TYPE_UINT32, 0xffffffff);
    builder_constant(builder, "Low", TYPE_INT16, -2);
    builder_constant(builder, "Big", TYPE_INT64, G_MININT64);
    builder_constant(builder, "Small", TYPE_UINT8, 255);
    return builder_finish(builder);
}

GBytes *sample_part(void)
{
    g_autoptr(Builder) builder = builder_new();
    builder_interface(builder, "ICat", "IAnimal");
    builder_method(builder, 0, "meow", "oIDog >oINowhere");
    builder_interface(builder, "IFlea", "nsISupports");
    builder_method(builder, 0, "jump", "l");
    builder_interface(builder, "ILost", "INowhere");
    builder_method(builder, 0, "wander", "u");
    builder_constant(builder, "Way", TYPE_UINT32, 3);
    return builder_finish(builder);
}

GBytes *sample_cycle(void)
{
    g_autoptr(Builder) builder = builder_new();
    builder_interface(builder, "IFirst", "IThird");
    builder_interface(builder, "ISecond", "IFirst");
    builder_interface(builder, "IThird", "ISecond");
    return builder_finish(builder);
}
