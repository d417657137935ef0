package dev.guardrail.server.wiring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// A certificate for localhost that signs itself, as `tls.pem` and `tls.key` in a guard's directory.
public final class TlsCertificate {
    /// What a configuration says to use it.
    public static final String CONFIGURATION = "tls: {certificate: {file: ./tls.pem}, key: {file: ./tls.key}}\n";

    private TlsCertificate() {}

    /// Makes one; the JDK's own tool does.
    public static void in(Path directory) throws Exception {
        Path store = directory.resolve("store.p12");
        var tool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "tls",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-validity",
                        "2",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "SAN=DNS:localhost,IP:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        "changeit")
                .redirectErrorStream(true)
                .start();
        assertTrue(tool.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, tool.exitValue(), new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        var keys = KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
        Served.write(
                directory.resolve("tls.pem"),
                pem("CERTIFICATE", keys.getCertificate("tls").getEncoded()));
        Served.write(
                directory.resolve("tls.key"),
                pem("PRIVATE KEY", keys.getKey("tls", "changeit".toCharArray()).getEncoded()));
    }

    private static String pem(String what, byte[] der) {
        return "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + what
                + "-----\n";
    }

    /// True where a guard of this directory has one.
    static boolean isIn(Path directory) {
        return Files.exists(directory.resolve("tls.pem"));
    }

    /// Trusts that certificate and no other.
    static SSLContext context(Path directory) throws Exception {
        var trust = KeyStore.getInstance(KeyStore.getDefaultType());
        trust.load(null, null);
        try (var pem = Files.newInputStream(directory.resolve("tls.pem"))) {
            trust.setCertificateEntry(
                    "guardrail", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trust);
        var context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    /// A client that trusts it alone.
    static HttpClient trusting(Path directory) throws Exception {
        return HttpClient.newBuilder().sslContext(context(directory)).build();
    }
}
