package dev.guardrail.server.corpus;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/// A jar that is compiled and packed when a test wants it.
public final class Jar {
    private static final String SERVICE = "META-INF/services/dev.guardrail.undo.CompensatorSource";

    private Jar() {}

    /// Writes a jar that nobody else can write.
    ///
    /// @param providers names of classes that it says are sources of compensators
    /// @param sources texts by the names of their classes
    public static void write(Path jar, List<String> providers, Map<String, String> sources) throws IOException {
        Path classes =
                Files.createTempDirectory(jar.toAbsolutePath().getParent().getParent(), "classes");
        if (!sources.isEmpty()) compile(classes, sources);
        try (var out = new JarOutputStream(Files.newOutputStream(jar));
                Stream<Path> files = Files.walk(classes)) {
            add(out, SERVICE, String.join("\n", providers).getBytes(StandardCharsets.UTF_8));
            for (Path file : files.filter(Files::isRegularFile).toList())
                add(out, classes.relativize(file).toString(), Files.readAllBytes(file));
        }
        Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-r--r--"));
    }

    private static void add(JarOutputStream out, String name, byte[] bytes) throws IOException {
        out.putNextEntry(new JarEntry(name));
        out.write(bytes);
        out.closeEntry();
    }

    private static void compile(Path classes, Map<String, String> sources) {
        var files = new ArrayList<JavaFileObject>();
        sources.forEach((name, text) -> files.add(
                new SimpleJavaFileObject(
                        URI.create("string:///" + name.replace('.', '/') + ".java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean lenient) {
                        return text;
                    }
                }));
        var said = new ArrayList<String>();
        var options = List.of("-d", classes.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none");
        boolean compiled = ToolProvider.getSystemJavaCompiler()
                .getTask(null, null, told -> said.add(told.toString()), options, null, files)
                .call();
        if (!compiled) throw new UncheckedIOException(new IOException(said.toString()));
    }
}
