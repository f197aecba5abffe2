#include "hl7/batch.h"
#include "nightbell/commands.h"
#include "nightbell/file.h"
#include "nightbell/mllp_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char help[] =
    "usage: nightbell send ADDR:PORT FILE... [--wait SECONDS]\n"
    "\n"
    "Sends the HL7 v2 messages of each file over one MLLP connection, waits for each acknowledgement and "
    "prints it.\n"
    "A file may hold many messages; line ends may be CR, LF or CRLF (sent as CR).\n"
    "Exit codes: 0 every message was accepted (AA, CA), 1 one was not, or a file holds none, 4 nobody\n"
    "answers there.\n";

/* Segments end with CR on the wire. */
static void put_crs(struct buf *out, struct slice message)
{
    for (size_t i = 0; i < message.len; i++) {
        char c = message.ptr[i];
        if (c == '\n' && i > 0 && message.ptr[i - 1] == '\r')
            continue;
        buf_u8(out, (uint8_t)(c == '\n' ? '\r' : c));
    }
    if (out->len > 0 && out->ptr[out->len - 1] != '\r')
        buf_u8(out, '\r');
}

static void print_ack(struct slice ack)
{
    for (size_t i = 0; i < ack.len; i++)
        putchar(ack.ptr[i] == '\r' ? '\n' : ack.ptr[i]);
    if (ack.len > 0 && ack.ptr[ack.len - 1] != '\r')
        putchar('\n');
}

static bool send_file(int fd, const char *path, unsigned wait_s, bool *accepted, struct error *err)
{
    struct buf bytes = buf_make((size_t)1 << 28), wire = buf_make((size_t)1 << 28), ack = buf_make(1 << 20);
    bool fine = file_read(path, &bytes, err);
    struct slice rest = buf_slice(&bytes), message;
    size_t count = 0;

    if (!fine)
        err->code = ERROR_MISSING; /* the file's fault: exit code 1, not 4 */
    for (; fine && hl7_batch_next(&rest, &message); count++) {
        buf_reset(&wire);
        buf_reset(&ack);
        put_crs(&wire, message);
        fine = mllp_exchange(fd, buf_slice(&wire), wait_s, &ack, err);
        struct slice code = mllp_ack_code(buf_slice(&ack));
        *accepted = *accepted && fine && (slice_is(code, "AA") || slice_is(code, "CA"));
        print_ack(buf_slice(&ack));
    }
    if (fine && count == 0)
        fine = error_set(err, ERROR_VALUE, "%.200s: there is no MSH segment in the file", path);
    buf_free(&bytes);
    buf_free(&wire);
    buf_free(&ack);
    return fine;
}

static int run(int argc, char **argv)
{
    const char *wait = "30";
    const struct option_spec specs[] = { { .name = "--wait", .value = &wait }, { .name = NULL } };
    struct error err = { .code = ERROR_NONE };
    bool accepted = true, fine = true;
    uint32_t wait_s;

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc < 3 || !slice_to_u32(slice_of(wait), &wait_s) || wait_s == 0)
        return usage_error(argv[0], "ADDR:PORT and one FILE or more are needed");
    int fd = mllp_dial(argv[1], &err);
    for (int i = 2; fd >= 0 && fine && i < argc; i++)
        fine = send_file(fd, argv[i], wait_s, &accepted, &err);
    if (fd >= 0)
        close(fd);
    if (fd < 0 || !fine)
        return report(&err);
    return accepted ? COMMAND_DONE : COMMAND_NO;
}

const struct command command_send = { "send", "send HL7 v2 messages over MLLP, print each answer", help,
                                      run };
