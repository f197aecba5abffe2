/* The outgoing MLLP connection against a peer that does what a table says, on real sockets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/adapters/mllp_peer.h"
#include "tests/adapters/mllp_tls.h"

/* --- outcomes --------------------------------------------------------------------------------------------
 */

static const struct {
    const char *name, *message, *script[3], *result;
    bool release_2;
    unsigned answer_ms;
    size_t commits, strangers;
} cases[] = {
    { "CA", WANTS, { "{CA}" }, "accepted:CA", false, 0, 0, 0 },
    { "AA", WANTS, { "{AA}" }, "accepted:AA", false, 0, 0, 0 },
    { "AE with its place", WANTS, { "{AE}" }, "refused:AE@OBR-3", false, 0, 0, 0 },
    { "AR", WANTS, { "{AR}" }, "refused:AR@OBR-3", false, 0, 0, 0 },
    { "CR", WANTS, { "{CR}" }, "refused:CR@OBR-3", false, 0, 0, 0 },
    { "CE", WANTS, { "{CE}" }, "again:CE@OBR-3", false, 0, 0, 0 },
    { "a stranger's answer first", WANTS, { "{AR:Q9}{CA}" }, "accepted:CA", false, 0, 0, 1 },
    { "only a stranger's answer", WANTS, { "{AA:Q9}" }, "again:timeout", false, 60, 0, 1 },
    { "an answer without MSA-2", WANTS, { "{AA: }" }, "again:timeout", false, 60, 0, 1 },
    { "a code of another world", WANTS, { "{ZZ}" }, "again:timeout", false, 60, 0, 1 },
    { "not HL7", WANTS, { "\x0bhello\x1c\r{CA}" }, "accepted:CA", false, 0, 0, 1 },
    { "noise around", WANTS, { "\r\nxx{CA}\r\n" }, "accepted:CA", false, 0, 0, 0 },
    { "half an answer, then the end", WANTS, { "\x0bMSH|^~\\&|REP!" }, "again:lost", false, 0, 0, 0 },
    { "hung up without one", WANTS, { "!" }, "again:lost", false, 0, 0, 0 },
    { "silence", WANTS, { "" }, "again:timeout", false, 60, 0, 0 },
    { "commit acknowledgements of their own accord", WANTS, { "+{CA}" }, "accepted:CA", false, 0, 0, 1 },
    { "it asks for nothing", NOTHING, { "" }, "accepted:written", false, 0, 0, 0 },
    { "it asks for faults: none", ON_ER, { "" }, "accepted:silence", false, 60, 0, 0 },
    { "it asks for faults: one", ON_ER, { "{CE}" }, "again:CE@OBR-3", false, 0, 0, 0 },
    { "an ACK that travels alone",
      "MSH|^~\\&|NB|H|X|H|2026||ACK^R01^ACK|Q1|P|2.6\rMSA|AA|7\r",
      { "" },
      "accepted:written",
      false,
      0,
      0,
      0 },
    { "an ACK that asks for its own",
      "MSH|^~\\&|NB|H|X|H|2026||ACK^R01^ACK|Q1|P|2.6|||AL|NE\rMSA|AA|7\r",
      { "{CA}" },
      "accepted:CA",
      false,
      0,
      0,
      0 },
    { "original mode",
      "MSH|^~\\&|NB|H|X|H|2026||ORU^R01|Q1|P|2.3\rOBR|1\r",
      { "{AA}" },
      "accepted:AA",
      false,
      0,
      0,
      0 },
    { "release 2: commit, then the answer", WANTS, { "+{CA}" }, "accepted:CA", true, 0, 1, 0 },
    { "release 2: the answer alone", WANTS, { "{CA}" }, "accepted:CA", true, 0, 1, 0 },
    { "release 2: not stored", WANTS, { "-" }, "again:nak", true, 0, 0, 0 },
    { "release 2: commit alone is no answer", WANTS, { "+" }, "again:timeout", true, 60, 0, 0 },
    { "release 2: it asks for nothing", NOTHING, { "+" }, "accepted:commit", true, 0, 0, 0 },
    { "release 2: no commit", NOTHING, { "" }, "again:timeout", true, 60, 0, 0 },
    { "release 2: faults only, stored", ON_ER, { "+" }, "accepted:silence", true, 60, 0, 0 },
    { "release 2: a stranger's is taken, and dropped",
      WANTS,
      { "+{AA:Q9}{CA}" },
      "accepted:CA",
      true,
      0,
      2,
      1 },
    { "release 2: refused", WANTS, { "+{AE}" }, "refused:AE@OBR-3", true, 0, 1, 0 },
};

static void every_outcome_is_told_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int bytewise = 0; bytewise <= 1; bytewise++) {
            struct peer p = { .script = cases[i].script, .bytewise = bytewise };
            peer_open(&p, &(struct mllp_sender_options){ .release_2 = cases[i].release_2,
                                                         .answer_ms = cases[i].answer_ms });
            assert_true(mllp_sender_send(p.sender, 42, slice_of(cases[i].message)));
            assert_false(mllp_sender_send(p.sender, 43, slice_of(cases[i].message)));
            assert_int_equal(p.count, 0); /* not from inside a call */
            peer_wait(&p, 1);
            peer_turn(&p, 5);
            if (strcmp(p.results, cases[i].result) != 0 || p.last.id != 42 || p.commits != cases[i].commits ||
                mllp_sender_counts(p.sender)->strangers != cases[i].strangers)
                fail_msg("%s: %s, %zu commits, %d strangers", cases[i].name, p.results, p.commits,
                         (int)mllp_sender_counts(p.sender)->strangers);
            assert_int_equal(p.count, 1);
            peer_close(&p);
        }
}

static void what_is_no_message_is_not_taken(void **state)
{
    struct peer p = { .script = NULL };

    (void)state;
    peer_open(&p, &(struct mllp_sender_options){ .answer_ms = 100 });
    assert_false(mllp_sender_send(p.sender, 1, SLICE("hello")));
    assert_false(mllp_sender_send(p.sender, 1, SLICE("")));
    assert_false(mllp_sender_send(p.sender, 1, SLICE("MSH|^~\\&|a\x1c|\r")));
    assert_false(mllp_sender_busy(p.sender));
    peer_close(&p);
}

static void addresses_are_host_and_port(void **state)
{
    static const struct {
        const char *address;
        bool fine;
    } ROWS[] = {
        { "127.0.0.1:2575", true },
        { "[::1]:2575", true },
        { "localhost:2575", true },
        { "engine.hospital.example:2575", true },
        { "", false },
        { "127.0.0.1", false },
        { ":2575", false },
        { "127.0.0.1:0", false },
        { "127.0.0.1:65536", false },
        { "127.0.0.1:x", false },
        { "::1:2575", false },
        { "mllp://x:2575", false },
        { "a b:2575", false },
    };
    struct event_base *loop = event_base_new();

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct error err = { .code = ERROR_NONE };
        struct mllp_sender *s = mllp_sender_new(
            loop, &(struct mllp_sender_options){ .name = "x", .address = ROWS[i].address }, &err);
        if ((s != NULL) != ROWS[i].fine || (s == NULL) != (err.code == ERROR_VALUE))
            fail_msg("%s", ROWS[i].address);
        mllp_sender_free(&s);
    }
    event_base_free(loop);
}

/* --- over time -------------------------------------------------------------------------------------------
 */

static void the_connection_is_kept_for_the_next(void **state)
{
    static const char *const script[] = { "{CA}", "{CA}", "{CE}", "{CA}", NULL };
    struct peer p = { .script = script };

    (void)state;
    peer_open(&p, &(struct mllp_sender_options){ .answer_ms = 0 });
    for (size_t i = 1; i <= 4; i++) {
        assert_true(mllp_sender_send(p.sender, i, slice_of(WANTS)));
        peer_wait(&p, i);
    }
    assert_string_equal(p.results, "accepted:CA accepted:CA again:CE@OBR-3 accepted:CA");
    assert_int_equal(p.accepted, 1);
    assert_true(mllp_sender_open(p.sender));
    const struct mllp_sender_counts *c = mllp_sender_counts(p.sender);
    assert_true(c->connects == 1 && c->written == 4 && c->accepted == 3 && c->again == 1);
    peer_close(&p);
}

static void it_dials_again_until_somebody_answers(void **state)
{
    static const char *const script[] = { "!", "\x0bMSH|^~\\&|!", "{CA}", NULL };
    struct peer p = { .script = script, .resend = true, .message = WANTS };

    (void)state;
    peer_listen(&p, 0);
    close(p.listening); /* nobody there at first */
    p.listening = 1 << 20;
    int port = p.port;
    peer_open(&p, &(struct mllp_sender_options){ .connect_ms = 500 });
    assert_true(mllp_sender_send(p.sender, 7, slice_of(WANTS)));
    peer_wait(&p, 2);
    assert_string_equal(p.results, "again:connect again:connect");
    peer_listen(&p, port);
    for (int i = 0; i < 4000 && p.last.outcome != MLLP_SENT_ACCEPTED; i++)
        peer_turn(&p, 1);
    assert_non_null(strstr(p.results, "again:lost again:lost accepted:CA"));
    assert_int_equal(p.accepted, 3);
    assert_int_equal(p.messages, 2 + 1);
    peer_close(&p);
}

static void a_peer_that_leaves_between_two_is_dialled_again(void **state)
{
    static const char *const script[] = { "{CA}!", "{CA}", NULL };
    struct peer p = { .script = script };

    (void)state;
    peer_open(&p, &(struct mllp_sender_options){ .answer_ms = 0 });
    assert_true(mllp_sender_send(p.sender, 1, slice_of(WANTS)));
    peer_wait(&p, 1);
    peer_turn(&p, 10);
    assert_false(mllp_sender_open(p.sender));
    assert_int_equal(p.count, 1); /* nothing was in hand */
    assert_true(mllp_sender_send(p.sender, 2, slice_of(WANTS)));
    peer_wait(&p, 2);
    assert_string_equal(p.results, "accepted:CA accepted:CA");
    assert_int_equal(p.accepted, 2);
    peer_close(&p);
}

/* What comes after its time must not be taken for the next one's answer, also when both have one id. */
static void a_late_answer_finds_no_connection(void **state)
{
    static const char *const script[] = { "", "{CA}", NULL };
    struct peer p = { .script = script };

    (void)state;
    peer_open(&p, &(struct mllp_sender_options){ .answer_ms = 40 });
    assert_true(mllp_sender_send(p.sender, 1, slice_of(WANTS)));
    peer_wait(&p, 1);
    assert_string_equal(p.results, "again:timeout");
    assert_false(mllp_sender_open(p.sender));
    assert_true(mllp_sender_send(p.sender, 1, slice_of(WANTS)));
    peer_wait(&p, 2);
    assert_string_equal(p.results, "again:timeout accepted:CA");
    assert_int_equal(p.accepted, 2);
    peer_close(&p);
}

static void what_is_cancelled_has_no_result(void **state)
{
    static const char *const script[] = { "", "{CA}", NULL };
    struct peer p = { .script = script };

    (void)state;
    peer_open(&p, &(struct mllp_sender_options){ .answer_ms = 0 });
    assert_false(mllp_sender_cancel(p.sender, 1));
    assert_true(mllp_sender_send(p.sender, 1, slice_of(WANTS)));
    assert_false(mllp_sender_cancel(p.sender, 2));
    assert_true(mllp_sender_cancel(p.sender, 1)); /* not yet on its way */
    assert_true(mllp_sender_send(p.sender, 2, slice_of(WANTS)));
    for (int i = 0; i < 500 && p.messages == 0; i++)
        peer_turn(&p, 1);
    assert_true(mllp_sender_cancel(p.sender, 2)); /* written: its answer may not be the next one's */
    assert_false(mllp_sender_open(p.sender));
    assert_true(mllp_sender_send(p.sender, 3, slice_of(WANTS)));
    peer_wait(&p, 1);
    assert_int_equal(p.last.id, 3);
    assert_string_equal(p.results, "accepted:CA");
    assert_int_equal(p.accepted, 2);
    peer_close(&p);
}

static void it_may_be_freed_at_any_moment(void **state)
{
    (void)state;
    for (int turns = 0; turns < 12; turns++) {
        static const char *const script[] = { "\x0bMSH|", NULL };
        struct peer p = { .script = script };
        peer_open(&p, &(struct mllp_sender_options){ .answer_ms = 0 });
        assert_true(mllp_sender_send(p.sender, 1, slice_of(WANTS)));
        peer_turn(&p, turns);
        peer_close(&p);
        assert_int_equal(p.count, 0);
    }
}

static void names_are_resolved_without_waiting(void **state)
{
    static const char *const script[] = { "{CA}", NULL };
    struct peer p = { .script = script };

    (void)state;
    peer_open(&p, &(struct mllp_sender_options){ .address = "localhost" });
    assert_true(mllp_sender_send(p.sender, 1, slice_of(WANTS)));
    peer_wait(&p, 1);
    assert_string_equal(p.results, "accepted:CA");
    peer_close(&p);

    struct peer nobody = { .script = NULL };
    peer_open(&nobody, &(struct mllp_sender_options){ .address = "nobody.invalid", .connect_ms = 300 });
    assert_true(mllp_sender_send(nobody.sender, 1, slice_of(WANTS)));
    peer_wait(&nobody, 1);
    assert_int_equal(nobody.last.outcome, MLLP_SENT_AGAIN);
    assert_true(strcmp(nobody.last.detail, "resolve") == 0 || strcmp(nobody.last.detail, "timeout") == 0);
    peer_close(&nobody);
}

/* --- TLS -------------------------------------------------------------------------------------------------
 */

static void tls_proves_both_sides(void **state)
{
    static const char *const script[] = { "+{CA}", "+{AA}", NULL };
    SSL_CTX *server = server_context(), *ctx = client_context(true);

    (void)state;
    for (int bytewise = 0; bytewise <= 1; bytewise++) {
        struct peer p = { .script = script, .tls = server, .bytewise = bytewise };
        peer_open(&p, &(struct mllp_sender_options){ .tls = ctx, .release_2 = true });
        assert_true(mllp_sender_send(p.sender, 1, slice_of(WANTS)));
        peer_wait(&p, 1);
        assert_true(mllp_sender_send(p.sender, 2, slice_of(WANTS)));
        peer_wait(&p, 2);
        assert_string_equal(p.results, "accepted:CA accepted:AA");
        assert_int_equal(p.accepted, 1);
        peer_close(&p);
    }
    SSL_CTX_free(ctx);
    SSL_CTX_free(server);
}

static void a_certificate_for_another_host_is_refused(void **state)
{
    static const char *const script[] = { "{CA}", NULL };
    struct error err = { .code = ERROR_NONE };
    SSL_CTX *server = server_context(), *ctx = client_context(true);
    SSL_CTX *other = tls_client_new(NULL, in_folder("monitor-7.pem"), in_folder("monitor-7.key"), &err);

    (void)state;
    struct peer p = { .script = script, .tls = server }; /* the same address by a name it is not for */
    peer_open(&p, &(struct mllp_sender_options){ .tls = ctx, .address = "[::ffff:127.0.0.1]" });
    assert_true(mllp_sender_send(p.sender, 1, slice_of(WANTS)));
    peer_wait(&p, 1);
    assert_string_equal(p.results, "again:tls");
    assert_int_equal(p.messages, 0);
    peer_close(&p);

    struct peer unknown = { .script = script, .tls = server };
    peer_open(&unknown, &(struct mllp_sender_options){ .tls = other });
    assert_true(mllp_sender_send(unknown.sender, 1, slice_of(WANTS)));
    peer_wait(&unknown, 1);
    assert_string_equal(unknown.results, "again:tls");
    assert_int_equal(unknown.messages, 0);
    peer_close(&unknown);
    SSL_CTX_free(other);
    SSL_CTX_free(ctx);
    SSL_CTX_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_outcome_is_told_once),
        cmocka_unit_test(what_is_no_message_is_not_taken),
        cmocka_unit_test(addresses_are_host_and_port),
        cmocka_unit_test(the_connection_is_kept_for_the_next),
        cmocka_unit_test(it_dials_again_until_somebody_answers),
        cmocka_unit_test(a_peer_that_leaves_between_two_is_dialled_again),
        cmocka_unit_test(a_late_answer_finds_no_connection),
        cmocka_unit_test(what_is_cancelled_has_no_result),
        cmocka_unit_test(it_may_be_freed_at_any_moment),
        cmocka_unit_test(names_are_resolved_without_waiting),
        cmocka_unit_test(tls_proves_both_sides),
        cmocka_unit_test(a_certificate_for_another_host_is_refused),
    };

    return cmocka_run_group_tests(tests, make_certificates, drop_certificates);
}
