package dev.guardrail.server.notify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.call.Risk;
import dev.guardrail.server.notify.SmtpChannel.Login;
import dev.guardrail.server.notify.SmtpChannel.Security;
import dev.guardrail.server.notify.SmtpChannel.Server;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Mail, as a mail server on loopback takes it.
class SmtpChannelSpec {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final List<String> TO = List.of("ann@ops.example", "Bob <bob@ops.example>");
    private static final SSLContext USUAL = usual();

    @TempDir
    Path directory;

    private static SSLContext usual() {
        try {
            return SSLContext.getDefault();
        } catch (java.security.NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @AfterEach
    void trustNobodyElse() {
        SSLContext.setDefault(USUAL);
    }

    private static Channel channel(MailServer server, Security security, Optional<Login> login) {
        return new SmtpChannel(
                new Server("localhost", server.port(), security),
                login,
                "Guardrail <guard@guardrail.example>",
                TO,
                TIMEOUT);
    }

    private static Channel channel(MailServer server) {
        return channel(server, Security.NONE, Optional.empty());
    }

    private static Optional<Login> login(String password) {
        return Optional.of(new Login("guard", () -> password));
    }

    @Test
    void a_notice_becomes_a_plain_mail_to_all_of_them() throws Exception {
        try (var server = MailServer.plain()) {
            assertEquals(new Delivery.Delivered(), channel(server).deliver(Notices.notice("apr_1-requested")));

            assertEquals(
                    List.of("ann@ops.example", "bob@ops.example"),
                    server.mails().stream().map(MailServer.Mail::to).toList());
            var mail = server.mails().getFirst();
            var message = mail.message();
            assertEquals("guard@guardrail.example", mail.from());
            assertEquals("Refund of 750.00 EUR", message.getSubject());
            assertEquals("<apr_1-requested@guardrail.example>", message.getMessageID());
            assertEquals("auto-generated", message.getHeader("Auto-Submitted", null));
            assertEquals("approval.requested", message.getHeader("X-Guardrail-Notice", null));
            assertEquals(Date.from(Notices.AT), message.getSentDate());
            assertTrue(message.isMimeType("text/plain"));
            assertEquals(
                    "Approval requested, risk high\n\ntool stripe.refund\nagent coder\n\nTo look at it: "
                            + Notices.LINK,
                    text(mail));
        }
    }

    private static String text(MailServer.Mail mail) throws Exception {
        return ((String) mail.message().getContent()).replace("\r\n", "\n").strip();
    }

    @Test
    void nothing_that_agents_write_becomes_a_header_a_command_or_a_hidden_character() throws Exception {
        String hostile = "Refund\r\nBcc: eve@evil.example\r\n\r\nRCPT TO:<eve@evil.example>\u202e\u0000é😀";
        try (var server = MailServer.plain()) {
            channel(server).deliver(Notices.notice("n1", Risk.LOW, hostile, hostile + "\r\n.\r\nQUIT\r\n"));

            assertEquals(2, server.mails().size());
            var mail = server.mails().getFirst();
            assertNull(mail.message().getHeader("Bcc"));
            assertEquals(2, mail.message().getAllRecipients().length);
            assertEquals(
                    "Refund‹U+000D›‹U+000A›Bcc: eve@evil.example‹U+000D›‹U+000A›‹U+000D›‹U+000A›"
                            + "RCPT TO:<eve@evil.example>‹U+202E›‹U+0000›é😀",
                    mail.message().getSubject());
            assertEquals(
                    "Approval requested, risk low\n\nRefund\nBcc: eve@evil.example\n\n"
                            + "RCPT TO:<eve@evil.example>‹U+202E›‹U+0000›é😀\n.\nQUIT\n\nTo look at it: "
                            + Notices.LINK,
                    text(mail));
            for (char each : mail.raw().toCharArray())
                assertTrue(each == '\r' || each == '\n' || each == '\t' || each >= ' ' && each < 0x7F, mail.raw());
            assertFalse(Arrays.stream(mail.head().split("\r\n", -1)).anyMatch(line -> line.startsWith("Bcc")));
        }
    }

    @Test
    void where_starttls_is_required_nothing_goes_in_the_clear() throws Exception {
        SSLContext tls = MailServer.tls(directory);
        try (var plain = MailServer.plain();
                var server = MailServer.starting(tls)) {
            var refused = assertInstanceOf(
                    Delivery.Refused.class,
                    channel(plain, Security.STARTTLS, login(MailServer.PASSWORD))
                            .deliver(Notices.notice("n1")));
            assertEquals("it did not agree to what is required, such as STARTTLS", refused.why());
            assertEquals(List.of(), plain.mails());
            assertEquals(List.of(), plain.logins());

            SSLContext.setDefault(tls);
            assertEquals(
                    new Delivery.Delivered(),
                    channel(server, Security.STARTTLS, Optional.empty()).deliver(Notices.notice("n1")));
            assertTrue(server.mails().getFirst().tls());

            assertInstanceOf(Delivery.Refused.class, channel(server).deliver(Notices.notice("n2")), "without TLS");
            assertEquals(2, server.mails().size());
        }
    }

    @Test
    void a_certificate_that_nobody_trusts_or_of_another_name_is_not_enough() throws Exception {
        SSLContext tls = MailServer.tls(directory);
        try (var server = MailServer.starting(tls)) {
            assertFalse(
                    channel(server, Security.STARTTLS, Optional.empty()).deliver(Notices.notice("n1"))
                            instanceof Delivery.Delivered);

            SSLContext.setDefault(tls);
            var elsewhere = new SmtpChannel(
                    new Server("127.0.0.2", server.port(), Security.STARTTLS),
                    Optional.empty(),
                    "guard@guardrail.example",
                    TO,
                    TIMEOUT);
            assertFalse(elsewhere.deliver(Notices.notice("n1")) instanceof Delivery.Delivered);
            assertEquals(List.of(), server.mails());

            assertEquals(
                    new Delivery.Delivered(),
                    channel(server, Security.STARTTLS, Optional.empty()).deliver(Notices.notice("n1")),
                    "the control");
        }
    }

    @Test
    void tls_from_the_first_byte() throws Exception {
        SSLContext tls = MailServer.tls(directory);
        try (var server = new MailServer(builder -> builder.serverSocketFactory(tls))) {
            SSLContext.setDefault(tls);
            assertEquals(
                    new Delivery.Delivered(),
                    channel(server, Security.TLS, Optional.empty()).deliver(Notices.notice("n1")));
            assertEquals(2, server.mails().size());
        }
    }

    @Test
    void a_wrong_password_is_refused_and_told_without_it() throws Exception {
        try (var server = MailServer.asking()) {
            assertEquals(
                    new Delivery.Refused("it refused the user or the password"),
                    channel(server, Security.NONE, login("wrong")).deliver(Notices.notice("n1")));
            assertEquals(List.of(), server.mails());

            assertEquals(
                    new Delivery.Delivered(),
                    channel(server, Security.NONE, login(MailServer.PASSWORD)).deliver(Notices.notice("n1")));
            assertEquals("guard", server.logins().getLast());
        }
    }

    @Test
    void codes_say_whether_another_attempt_may_help_and_the_servers_words_are_not_repeated() throws Exception {
        try (var server = MailServer.plain()) {
            server.refuse(451);
            assertEquals(
                    new Delivery.Troubled("it answered SMTP 451"),
                    channel(server).deliver(Notices.notice("n1")));
            server.refuse(554);
            assertEquals(
                    new Delivery.Refused("it answered SMTP 554"),
                    channel(server).deliver(Notices.notice("n1")));
            server.refuse(0);
            assertEquals(new Delivery.Delivered(), channel(server).deliver(Notices.notice("n1")));
        }
    }

    @Test
    void who_can_be_told_is_told_where_another_address_is_refused() throws Exception {
        try (var server = MailServer.plain()) {
            server.doesNotKnow("ann@ops.example");
            assertEquals(
                    new Delivery.Refused("it took the mail for some addresses and refused the others"),
                    channel(server).deliver(Notices.notice("n1")));
            assertEquals(
                    List.of("bob@ops.example"),
                    server.mails().stream().map(MailServer.Mail::to).toList());
        }
    }

    @Test
    void nobody_there_and_nobody_answering_may_be_tried_again() throws Exception {
        Channel gone;
        try (var mute = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var channel = new SmtpChannel(
                    new Server("localhost", mute.getLocalPort(), Security.NONE),
                    Optional.empty(),
                    "guard@guardrail.example",
                    TO,
                    Duration.ofMillis(200));
            assertInstanceOf(Delivery.Troubled.class, channel.deliver(Notices.notice("n1")));
            gone = channel;
        }
        assertInstanceOf(Delivery.Troubled.class, gone.deliver(Notices.notice("n1")));
    }

    @Test
    void an_address_is_one_address() {
        for (String text : List.of("ann@ops.example", "Ann Lee <ann@ops.example>", "a+b@localhost"))
            assertTrue(SmtpChannel.isAddress(text), text);
        for (String text : List.of(
                "", "ann", "a@x.example, b@x.example", "a@x.example\r\nBcc: b@x.example", "é@x.example", "<>", "a b@x"))
            assertFalse(SmtpChannel.isAddress(text), text);
    }
}
