/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Supervision: see supervise.h.
 *
 * Theory of operation.  The engine is in one of four states:
 *
 *     NONE ──needed──▶ STARTING ──LINK_HELLO──▶ READY ──unused──▶ STOPPING ──end──▶ NONE
 *                         └───────────died or hung──┴──────────▶ NONE
 *
 * It is needed when calls wait or when somebody has subscribed to events.  A tick of one second
 * runs while there is an engine, and asks: has it started, does it answer pings, is it unused, has
 * it stopped?  An engine that fails again and again is started at growing intervals; calls that
 * come meanwhile are answered with the reason, and never make it start more often.
 *
 * A ping is answered after a real call to VirtualBox, so that a stopped or hung VBoxSVC shows too.
 * Then the engine is replaced, because it cannot come back; what VBoxSVC needs is in rescue.c. */
#include "daemon/supervise.h"
#include "daemon/child.h"
#include "daemon/minded.h"
#include "daemon/rescue.h"
#include <string.h>

#define TICK_MS 1000
#define START_LIMIT_MS 30000 /* VBoxSVC with 1000 machines on a busy disk takes seconds */
#define STOP_LIMIT_MS 5000
#define PONG_LIMIT_MS 3000  /* then a stopped process is looked for */
#define HANG_LIMIT_MS 10000 /* without one: a computer with too much to do is no hang */
#define PING_IDLE_MS 5000   /* between pings when nobody waits for an answer */
#define SLEPT_MS 2500       /* a tick this late: it was we who did not run */
#define PROVEN_MS 10000     /* an engine that lived so long did not fail at its start */
#define START_TRIES 3       /* until calls that wait are given up */
#define CONGESTED_BYTES (64u << 20)
#define REMEMBER_LIMIT (16u << 20)

typedef enum State { STATE_NONE, STATE_STARTING, STATE_READY, STATE_STOPPING } State;

struct Supervisor {
    const Options *options;
    const SupervisorCalls *calls;
    void *data;

    State state;
    Child *child;
    gint64 since;   /* ms: when the state began */
    GQueue waiting; /* frames for an engine that is not ready */
    gsize waiting_bytes;
    GBytes *remembered; /* of the last engine, for the next one */
    Minded *minded;

    guint64 subscriptions, jobs;
    gboolean used, shut_down;
    gint64 unused_since; /* ms */

    guint64 cookie;  /* of the last ping */
    gboolean pinged; /* and it has no answer yet */
    gint64 ping_at;  /* ms: when it was sent */
    guint hangs;     /* engines in a row that hung */

    guint failures;    /* engines in a row that failed at their start */
    gint64 not_before; /* ms: no other engine until then */
    char *sentence;    /* why the last one failed */

    guint tick, wake; /* timers */
    gint64 last_tick; /* ms */
};

static gint64 now_ms(void)
{
    return g_get_monotonic_time() / 1000;
}

static void enter(Supervisor *self, State state)
{
    self->state = state;
    self->since = now_ms();
}

static void send_frame(Supervisor *self, GBytes *frame)
{
    if (self->child != NULL)
        child_send(self->child, frame);
    g_bytes_unref(frame);
}

/* ---- failure ---- */

/* How long until another try.  An engine that has served starts, so little is lost by trying. */
static gint64 back_off_ms(guint failures, gboolean served)
{
    static const gint64 steps[] = {0, 0, 500, 1000, 2000, 5000};
    gint64 wait = steps[MIN(failures, G_N_ELEMENTS(steps) - 1)];
    return served ? MIN(wait, 1000) : wait;
}

static void drop_waiting(Supervisor *self)
{
    g_queue_clear_full(&self->waiting, (GDestroyNotify)g_bytes_unref);
    self->waiting_bytes = 0;
}

static void refuse_waiting(Supervisor *self, const char *sentence)
{
    if (self->waiting.length == 0)
        return;
    g_autoptr(GError) error = NULL;
    fail(&error, VIR_ERR_OPERATION_FAILED, "%s", sentence);
    drop_waiting(self);
    self->calls->refused(error, self->data);
}

static void tell_lost(Supervisor *self, const char *sentence)
{
    g_autoptr(GError) error = NULL;
    fail(&error, VIR_ERR_OPERATION_FAILED, "%s", sentence);
    self->calls->lost(error, self->data);
}

static void set_sentence(Supervisor *self, const char *sentence)
{
    g_free(self->sentence);
    self->sentence = g_strdup(sentence);
}

static void look(Supervisor *self);

/* The engine is no more.  sentence: what the calls that it had are answered with. */
static void end_engine(Supervisor *self, gboolean kill_it, const char *sentence)
{
    State state = self->state;
    gboolean proven = state == STATE_READY && now_ms() - self->since >= PROVEN_MS;
    child_free(self->child, kill_it);
    self->child = NULL;
    self->jobs = 0;
    self->pinged = FALSE;
    enter(self, STATE_NONE);
    if (state == STATE_STOPPING) {
        self->failures = 0;
    } else {
        self->failures = proven ? 1 : self->failures + 1;
        self->not_before = now_ms() + back_off_ms(self->failures, state == STATE_READY);
    }
    tell_lost(self, sentence);
    look(self);
    self->calls->changed(self->data);
}

/* The engine could not start VirtualBox; sentence says why, also to calls that come soon. */
static void fail_start(Supervisor *self, const char *sentence)
{
    g_warning("the engine cannot serve: %s", sentence);
    set_sentence(self, sentence);
    end_engine(self, TRUE, sentence);
    self->not_before = MAX(self->not_before, now_ms() + TICK_MS);
    refuse_waiting(self, sentence);
}

static void on_gone(const char *why, void *data)
{
    Supervisor *self = data;
    if (self->state == STATE_STOPPING) {
        end_engine(self, FALSE, "the daemon stopped VirtualBox's service: call again");
        return;
    }
    g_warning("the engine (process %d) is gone: %s", (gint)child_pid(self->child), why);
    if (self->state == STATE_STARTING && self->failures + 1 >= START_TRIES) {
        fail_start(self, "VirtualBox's service ends while it starts: run vboxvirtd --check");
        return;
    }
    end_engine(self, TRUE, "VirtualBox's service went away during this call: call again");
}

/* ---- a hang ---- */

static void replace_hung(Supervisor *self, gboolean woken)
{
    g_autoptr(GError) helpless = NULL;
    gboolean starting = self->state == STATE_STARTING;
    const char *sentence =
        starting ? "VirtualBox's service did not start in 30 seconds: run vboxvirtd --check"
                 : "VirtualBox's service did not answer and was replaced: call again";
    g_warning("the engine (process %d) does not answer: replacing it",
              (gint)child_pid(self->child));
    self->hangs++;
    /* The first time it may be the engine's own fault. */
    if (!woken && self->hangs > 1 && !rescue_end(self->options->uid, &helpless))
        sentence = helpless->message;
    if (starting)
        fail_start(self, sentence);
    else
        end_engine(self, TRUE, sentence);
}

static void ping(Supervisor *self, gint64 now)
{
    self->pinged = TRUE;
    self->ping_at = now;
    send_frame(self, link_frame_u64(LINK_PING, 0, ++self->cookie));
}

static void watch_ready(Supervisor *self, gint64 now, gboolean slept)
{
    if (self->pinged && slept)
        self->ping_at = now;
    gint64 unanswered = self->pinged ? now - self->ping_at : 0;
    if (unanswered >= PONG_LIMIT_MS) {
        gboolean woken = rescue_wake(self->options->uid) > 0;
        if (woken || rescue_is_stopped(child_pid(self->child)) || unanswered >= HANG_LIMIT_MS)
            replace_hung(self, woken);
        return;
    }
    gboolean asked = self->calls->in_flight(self->data) > 0;
    gboolean due = now - self->ping_at >= PING_IDLE_MS && self->subscriptions > 0;
    if (!self->pinged && (asked || due))
        ping(self, now);
}

/* ---- start and stop ---- */

static gboolean is_needed(const Supervisor *self)
{
    return self->state == STATE_NONE && !self->shut_down &&
           (self->waiting.length > 0 || self->subscriptions > 0 || minded_has_left(self->minded));
}

static gboolean is_unused(const Supervisor *self)
{
    return !self->used && self->subscriptions == 0 && !supervisor_is_busy(self);
}

static void stop(Supervisor *self)
{
    enter(self, STATE_STOPPING);
    send_frame(self, link_frame(LINK_STOP, 0, NULL, 0));
}

static void stop_unused(Supervisor *self, gint64 now)
{
    if (!is_unused(self))
        self->unused_since = now;
    else if (now - self->unused_since >= (gint64)self->options->engine_idle * 1000)
        stop(self);
}

static gboolean on_tick(gpointer data)
{
    Supervisor *self = data;
    gint64 now = now_ms(), age = now - self->since;
    gboolean slept = now - self->last_tick >= SLEPT_MS;
    self->last_tick = now;
    switch (self->state) {
    case STATE_NONE:
        self->tick = 0;
        return G_SOURCE_REMOVE;
    case STATE_STARTING:
        if (age >= START_LIMIT_MS)
            replace_hung(self, FALSE);
        else if (age >= PONG_LIMIT_MS)
            rescue_wake(self->options->uid);
        break;
    case STATE_READY:
        watch_ready(self, now, slept);
        if (self->state == STATE_READY)
            stop_unused(self, now);
        break;
    case STATE_STOPPING:
        if (age >= STOP_LIMIT_MS) {
            g_warning("the engine does not stop: ended it");
            end_engine(self, TRUE, "VirtualBox's service was stopped: call again");
        }
        break;
    }
    return G_SOURCE_CONTINUE;
}

static void start(Supervisor *self);

static gboolean on_wake(gpointer data)
{
    Supervisor *self = data;
    self->wake = 0;
    if (self->not_before > now_ms())
        look(self);
    else if (is_needed(self))
        start(self);
    return G_SOURCE_REMOVE;
}

/* Sees to it that there will be an engine if one is needed.  From the main loop, so that nobody is
 * called back in the middle of a call. */
static void look(Supervisor *self)
{
    if (self->wake != 0 || !is_needed(self))
        return;
    gint64 wait = MAX(0, self->not_before - now_ms());
    self->wake = g_timeout_add((guint)wait, on_wake, self);
}

/* ---- frames ---- */

static void flush_waiting(Supervisor *self)
{
    for (GBytes *frame; (frame = g_queue_pop_head(&self->waiting)) != NULL;)
        send_frame(self, frame);
    self->waiting_bytes = 0;
    self->calls->sent(self->data);
}

static void tell_left(Supervisor *self, guint64 client)
{
    send_frame(self, link_frame(LINK_LEFT, client, NULL, 0));
}

/* A call of a client that has left meanwhile may still have been in the engine. */
static void on_mind(Supervisor *self, guint64 client, gboolean minds)
{
    gboolean here = self->calls->is_here(client, self->data);
    if (!minds) {
        minded_remove(self->minded, client);
        self->calls->changed(self->data);
        return;
    }
    minded_add(self->minded, client, here);
    if (!here)
        tell_left(self, client);
}

static void on_hello(Supervisor *self, GBytes *payload)
{
    gsize length;
    const char *version = g_bytes_get_data(payload, &length);
    if (self->state != STATE_STARTING)
        return;
    g_message("the engine (process %d) serves VirtualBox %.*s", (gint)child_pid(self->child),
              (int)MIN(length, 64), version != NULL ? version : "");
    enter(self, STATE_READY);
    set_sentence(self, NULL);
    self->unused_since = self->ping_at = self->since;
    flush_waiting(self);
    g_autoptr(GArray) left = minded_all_left(self->minded);
    for (guint i = 0; i < left->len; i++)
        tell_left(self, g_array_index(left, guint64, i));
}

static void on_failed(Supervisor *self, GBytes *payload)
{
    gsize length;
    const char *text = g_bytes_get_data(payload, &length);
    g_autofree char *sentence = g_strndup(text != NULL ? text : "", MIN(length, 4096));
    g_autofree char *valid = g_utf8_make_valid(sentence, -1);
    fail_start(self, valid);
}

static void on_pong(Supervisor *self, guint64 cookie)
{
    if (cookie != self->cookie)
        return;
    self->pinged = FALSE;
    self->hangs = 0;
}

static void on_number(Supervisor *self, const LinkHeader *header, GBytes *payload)
{
    g_autoptr(GError) error = NULL;
    guint64 value;
    if (!link_read_u64(payload, &value, &error)) {
        g_warning("%s", error->message);
        return;
    }
    if (header->kind == LINK_PONG) {
        on_pong(self, value);
        return;
    }
    if (header->kind == LINK_MIND) {
        on_mind(self, header->client, value != 0);
        return;
    }
    self->jobs = value;
    self->calls->changed(self->data);
}

static void on_frame(const LinkHeader *header, GBytes *payload, void *data)
{
    Supervisor *self = data;
    switch (header->kind) {
    case LINK_HELLO:
        on_hello(self, payload);
        return;
    case LINK_MESSAGE:
        self->calls->message(header->client, payload, self->data);
        return;
    case LINK_EVENT:
        self->calls->event(payload, self->data);
        return;
    case LINK_PONG:
    case LINK_BUSY:
    case LINK_MIND:
        on_number(self, header, payload);
        return;
    case LINK_REMEMBER:
        if (g_bytes_get_size(payload) > REMEMBER_LIMIT)
            return;
        g_clear_pointer(&self->remembered, g_bytes_unref);
        self->remembered = g_bytes_ref(payload);
        return;
    case LINK_FAILED:
        on_failed(self, payload);
        return;
    default:
        g_warning("the engine sent a frame of kind %u", header->kind);
    }
}

static void on_drained(void *data)
{
    Supervisor *self = data;
    self->calls->changed(self->data);
}

static void start(Supervisor *self)
{
    static const ChildCalls calls = {on_frame, on_gone, on_drained};
    g_autoptr(GError) error = NULL;
    if (self->options->user != NULL)
        rescue_wake(self->options->uid);
    self->child = child_start(self->options, &calls, self, &error);
    enter(self, STATE_STARTING);
    if (self->child == NULL) {
        fail_start(self, error->message);
        return;
    }
    self->last_tick = now_ms();
    if (self->tick == 0)
        self->tick = g_timeout_add(TICK_MS, on_tick, self);
    if (self->remembered != NULL) {
        gsize length;
        const void *bytes = g_bytes_get_data(self->remembered, &length);
        send_frame(self, link_frame(LINK_CACHE, 0, bytes, length));
    }
    send_frame(self, link_frame_u64(LINK_WATCH, 0, self->subscriptions));
}

/* ---- what the daemon asks for ---- */

Supervisor *supervisor_new(const Options *options, const SupervisorCalls *calls, void *data)
{
    Supervisor *self = g_new0(Supervisor, 1);
    self->options = options;
    self->calls = calls;
    self->data = data;
    self->minded = minded_new();
    return self;
}

gboolean supervisor_call(Supervisor *self, guint64 client, GBytes *message, gboolean *ret_sent,
                         GError **error)
{
    gsize length;
    const void *bytes = g_bytes_get_data(message, &length);
    *ret_sent = self->state == STATE_READY;
    if (self->shut_down)
        return fail(error, VIR_ERR_OPERATION_FAILED, "the daemon is ending: connect again");
    if (self->state == STATE_NONE && self->sentence != NULL && now_ms() < self->not_before)
        return fail(error, VIR_ERR_OPERATION_FAILED, "%s", self->sentence);
    GBytes *frame = link_frame(LINK_CALL, client, bytes, length);
    if (*ret_sent) {
        send_frame(self, frame);
    } else {
        g_queue_push_tail(&self->waiting, frame);
        self->waiting_bytes += length;
        look(self);
    }
    return TRUE;
}

void supervisor_gone(Supervisor *self, guint64 client)
{
    gboolean congested = supervisor_is_congested(self);
    for (GList *each = self->waiting.head, *next; each != NULL; each = next) {
        LinkHeader header;
        gsize length;
        next = each->next;
        memcpy(&header, g_bytes_get_data(each->data, &length), sizeof header);
        if (header.client != client)
            continue;
        self->waiting_bytes -= length - sizeof header;
        g_bytes_unref(each->data);
        g_queue_delete_link(&self->waiting, each);
    }
    send_frame(self, link_frame(LINK_GONE, client, NULL, 0));
    if (minded_left(self->minded, client)) {
        if (self->state == STATE_READY)
            tell_left(self, client);
        look(self);
    }
    if (congested)
        self->calls->changed(self->data);
}

void supervisor_credit(Supervisor *self, guint64 client, gsize bytes)
{
    send_frame(self, link_frame_u64(LINK_CREDIT, client, bytes));
}

void supervisor_subscribed(Supervisor *self, guint64 subscriptions)
{
    if (subscriptions == self->subscriptions)
        return;
    self->subscriptions = subscriptions;
    send_frame(self, link_frame_u64(LINK_WATCH, 0, subscriptions));
    look(self);
}

void supervisor_used(Supervisor *self, gboolean used)
{
    self->used = used;
}

gboolean supervisor_is_congested(const Supervisor *self)
{
    gsize unsent = self->child != NULL ? child_waiting(self->child) : 0;
    return self->waiting_bytes + unsent > CONGESTED_BYTES;
}

gboolean supervisor_is_busy(const Supervisor *self)
{
    return self->jobs > 0 || minded_has_left(self->minded);
}

void supervisor_exited(Supervisor *self, pid_t pid)
{
    if (self->child != NULL && child_pid(self->child) == pid)
        child_drain(self->child);
}

void supervisor_shut_down(Supervisor *self)
{
    self->shut_down = TRUE;
    refuse_waiting(self, "the daemon is ending: connect again");
    if (self->state == STATE_STARTING || self->state == STATE_READY)
        stop(self);
}

gboolean supervisor_is_down(const Supervisor *self)
{
    return self->child == NULL;
}

void supervisor_free(Supervisor *self)
{
    if (self == NULL)
        return;
    child_free(self->child, TRUE);
    drop_waiting(self);
    if (self->tick != 0)
        g_source_remove(self->tick);
    if (self->wake != 0)
        g_source_remove(self->wake);
    if (self->remembered != NULL)
        g_bytes_unref(self->remembered);
    minded_free(self->minded);
    g_free(self->sentence);
    g_free(self);
}
