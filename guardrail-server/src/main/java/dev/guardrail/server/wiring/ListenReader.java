package dev.guardrail.server.wiring;

import dev.guardrail.pack.Fields;
import dev.guardrail.pack.Findings;
import dev.guardrail.pack.Yaml;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Reads `listen`, `tls` and `socket`. Beyond loopback, one of the latter two is needed.
record ListenReader(ConfigurationReader.Places places, Findings findings) {
    static final String HOST = "127.0.0.1";
    static final int PORT = 7457;

    private static final Pattern ADDRESS = Pattern.compile("(\\[[0-9a-fA-F:.]+]|[A-Za-z0-9.\\-]+):([0-9]{1,5})");

    Configuration.Listen read(Fields top) {
        Optional<Configuration.Tls> tls = top.value("tls").flatMap(this::tls);
        Optional<Path> socket = places.path(top, "socket");
        if (socket.isPresent() && top.has("listen"))
            findings.error(
                    top.key("listen"), "conflict", "`listen` and `socket` exclude each other; take one of them away");
        String host = HOST;
        int port = PORT;
        Optional<String> listen = top.text("listen");
        if (listen.isPresent()) {
            var matcher = ADDRESS.matcher(listen.get());
            if (matcher.matches() && Integer.parseInt(matcher.group(2)) <= 65_535) {
                host = matcher.group(1).replace("[", "").replace("]", "");
                port = Integer.parseInt(matcher.group(2));
                check(top, host, tls);
            } else
                findings.error(
                        top.value("listen").map(Yaml::place).orElse(top.place()),
                        "wrong-address",
                        "`listen` is an address and a port, as in 127.0.0.1:7457 or [::1]:7457");
        }
        return new Configuration.Listen(host, port, tls, socket);
    }

    private void check(Fields top, String host, Optional<Configuration.Tls> tls) {
        try {
            if (tls.isPresent() || InetAddress.getByName(host).isLoopbackAddress()) return;
            findings.error(
                    top.value("listen").map(Yaml::place).orElse(top.place()),
                    "needs-tls",
                    "`" + host + "` is reached from other machines; configure `tls`, or listen on 127.0.0.1");
        } catch (UnknownHostException unknown) {
            findings.error(
                    top.value("listen").map(Yaml::place).orElse(top.place()),
                    "wrong-address",
                    "`" + host + "` is no address of this machine");
        }
    }

    private Optional<Configuration.Tls> tls(Yaml value) {
        Optional<Fields> fields = Fields.of(value, "`tls`", List.of("certificate", "key"), findings);
        Optional<Path> certificate =
                fields.flatMap(found -> found.required("certificate")).flatMap(file -> existing(file, "certificate"));
        Optional<Path> key = fields.flatMap(found -> found.required("key")).flatMap(file -> existing(file, "key"));
        return certificate.flatMap(chain -> key.map(secret -> new Configuration.Tls(chain, secret)));
    }

    private Optional<Path> existing(Yaml value, String what) {
        Optional<Path> path = places.keyFile(value, what);
        path.filter(file -> !Files.isReadable(file))
                .ifPresent(file -> findings.error(
                        value.place(),
                        "missing-file",
                        "`" + file + "` is not there or cannot be read; put the PEM file there"));
        return path;
    }
}
