/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A guest that uses its network: it fetches a page from the host by HTTP, and serves what it got on
 * port 80.
 *
 * Theory of operation
 *
 * It is a PXE boot program (PXE specification 2.1): the ROM of the network card has asked DHCP for
 * an address and loaded this by TFTP to 0:7c00, and leaves its driver behind a function whose
 * address stands in the structure !PXE. Everything is in the first 64 KiB, so that all segments are
 * 0.
 *
 * The rest is as little of ARP, IP and TCP as one peer needs that loses nothing: each segment is
 * answered by what it says, a connection has no state here but how much of the page has come. Only
 * the first SYN is repeated, as nothing comes before it.
 *
 * SERVER_PORT is the port of the host's server; the host is who sent this program.
 */
#include <stdint.h>

__asm__(".code16\n"
        ".section .start, \"ax\"\n"
        "    mov %sp, %bp\n"
        "    les 4(%bp), %bx\n" /* !PXE, above the return address */
        "    mov %es:16(%bx), %ecx\n"
        "    xor %ax, %ax\n"
        "    mov %ax, %ds\n"
        "    mov %ax, %es\n"
        "    mov %ax, %ss\n"
        "    mov $0x7c00, %esp\n"
        "    mov %ecx, entry_point\n"
        "    ljmp $0, $1f\n"
        "1:  sti\n"
        "    calll run\n"
        ".text\n"
        "pxe:\n"
        "    mov 4(%esp), %ecx\n"
        "    mov 8(%esp), %edx\n"
        "    pushw %ds\n"
        "    pushw %dx\n"
        "    pushw %cx\n"
        "    lcallw *entry_point\n"
        "    add $6, %sp\n"
        "    movzwl %ax, %eax\n"
        "    retl\n"
        ".code16gcc\n");

enum {
    UNDI_OPEN = 0x06,
    UNDI_TRANSMIT = 0x08,
    UNDI_ISR = 0x14,
    GET_CACHED_INFO = 0x71,
};
enum { ISR_PROCESS = 2, ISR_NEXT = 3, ISR_RECEIVE = 3, ISR_TRANSMIT = 2 };
enum { FIN = 1, SYN = 2, PSH = 8, ACK = 16 };
enum { ETHERNET = 14, IP = 20, TCP = 20, HEADERS = ETHERNET + IP + TCP };
enum { OUR_PORT = 1025, WEB_PORT = 80, FIRST = 1000 };

typedef struct {
    uint16_t offset, segment;
} Far;

Far entry_point;

int pxe(int function, void *parameters);
void run(void);

static uint8_t in[1600], out[1600], dhcp[1500], page[1000];
static uint8_t *const us = dhcp + 16, *const host = dhcp + 20, *const our_mac = dhcp + 28;
static uint32_t expected; /* the number of the server's next byte; 0: not connected */
static uint16_t page_size;
static uint8_t page_is_here;

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static void put16(uint8_t *at, uint16_t value)
{
    at[0] = value >> 8;
    at[1] = value & 0xff;
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value & 0xffff);
}

static void copy(uint8_t *to, const void *from, int size)
{
    const uint8_t *byte = from;

    while (size-- > 0)
        *to++ = *byte++;
}

static int same(const uint8_t *one, const uint8_t *other, int size)
{
    while (size > 0 && one[size - 1] == other[size - 1])
        size--;
    return size == 0;
}

/* The sum of 16-bit words, as IP and TCP have it. */
static uint32_t sum(const uint8_t *at, int size, uint32_t start)
{
    for (; size > 1; size -= 2, at += 2)
        start += get16(at);
    return size ? start + (*at << 8) : start;
}

static uint16_t folded(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return ~sum;
}

static void transmit(int size)
{
    struct __attribute__((packed)) {
        uint16_t size;
        Far data;
        uint16_t blocks;
    } buffer = {size, {(uint16_t)(uintptr_t)out, 0}, 0};
    struct __attribute__((packed)) {
        uint16_t status;
        uint8_t protocol, flag;
        Far destination, buffer;
        uint32_t reserved[2];
    } call = {0, 0, 0, {0, 0}, {(uint16_t)(uintptr_t)&buffer, 0}, {0, 0}};

    pxe(UNDI_TRANSMIT, &call);
}

/* Whether there was a packet; it is in `in`. */
static int receive(void)
{
    struct __attribute__((packed)) {
        uint16_t status, what, size, frame_size, header_size;
        Far frame;
        uint8_t protocol, kind;
    } call = {.what = ISR_PROCESS};

    while (pxe(UNDI_ISR, &call) == 0 && call.what == ISR_TRANSMIT)
        call.what = ISR_NEXT;
    if (call.what != ISR_RECEIVE || call.size > sizeof in)
        return 0;
    __asm__ volatile("mov %0, %%fs" : : "r"(call.frame.segment));
    const uint8_t __seg_fs *from = (const uint8_t __seg_fs *)(uintptr_t)call.frame.offset;
    for (int i = 0; i < call.size; i++)
        in[i] = from[i];
    return 1;
}

static void answer_arp(void)
{
    static const uint8_t is_at[] = {0, 1, 8, 0, 6, 4, 0, 2};

    copy(out, in + 6, 6);
    copy(out + 6, our_mac, 6);
    put16(out + 12, 0x806);
    copy(out + 14, is_at, sizeof is_at);
    copy(out + 22, our_mac, 6);
    copy(out + 28, us, 4);
    copy(out + 32, in + 22, 10);
    transmit(60);
}

/* A segment to the host, with data that stand behind the headers in `out`. */
static void send(uint16_t from, uint16_t to, uint32_t number, uint32_t acknowledged, uint8_t flags,
                 uint16_t size)
{
    uint8_t *ip = out + ETHERNET, *tcp = ip + IP;

    copy(out, in + 6, 6); /* who sent the last packet: everything comes from the NAT */
    copy(out + 6, our_mac, 6);
    put16(out + 12, 0x800);
    put32(ip, 0x45000000 | (IP + TCP + size));
    put32(ip + 4, 0);
    put32(ip + 8, 64UL << 24 | 6UL << 16);
    copy(ip + 12, us, 4);
    copy(ip + 16, host, 4);
    put16(ip + 10, folded(sum(ip, IP, 0)));
    put16(tcp, from);
    put16(tcp + 2, to);
    put32(tcp + 4, number);
    put32(tcp + 8, acknowledged);
    put16(tcp + 12, 0x5000 | flags);
    put16(tcp + 14, sizeof page);
    put32(tcp + 16, 0);
    put16(tcp + 16, folded(sum(ip + 12, 8, sum(tcp, TCP + size, 6 + TCP + size))));
    transmit(HEADERS + size);
}

/* GET /our address, in hexadecimal */
static uint16_t put_request(void)
{
    uint8_t *at = out + HEADERS;

    copy(at, "GET /", 5);
    at += 5;
    for (int i = 0; i < 8; i++)
        *at++ = "0123456789abcdef"[us[i / 2] >> (i & 1 ? 0 : 4) & 15];
    copy(at, " HTTP/1.0\r\n\r\n", 13);
    return 5 + 8 + 13;
}

/* The host's server: a segment of the page. */
static void fetch(const uint8_t *tcp, const uint8_t *data, uint16_t size)
{
    uint32_t number = get32(tcp + 4);
    uint8_t flags = tcp[13];

    if (flags & SYN) {
        expected = number + 1;
        send(OUR_PORT, SERVER_PORT, FIRST + 1, expected, PSH | ACK, put_request());
        return;
    }
    if (number == expected && page_size + size <= (int)sizeof page) {
        copy(page + page_size, data, size);
        page_size += size;
        expected += size + (flags & FIN);
        page_is_here |= flags & FIN;
    }
    if (size || flags & FIN)
        send(OUR_PORT, SERVER_PORT, get32(tcp + 8), expected, ACK | (flags & FIN), 0);
}

/* A client of ours: the page, with its head, is the answer to whatever it says. */
static void serve(const uint8_t *tcp, uint16_t size)
{
    uint16_t client = get16(tcp);
    uint32_t next = get32(tcp + 4) + size;

    if (tcp[13] & SYN) {
        send(WEB_PORT, client, FIRST, next + 1, SYN | ACK, 0);
    } else if (size && page_is_here) {
        copy(out + HEADERS, page, page_size);
        send(WEB_PORT, client, get32(tcp + 8), next, PSH | FIN | ACK, page_size);
    } else if (tcp[13] & FIN) {
        send(WEB_PORT, client, get32(tcp + 8), next + 1, ACK, 0);
    }
}

static void handle(void)
{
    uint8_t *ip = in + ETHERNET, *tcp = ip + (*ip & 15) * 4, *data = tcp + (tcp[12] >> 4) * 4;
    uint16_t size = get16(ip + 2) - (data - ip);

    if (get16(in + 12) == 0x806 && get16(in + 20) == 1 && same(in + 38, us, 4))
        answer_arp();
    if (get16(in + 12) != 0x800 || ip[9] != 6 || !same(ip + 16, us, 4))
        return;
    if (get16(tcp + 2) == WEB_PORT)
        serve(tcp, size);
    else if (get16(tcp) == SERVER_PORT && get16(tcp + 2) == OUR_PORT)
        fetch(tcp, data, size);
}

void run(void)
{
    struct __attribute__((packed)) {
        uint16_t status, kind, size;
        Far buffer;
        uint16_t limit;
    } cached = {0, 2, sizeof dhcp, {(uint16_t)(uintptr_t)dhcp, 0}, 0};
    struct __attribute__((packed)) {
        uint16_t status, flag, filter;
        uint8_t multicast[2 + 8 * 16];
    } open = {0, 0, 3, {0}};

    expected = page_size = page_is_here = 0; /* nobody has cleared what is not in the file */
    pxe(GET_CACHED_INFO, &cached);
    pxe(UNDI_OPEN, &open);
    copy(in + 6, "\xff\xff\xff\xff\xff\xff", 6);
    for (unsigned ticks = 0;; ticks++) {
        while (receive())
            handle();
        if (!expected && ticks % 18 == 0)
            send(OUR_PORT, SERVER_PORT, FIRST, 0, SYN, 0);
        __asm__ volatile("hlt"); /* until the timer, 55 ms */
    }
}
