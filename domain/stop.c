/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stop: see stop.h.
 *
 * VirtualBox's states and events are the same whoever powers a machine off; its log is not
 * (measured on 7.2.22).  A call sets the machine's state to Stopping first and then powers the VM
 * off; a guest that powers off is noticed by its VM, and the machine's state follows. */
#include "domain/stop.h"
#include <fcntl.h>
#include <unistd.h>

#define TAIL (512 * 1024) /* bytes: VirtualBox dumps the guest's state after the power off */
#define MACHINE_STOPPING "Machine state changed to 'Stopping'"
#define VM_POWERING_OFF "to 'POWERING_OFF'"

static char *read_tail(const char *path)
{
    gint fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    off_t size = lseek(fd, 0, SEEK_END);
    off_t from = size > TAIL ? size - TAIL : 0;
    char *text = g_malloc0(TAIL + 1);
    if (pread(fd, text, TAIL, from) <= 0)
        g_clear_pointer(&text, g_free);
    close(fd);
    return text;
}

gboolean stop_was_by_guest(Object *machine)
{
    g_autofree char *folder = NULL;
    if (!vbox_call(machine, IMachine_get_logFolder, NULL, &folder))
        return FALSE;
    g_autofree char *path = g_build_filename(folder, "VBox.log", NULL);
    g_autofree char *text = read_tail(path);
    if (text == NULL)
        return FALSE;
    const char *stopping = g_strrstr(text, MACHINE_STOPPING);
    const char *powering_off = g_strrstr(text, VM_POWERING_OFF);
    return stopping != NULL && powering_off != NULL && powering_off < stopping;
}
