/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of marks, as VirtualBox tells them. */
#include "vbox/mark.h"
#include <sys/wait.h>
#include <unistd.h>
#include "base/pid.h"

#define A "8c3b1d0e-0000-4000-8000-00000000000a"
#define B "8c3b1d0e-0000-4000-8000-00000000000b"

static gboolean has(const char *list, const char *uuid)
{
    guint8 bytes[UUID_BYTES];
    g_assert_true(uuid_parse(uuid, bytes));
    return marks_have(list, bytes);
}

static void test_have(void)
{
    g_assert_false(has(NULL, A));
    g_assert_false(has("", A));
    g_assert_true(has(A "/name", A));
    g_assert_true(has(B "/x " A "/name", A));
    g_assert_false(has(B "/" A, A));
    g_assert_false(has(A, A)); /* a word of another release, or of nobody's */
}

static void assert_ended(const char *before, const char *now, const char *expected)
{
    g_auto(GStrv) ended = marks_ended(before, now);
    g_autofree char *text = g_strjoinv(" ", ended);
    g_assert_cmpstr(text, ==, expected);
}

static void test_ended(void)
{
    assert_ended(NULL, A "/x", "");
    assert_ended(A "/x", NULL, A "/x");
    assert_ended(A "/x " B "/y", B "/y", A "/x");
    assert_ended(A "/x " B "/y", "", A "/x " B "/y");
    /* what failed is told neither when it is known, nor when its word goes */
    assert_ended(A "/x " B "/y", A "/! " B "/y", "");
    assert_ended(A "/! " B "/y", B "/y", "");
    assert_ended(A "/x@1:2 " B "/y@3:4", A "/!@1:2 " B "/y@3:4", "");
    /* the next of the same machine begins before the end of this one is told */
    assert_ended(A "/x", A "/z", A "/x");
    assert_ended("junk " A "/x", A "/x", "junk");
}

static void test_parts(void)
{
    guint8 uuid[UUID_BYTES];
    char text[UUID_STRING];
    g_auto(GStrv) parts = mark_parts(A "/name/a%20b/%2F%C3%BC", uuid);
    g_assert_nonnull(parts);
    uuid_format(uuid, text);
    g_assert_cmpstr(text, ==, A);
    g_assert_cmpuint(g_strv_length(parts), ==, 3);
    g_assert_cmpstr(parts[1], ==, "a b");
    g_assert_cmpstr(parts[2], ==, "/ü");
    g_auto(GStrv) owned = mark_parts(A "/name/a%40b@12:34", uuid);
    g_assert_cmpuint(g_strv_length(owned), ==, 2);
    g_assert_cmpstr(owned[1], ==, "a@b");
    g_assert_null(mark_parts("", uuid));
    g_assert_null(mark_parts("junk/x", uuid));
    g_assert_null(mark_parts(A "/%zz", uuid));
}

/* Of a process that has ended, also before somebody waits for it; of none that says it is it. */
static void test_alive(void)
{
    Pid us = pid_now((gint32)getpid()), later = {us.number, us.start + 1};
    g_autofree char *ours = pid_format(&us), *not_ours = pid_format(&later);
    g_autofree char *word = g_strconcat(A "/name@", ours, NULL);
    g_autofree char *other = g_strconcat(A "/name@", not_ours, NULL);
    g_assert_true(mark_is_alive(word));
    g_assert_false(mark_is_alive(other));
    g_assert_false(mark_is_alive(A "/name"));
    g_assert_false(mark_is_alive(A "/name@junk"));
    g_assert_false(mark_is_alive(A "/name@-1:0"));
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    Pid ended = pid_now((gint32)child);
    siginfo_t info;
    g_assert_cmpint(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), ==, 0);
    g_assert_false(pid_lives(&ended));
    g_assert_cmpint(waitpid(child, NULL, 0), ==, child);
    g_assert_false(pid_lives(&ended));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mark/have", test_have);
    g_test_add_func("/mark/ended", test_ended);
    g_test_add_func("/mark/parts", test_parts);
    g_test_add_func("/mark/alive", test_alive);
    return g_test_run();
}
