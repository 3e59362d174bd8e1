/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stand-in for VirtualBox's set-uid helper of this name: host-only adapters as bridges, without the
 * kernel driver.
 *
 * Theory of operation
 *
 * VBoxSVC runs this program for everything that needs root. Its command lines:
 *
 *   add                        make the first free vboxnetN, print its name
 *   vboxnetN add | remove      make or remove this one
 *   IF speed                   print the link speed in Mbit/s
 *   vboxnetN ADDR[/LEN] [netmask MASK]    the adapter's address; replaces the one of the same
 * family vboxnetN ADDR remove       take the address away
 *
 * An address must lie in a range of /etc/vbox/networks.conf (lines "* RANGE…");
 * without that file in VirtualBox's own defaults. Else the exit status is 38,
 * which VBoxSVC turns into E_ACCESSDENIED.
 *
 * The program is set-uid root and takes its words from an ordinary user. So it
 * trusts none of them: names and addresses are parsed, and what goes on to
 * ip(8) is written again from the parsed form, with a fixed path and no
 * environment. It acts in the network namespace that it was started in.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define IP "/usr/sbin/ip"
#define RANGES "/etc/vbox/networks.conf"

enum {
    ADAPTERS = 128,
    MAX_WORDS = 12, /* of an ip(8) command */
    NAME_SIZE = 32,
    EXIT_USAGE = 1,
    EXIT_NAME = 2,
    EXIT_SYSTEM = 4,
    EXIT_DENIED = 38, /* -VERR_ACCESS_DENIED: VBoxSVC knows this number */
};

typedef struct {
    int family;
    unsigned length;
    unsigned char bytes[16];
} Range;

static int fail(int status, const char *message, const char *about)
{
    fprintf(stderr, "VBoxNetAdpCtl: %s%s\n", message, about);
    return status;
}

static int run_ip(const char *const words[])
{
    const char *argv[MAX_WORDS] = {"ip"};
    char *const environment[] = {NULL};

    for (int i = 0; words[i] && i < MAX_WORDS - 2; i++)
        argv[i + 1] = words[i];

    pid_t child = fork();
    if (child == 0) {
        execve(IP, (char *const *)argv, environment);
        _exit(127);
    }
    int status = -1;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return child > 0 && status == 0 ? 0 : EXIT_SYSTEM;
}

#define RUN_IP(...) run_ip((const char *const[]){__VA_ARGS__, NULL})

/* The N of vboxnetN as VirtualBox writes it (no leading zero), or -1. */
static int adapter_number(const char *name)
{
    char again[NAME_SIZE];
    int number;

    if (sscanf(name, "vboxnet%3d", &number) != 1 || number < 0 || number >= ADAPTERS)
        return -1;
    snprintf(again, sizeof again, "vboxnet%d", number);
    return strcmp(name, again) == 0 ? number : -1;
}

static int adapter_add(int number)
{
    char name[NAME_SIZE];
    char mac[18];

    snprintf(name, sizeof name, "vboxnet%d", number);
    snprintf(mac, sizeof mac, "0a:00:27:00:00:%02x", (unsigned)number & 0xff);
    if (RUN_IP("link", "add", name, "address", mac, "type", "bridge") != 0)
        return EXIT_SYSTEM;
    puts(name);
    return 0;
}

static int adapter_add_free(void)
{
    char name[NAME_SIZE];

    for (int number = 0; number < ADAPTERS; number++) {
        snprintf(name, sizeof name, "vboxnet%d", number);
        if (if_nametoindex(name) == 0)
            return adapter_add(number);
    }
    return fail(EXIT_SYSTEM, "all vboxnetN are in use", "");
}

static int print_speed(const char *name)
{
    char path[64];
    int speed = 0;

    if (strlen(name) >= IFNAMSIZ || strchr(name, '/') || name[0] == '.')
        return fail(EXIT_NAME, "not an interface: ", name);
    snprintf(path, sizeof path, "/sys/class/net/%s/speed", name);
    FILE *file = fopen(path, "re");
    if (file) {
        if (fscanf(file, "%d", &speed) != 1 || speed < 0)
            speed = 0;
        fclose(file);
    }
    printf("%d", speed);
    return 0;
}

static unsigned family_bits(int family)
{
    return family == AF_INET ? 32 : 128;
}

/* "ADDR" or "ADDR/LEN"; without a length the whole address, that is a single host. */
static bool range_parse(const char *text, Range *ret_range)
{
    char address[INET6_ADDRSTRLEN];
    size_t length = strcspn(text, "/");
    Range range = {.family = strchr(text, ':') ? AF_INET6 : AF_INET};

    if (length >= sizeof address)
        return false;
    memcpy(address, text, length);
    address[length] = '\0';
    if (inet_pton(range.family, address, range.bytes) != 1)
        return false;
    range.length = family_bits(range.family);
    if (text[length] == '/') {
        char *end;
        unsigned long value = strtoul(text + length + 1, &end, 10);
        if (text[length + 1] < '0' || text[length + 1] > '9' || *end != '\0' ||
            value > range.length)
            return false;
        range.length = (unsigned)value;
    }
    *ret_range = range;
    return true;
}

static bool range_contains(const Range *outer, const Range *inner)
{
    unsigned whole = outer->length / 8;
    unsigned rest = outer->length % 8;

    if (outer->family != inner->family || outer->length > inner->length)
        return false;
    if (memcmp(outer->bytes, inner->bytes, whole) != 0)
        return false;
    return rest == 0 || ((outer->bytes[whole] ^ inner->bytes[whole]) >> (8 - rest)) == 0;
}

static bool any_range_contains(char *ranges, const Range *wanted)
{
    static const char blank[] = " \t\r\n";
    char *rest;

    for (char *word = strtok_r(ranges, blank, &rest); word; word = strtok_r(NULL, blank, &rest)) {
        Range range;
        if (range_parse(word, &range) && range_contains(&range, wanted))
            return true;
    }
    return false;
}

static bool address_allowed(const Range *wanted)
{
    char line[1024];
    char defaults[] = "192.168.56.0/21 fe80::/10";
    bool allowed = false;

    FILE *file = fopen(RANGES, "re");
    if (!file)
        return any_range_contains(defaults, wanted);
    while (!allowed && fgets(line, sizeof line, file)) {
        char *text = line + strspn(line, " \t");
        allowed = text[0] == '*' && any_range_contains(text + 1, wanted);
    }
    fclose(file);
    return allowed;
}

/* A dotted mask's ones, or -1 when they are not in one piece at its beginning. */
static int mask_length(const char *mask)
{
    struct in_addr parsed;

    if (inet_pton(AF_INET, mask, &parsed) != 1)
        return -1;
    unsigned zeros = ~ntohl(parsed.s_addr);
    if ((zeros & (zeros + 1)) != 0)
        return -1;
    return 32 - __builtin_popcount(zeros);
}

static int address_set(const char *name, const Range *address, const char *written)
{
    bool v4 = address->family == AF_INET;
    const char *family = v4 ? "-4" : "-6";

    if (!address_allowed(address))
        return fail(EXIT_DENIED, "permission denied by " RANGES ": ", written);
    if (RUN_IP("link", "set", "dev", name, "up") != 0)
        return EXIT_SYSTEM;
    if (RUN_IP(family, "addr", "flush", "dev", name, "scope", "global") != 0)
        return EXIT_SYSTEM;
    if (v4)
        return RUN_IP(family, "addr", "replace", written, "broadcast", "+", "dev", name);
    return RUN_IP(family, "addr", "replace", written, "nodad", "dev", name);
}

static int address_command(const char *name, int argc, char **argv)
{
    char text[INET6_ADDRSTRLEN];
    char written[64];
    Range address;
    int length = -1;

    if (!range_parse(argv[0], &address))
        return fail(EXIT_USAGE, "not an address: ", argv[0]);
    bool removing = argc == 2 && strcmp(argv[1], "remove") == 0;
    if (argc == 3 && strcmp(argv[1], "netmask") == 0 && address.family == AF_INET)
        length = mask_length(argv[2]);
    else if (argc == 1 || removing)
        length = strchr(argv[0], '/') ? (int)address.length : (address.family == AF_INET ? 24 : 64);
    if (length < 0)
        return fail(EXIT_USAGE, "expected: ADAPTER ADDRESS [netmask MASK | remove]", "");

    address.length = (unsigned)length;
    inet_ntop(address.family, address.bytes, text, sizeof text);
    snprintf(written, sizeof written, "%s/%d", text, length);
    /* without a length ip(8) takes the address away whatever its length is */
    if (removing)
        return RUN_IP("addr", "del", strchr(argv[0], '/') ? written : text, "dev", name);
    return address_set(name, &address, written);
}

static int adapter_command(const char *name, int argc, char **argv)
{
    int number = adapter_number(name);

    if (argc == 1 && strcmp(argv[0], "speed") == 0)
        return print_speed(name);
    if (number < 0)
        return fail(EXIT_NAME, "only vboxnet0 to vboxnet127 can be configured, not ", name);
    if (argc == 1 && strcmp(argv[0], "add") == 0)
        return adapter_add(number);
    if (argc == 1 && strcmp(argv[0], "remove") == 0)
        return RUN_IP("link", "del", "dev", name);
    return address_command(name, argc, argv);
}

int main(int argc, char **argv)
{
    /* ip(8) gives up its rights when the real user is not root */
    if (setgid(0) != 0 || setuid(0) != 0)
        return fail(EXIT_SYSTEM, "must be set-uid root", "");
    if (argc == 2 && strcmp(argv[1], "add") == 0)
        return adapter_add_free();
    if (argc < 3)
        return fail(EXIT_USAGE,
                    "usage: add | ADAPTER add | remove | speed | ADDRESS [netmask MASK | remove]",
                    "");
    return adapter_command(argv[1], argc - 2, argv + 2);
}
