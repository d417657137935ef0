package dev.guardrail.server.notify;

import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.function.Supplier;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;
import org.eclipse.angus.mail.util.MailConnectException;

/// Notices by mail: plain text in UTF-8, to fixed addresses. Whoever answers one reaches people, not the guard.
public final class SmtpChannel implements Channel {
    private static final int TITLE = 200;

    /// UTF-16 units of a mail's text.
    private static final int TEXT = 64_000;

    private final Server server;
    private final Optional<Login> login;
    private final InternetAddress from;
    private final InternetAddress[] to;
    private final Session session;

    /// How the connection is kept secret.
    public enum Security {
        /// TLS from the first byte (RFC 8314).
        TLS,

        /// TLS before anything is said, or nothing is sent (RFC 3207).
        STARTTLS,

        /// Not at all.
        NONE
    }

    /// Where mail is handed over.
    public record Server(String host, int port, Security security) {}

    /// @param password read at each attempt
    public record Login(String user, Supplier<String> password) {}

    /// @throws IllegalArgumentException where an address is none; see [#isAddress]
    public SmtpChannel(Server server, Optional<Login> login, String from, List<String> to, Duration timeout) {
        this.server = server;
        this.login = login;
        this.from = address(from);
        this.to = to.stream().map(SmtpChannel::address).toArray(InternetAddress[]::new);
        this.session = Session.getInstance(properties(timeout));
    }

    /// Whether a text is one mail address, with or without a name before it.
    public static boolean isAddress(String text) {
        try {
            return text.chars().allMatch(c -> c >= ' ' && c < 0x7F)
                    && new InternetAddress(text, true).getAddress().contains("@");
        } catch (AddressException malformed) {
            return false;
        }
    }

    private static InternetAddress address(String text) {
        try {
            return new InternetAddress(text, true);
        } catch (AddressException malformed) {
            throw new IllegalArgumentException("no mail address", malformed);
        }
    }

    /// Certificates are checked as the JDK checks them, the server's name too.
    private Properties properties(Duration timeout) {
        String prefix = "mail." + protocol() + '.';
        String millis = Long.toString(timeout.toMillis());
        var properties = new Properties();
        properties.setProperty(prefix + "connectiontimeout", millis);
        properties.setProperty(prefix + "timeout", millis);
        properties.setProperty(prefix + "ssl.checkserveridentity", "true");
        properties.setProperty(prefix + "starttls.enable", Boolean.toString(server.security() == Security.STARTTLS));
        properties.setProperty(prefix + "starttls.required", Boolean.toString(server.security() == Security.STARTTLS));
        properties.setProperty(prefix + "auth", Boolean.toString(login.isPresent()));
        properties.setProperty(prefix + "auth.mechanisms", "PLAIN LOGIN");
        properties.setProperty(prefix + "sendpartial", "true");
        properties.setProperty(prefix + "quitwait", "false");
        return properties;
    }

    private String protocol() {
        return server.security() == Security.TLS ? "smtps" : "smtp";
    }

    @Override
    public Delivery deliver(Notice notice) throws InterruptedException {
        try (Transport transport = session.getTransport(protocol())) {
            MimeMessage message = message(notice);
            if (login.isPresent())
                transport.connect(
                        server.host(),
                        server.port(),
                        login.get().user(),
                        login.get().password().get());
            else transport.connect(server.host(), server.port(), null, null);
            transport.sendMessage(message, message.getAllRecipients());
            return new Delivery.Delivered();
        } catch (MessagingException failed) {
            if (Thread.interrupted()) throw new InterruptedException("while mail was handed over");
            return judged(failed);
        }
    }

    private MimeMessage message(Notice notice) throws MessagingException {
        var message = new Identified(session, "<" + notice.id() + '@' + domain() + '>');
        message.setFrom(from);
        message.setRecipients(Message.RecipientType.TO, to);
        message.setSubject(LastLook.line(notice.title(), TITLE), "UTF-8");
        message.setSentDate(Date.from(notice.at()));
        // Nobody answers it by machine (RFC 3834, section 5).
        message.setHeader("Auto-Submitted", "auto-generated");
        message.setHeader("X-Guardrail-Notice", notice.type().word());
        message.setText(text(notice), "UTF-8");
        message.setHeader("Content-Transfer-Encoding", "quoted-printable");
        message.saveChanges();
        return message;
    }

    private static String text(Notice notice) {
        String head = notice.type().headline() + ", risk " + notice.risk().text() + "\n\n";
        return head
                + LastLook.lines(notice.text(), TEXT)
                + notice.link().map(link -> "\n\nTo look at it: " + link).orElse("")
                + "\n";
    }

    private String domain() {
        return from.getAddress().substring(from.getAddress().lastIndexOf('@') + 1);
    }

    /// A message whose id is the notice's own, the same for each attempt.
    private static final class Identified extends MimeMessage {
        private final String id;

        Identified(Session session, String id) {
            super(session);
            this.id = id;
        }

        @Override
        protected void updateMessageID() throws MessagingException {
            setHeader("Message-ID", id);
        }
    }

    /// By the server's code alone (RFC 5321, section 4.2.1): its words are not repeated.
    private static Delivery judged(MessagingException failed) {
        if (failed instanceof AuthenticationFailedException)
            return new Delivery.Refused("it refused the user or the password");
        if (failed instanceof SendFailedException partly
                && partly.getValidSentAddresses() != null
                && partly.getValidSentAddresses().length > 0)
            return new Delivery.Refused("it took the mail for some addresses and refused the others");
        OptionalInt code = code(failed);
        if (code.isPresent())
            return code.getAsInt() >= 500
                    ? new Delivery.Refused("it answered SMTP " + code.getAsInt())
                    : new Delivery.Troubled("it answered SMTP " + code.getAsInt());
        Exception cause = failed.getNextException();
        if (failed instanceof MailConnectException || cause instanceof IOException)
            return new Delivery.Troubled("it was not reached ("
                    + (cause == null ? failed : cause).getClass().getSimpleName() + ")");
        return new Delivery.Refused("it did not agree to what is required, such as STARTTLS");
    }

    /// The deepest code is that of the command that failed.
    private static OptionalInt code(MessagingException failed) {
        OptionalInt code = switch (failed) {
            case SMTPSendFailedException send -> OptionalInt.of(send.getReturnCode());
            case SMTPAddressFailedException address -> OptionalInt.of(address.getReturnCode());
            case SMTPSenderFailedException sender -> OptionalInt.of(sender.getReturnCode());
            default -> OptionalInt.empty();
        };
        if (failed.getNextException() instanceof MessagingException deeper) {
            OptionalInt inner = code(deeper);
            if (inner.isPresent()) return inner;
        }
        return code.isPresent() && code.getAsInt() >= 400 ? code : OptionalInt.empty();
    }
}
