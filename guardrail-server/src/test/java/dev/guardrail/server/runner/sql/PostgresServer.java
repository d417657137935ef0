package dev.guardrail.server.runner.sql;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A PostgreSQL of the tests' own, started once and ended with them; where none is installed, tests that need it are
/// left out, but not where everything has to be tested.
final class PostgresServer {
    static final String USER = "keeper";
    static final String PASSWORD = "a-password-of-tests";

    private static final String DATABASE = "postgres";
    private static @Nullable PostgresServer running;

    private final int port;

    private PostgresServer(int port) {
        this.port = port;
    }

    static synchronized PostgresServer running() throws Exception {
        if (running != null) return running;
        Optional<Path> programs = programs();
        if (programs.isEmpty() && "true".equals(System.getenv("CI"))) fail("no PostgreSQL here: install postgresql");
        assumeTrue(programs.isPresent(), "no PostgreSQL here");
        running = started(programs.get());
        return running;
    }

    /// Debian has them out of the way.
    private static Optional<Path> programs() throws IOException {
        var places = new ArrayList<Path>();
        for (String place : System.getenv("PATH").split(":")) places.add(Path.of(place));
        if (Files.isDirectory(Path.of("/usr/lib/postgresql")))
            try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
                versions.sorted(Comparator.reverseOrder()).forEach(version -> places.add(version.resolve("bin")));
            }
        return places.stream()
                .filter(place ->
                        Files.isExecutable(place.resolve("initdb")) && Files.isExecutable(place.resolve("postgres")))
                .findFirst();
    }

    private static PostgresServer started(Path programs) throws Exception {
        Path home = Files.createTempDirectory("guardrail-postgres");
        // It refuses to run as root.
        boolean root = "root".equals(System.getProperty("user.name"));
        Path password = home.resolve("password");
        Files.writeString(password, PASSWORD);
        if (root) give(home, password);
        List<String> as = root ? List.of("runuser", "-u", "postgres", "--") : List.of();
        Path data = home.resolve("data");
        run(
                home,
                as,
                programs.resolve("initdb").toString(),
                "-D",
                data.toString(),
                "-U",
                USER,
                "-E",
                "UTF8",
                "--no-sync",
                "--locale=C",
                "-A",
                "md5",
                "--pwfile=" + password);
        int port = free();
        var command = new ArrayList<>(as);
        command.addAll(List.of(
                programs.resolve("postgres").toString(),
                "-D",
                data.toString(),
                "-p",
                Integer.toString(port),
                "-k",
                home.toString(),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "fsync=off"));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("log").toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(process, home)));
        var server = new PostgresServer(port);
        while (!server.answers())
            if (process.waitFor(50, TimeUnit.MILLISECONDS)) fail(Files.readString(home.resolve("log")));
        return server;
    }

    private static void give(Path... places) throws IOException {
        var postgres = places[0].getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("postgres");
        for (Path place : places) Files.setOwner(place, postgres);
        Files.setPosixFilePermissions(places[0], PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void run(Path home, List<String> as, String... words) throws Exception {
        var command = new ArrayList<>(as);
        command.addAll(List.of(words));
        Path log = Files.createTempFile("guardrail-initdb", ".log");
        Process process = new ProcessBuilder(command)
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (process.waitFor() != 0) fail(Files.readString(log));
        Files.delete(log);
    }

    private static void end(Process process, Path home) {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        try (Stream<Path> files = Files.walk(home)) {
            process.waitFor();
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
        } catch (IOException | InterruptedException left) {
            System.err.println("left behind: " + home);
        }
    }

    private static int free() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private boolean answers() {
        try (Connection connection = DriverManager.getConnection(own(DATABASE))) {
            return connection.isValid(5);
        } catch (SQLException starting) {
            return false;
        }
    }

    /// The one database, with nothing in it any more: making another takes longer.
    String database() throws SQLException {
        try (Connection connection = DriverManager.getConnection(own(DATABASE));
                var statement = connection.createStatement()) {
            statement.execute(
                    "DROP SCHEMA IF EXISTS \"Sales\" CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public");
        }
        return DATABASE;
    }

    /// An address as a configuration has it.
    String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    /// An address with everything in it.
    String own(String database) {
        return url(database) + "?user=" + USER + "&password=" + PASSWORD;
    }
}
