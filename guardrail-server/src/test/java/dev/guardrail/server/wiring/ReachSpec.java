package dev.guardrail.server.wiring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How a guard is reached other than in the clear on loopback: TLS, and a Unix socket.
class ReachSpec {
    @TempDir
    Path directory;

    private void configure(String reach) throws Exception {
        Served.write(directory.resolve("guardrail.yaml"), reach + """
                data: ./data
                agents:
                  - {name: coder, key: {env: CODER}}
                """);
    }

    @Test
    void beyond_loopback_it_speaks_tls_alone() throws Exception {
        TlsCertificate.in(directory);
        configure("""
                listen: 0.0.0.0:0
                tls: {certificate: {file: ./tls.pem}, key: {file: ./tls.key}}
                """);
        try (var served = Served.in(directory)) {
            int port = served.sidecar.url().getPort();
            var request = HttpRequest.newBuilder(URI.create("https://localhost:" + port + "/health/ready"))
                    .build();
            var response = TlsCertificate.trusting(directory).send(request, HttpResponse.BodyHandlers.ofString());

            assertEquals(200, response.statusCode());
            var clear = HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/health/ready"))
                    .build();
            assertThrows(
                    java.io.IOException.class,
                    () -> HttpClient.newHttpClient().send(clear, HttpResponse.BodyHandlers.ofString()));
        }
    }

    @Test
    void beyond_loopback_without_tls_it_does_not_start() throws Exception {
        configure("listen: 0.0.0.0:0\n");
        var refused = assertThrows(
                InvalidConfiguration.class, () -> Served.in(directory).close());
        assertEquals("needs-tls", refused.findings().getFirst().code());
    }

    @Test
    void a_socket_answers_its_group_alone_and_one_left_behind_is_no_hindrance() throws Exception {
        configure("socket: ./g.sock\n");
        Path socket = directory.resolve("g.sock");
        try (var left = java.nio.channels.ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            left.bind(UnixDomainSocketAddress.of(socket));
        }
        assertTrue(Files.exists(socket));
        try (var served = Served.in(directory)) {
            assertEquals("unix", served.sidecar.url().getScheme());
            assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
            assertTrue(ask(socket, "/health/ready", "").startsWith("HTTP/1.1 200"));
            assertTrue(ask(socket, "/v1/tools", "").startsWith("HTTP/1.1 401"));
            assertTrue(ask(socket, "/v1/tools", Served.CODER).startsWith("HTTP/1.1 200"));
        }
    }

    private static String ask(Path socket, String path, String key) throws Exception {
        try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                    + (key.isEmpty() ? "" : "Authorization: Bearer " + key + "\r\n") + "\r\n";
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
            var answer = ByteBuffer.allocate(64);
            while (answer.position() < 16 && channel.read(answer) >= 0) continue;
            return new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII);
        }
    }
}
