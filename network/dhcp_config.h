/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* DhcpConfig: what one of the configurations of VirtualBox's DHCP server says.
 *
 * A server has one for all guests, and further ones for groups of guests and for single guests; the
 * narrowest that says something of an option or a lease counts. */
#pragma once
#include "vbox/vbox.h"

/* Options that libvirt's XML has words of its own for, or that are of the network. */
#define DHCP_MASK 1
#define DHCP_ROUTERS 3
#define DHCP_DNS 6
#define DHCP_HOST_NAME 12
#define DHCP_DOMAIN 15
#define DHCP_BOOT_SERVER 66
#define DHCP_BOOT_FILE 67

#define DHCP_LEASE_INFINITE G_MAXUINT32 /* RFC 2132's number */

typedef enum DhcpSend {
    DHCP_SEND_ASKED,  /* to guests that ask for it */
    DHCP_SEND_ALWAYS, /* to all: VirtualBox calls it forced */
    DHCP_SEND_NEVER,  /* to none: suppressed */
} DhcpSend;

typedef struct DhcpOption {
    guint8 number;
    gboolean is_hex; /* the value is bytes, not what VirtualBox takes for this option */
    char *value;     /* NULL: this configuration gives it none */
    DhcpSend send;
} DhcpOption;

typedef struct DhcpConfig {
    guint32 lease, lease_min, lease_max; /* seconds; 0: nothing is said */
    GPtrArray *options;                  /* DhcpOption *, by number */
} DhcpConfig;

void dhcp_config_init(DhcpConfig *self);
void dhcp_config_clear(DhcpConfig *self);

/* The option of that number; NULL: it is not there.  Borrowed. */
DhcpOption *dhcp_config_find(const DhcpConfig *self, guint8 number);
/* The same, made when it is not there. */
DhcpOption *dhcp_config_need(DhcpConfig *self, guint8 number);
/* The value of an option, as VirtualBox takes it; NULL: there is none, or it is bytes.  Borrowed.
 */
const char *dhcp_config_text(const DhcpConfig *self, guint8 number);
/* Gives it one, NULL takes it away. */
void dhcp_config_set_text(DhcpConfig *self, guint8 number, const char *text);

/* The first option whose bytes VirtualBox's DHCP server does not read, or not to their end; NULL:
 * none.  Borrowed. */
const DhcpOption *dhcp_config_find_unreadable(const DhcpConfig *self);

/* config is an IDHCPConfig.  The network mask, which VirtualBox keeps among the options of all
 * guests, is the server's: is_global leaves it out. */
gboolean dhcp_config_read(Object *config, gboolean is_global, DhcpConfig *self,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Sets what differs, and removes what is not said. */
gboolean dhcp_config_write(Object *config, gboolean is_global, const DhcpConfig *self,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
