package dev.guardrail.server.notify;

import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.subethamail.smtp.MessageHandler;
import org.subethamail.smtp.RejectException;
import org.subethamail.smtp.auth.EasyAuthenticationHandlerFactory;
import org.subethamail.smtp.auth.LoginFailedException;
import org.subethamail.smtp.server.SMTPServer;

/// A mail server on loopback that keeps what it takes.
final class MailServer implements AutoCloseable {
    static final String PASSWORD = "mail-PASSWORD";

    private final SMTPServer server;
    private final List<Mail> mails = new CopyOnWriteArrayList<>();
    private final List<String> logins = new CopyOnWriteArrayList<>();
    private volatile int refusal;
    private volatile String unknown = "";

    /// One recipient's copy.
    ///
    /// @param tls whether it came over TLS
    record Mail(String from, String to, String raw, boolean tls) {
        MimeMessage message() throws MessagingException {
            return new MimeMessage(
                    Session.getInstance(new Properties()),
                    new ByteArrayInputStream(raw.getBytes(StandardCharsets.ISO_8859_1)));
        }

        /// What stands before the empty line.
        String head() {
            return raw.substring(0, raw.indexOf("\r\n\r\n"));
        }
    }

    MailServer(UnaryOperator<SMTPServer.Builder> change) {
        server = change.apply(new SMTPServer.Builder()
                        .bindAddress(InetAddress.getLoopbackAddress())
                        .port(0)
                        .hostName("mail.example")
                        .messageHandlerFactory(context -> new Taking((org.subethamail.smtp.server.Session) context)))
                .build();
        server.start();
    }

    /// Takes one mail, for as many recipients as there are.
    private final class Taking implements MessageHandler {
        private final org.subethamail.smtp.server.Session session;
        private final List<String> recipients = new ArrayList<>();
        private String sender = "";

        Taking(org.subethamail.smtp.server.Session session) {
            this.session = session;
        }

        @Override
        public void from(String from) {
            sender = from;
        }

        @Override
        public void recipient(String recipient) throws RejectException {
            if (recipient.equals(unknown)) throw new RejectException(550, "words of the SERVER");
            recipients.add(recipient);
        }

        @Override
        public String data(InputStream data) throws IOException, RejectException {
            String raw = new String(data.readAllBytes(), StandardCharsets.ISO_8859_1);
            if (refusal != 0) throw new RejectException(refusal, "words of the SERVER");
            for (String recipient : recipients) mails.add(new Mail(sender, recipient, raw, session.isTLSStarted()));
            return "taken";
        }

        @Override
        public void done() {}
    }

    static MailServer plain() {
        return new MailServer(builder -> builder);
    }

    static MailServer starting(SSLContext tls) {
        return new MailServer(builder -> builder.enableTLS().requireTLS().startTlsSocketFactory(tls));
    }

    /// Takes user `guard` with [#PASSWORD].
    static MailServer asking() {
        var holder = new MailServer[1];
        holder[0] = new MailServer(builder -> builder.requireAuth()
                .authenticationHandlerFactory(new EasyAuthenticationHandlerFactory((user, password, context) -> {
                    holder[0].logins.add(user);
                    if (!user.equals("guard") || !password.equals(PASSWORD)) throw new LoginFailedException();
                })));
        return holder[0];
    }

    int port() {
        return server.getPortAllocated();
    }

    /// From here on answers the mail itself with this code; 0 for taking it.
    void refuse(int code) {
        refusal = code;
    }

    /// From here on refuses this recipient.
    void doesNotKnow(String recipient) {
        unknown = recipient;
    }

    List<Mail> mails() {
        return List.copyOf(mails);
    }

    List<String> logins() {
        return List.copyOf(logins);
    }

    @Override
    public void close() {
        server.stop();
    }

    /// A key for localhost and a context that trusts it; the JDK's own tool makes it.
    static SSLContext tls(Path directory) throws IOException, GeneralSecurityException, InterruptedException {
        Path file = directory.resolve("mail.p12");
        var keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "mail",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost,ip:127.0.0.1",
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        "changeit")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0)
            throw new AssertionError("no key was made");
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream stream = Files.newInputStream(file)) {
            keys.load(stream, "changeit".toCharArray());
        }
        var own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, "changeit".toCharArray());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("mail", keys.getCertificate("mail"));
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        var context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }
}
