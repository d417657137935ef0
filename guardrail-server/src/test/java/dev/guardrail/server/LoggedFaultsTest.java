package dev.guardrail.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.source.tree.CatchTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// No room hands a throwable to a logger, nor its message as it is: messages quote what agents and servers wrote, and a
/// line break in one begins a line of its own in the log.
class LoggedFaultsTest {
    private static final Path ROOMS = Path.of("src/main/java/dev/guardrail/server");
    private static final Set<String> LEVELS = Set.of("trace", "debug", "info", "warn", "error");

    /// What makes a throwable fit to be logged.
    private static final Pattern FIT = Pattern.compile("(Printable\\.(trace|text)|Faults\\.trace|printable)");

    private static final Pattern THROWABLE = Pattern.compile(".*(Exception|Error|Throwable)");

    private record Source(String name, String text) {}

    private static List<String> violations(List<Source> sources) throws IOException {
        var files = sources.stream()
                .map(source ->
                        new SimpleJavaFileObject(URI.create("string:///" + source.name()), JavaFileObject.Kind.SOURCE) {
                            @Override
                            public CharSequence getCharContent(boolean lenient) {
                                return source.text();
                            }
                        })
                .toList();
        var task = (JavacTask)
                ToolProvider.getSystemJavaCompiler().getTask(null, null, null, List.of("--release", "25"), null, files);
        var found = new ArrayList<String>();
        for (CompilationUnitTree unit : task.parse()) {
            var throwables = new TreeSet<String>();
            unit.accept(new Throwables(), throwables);
            unit.accept(new Logged(unit.getSourceFile().getName(), throwables), found);
        }
        return found;
    }

    /// Names that a file gives to throwables.
    private static final class Throwables extends TreeScanner<@Nullable Void, Set<String>> {
        @Override
        public @Nullable Void visitCatch(CatchTree tree, Set<String> names) {
            names.add(tree.getParameter().getName().toString());
            return super.visitCatch(tree, names);
        }

        @Override
        public @Nullable Void visitVariable(VariableTree tree, Set<String> names) {
            if (tree.getType() != null
                    && THROWABLE.matcher(tree.getType().toString()).matches())
                names.add(tree.getName().toString());
            return super.visitVariable(tree, names);
        }
    }

    /// Throwables among a logger's arguments.
    private static final class Logged extends TreeScanner<@Nullable Void, List<String>> {
        private final String file;
        private final Set<String> throwables;
        private boolean logging;

        Logged(String file, Set<String> throwables) {
            this.file = file;
            this.throwables = throwables;
        }

        @Override
        public @Nullable Void visitMethodInvocation(MethodInvocationTree tree, List<String> found) {
            String called = tree.getMethodSelect().toString();
            if (logging && FIT.matcher(called).matches()) return null;
            boolean before = logging;
            logging |= called.startsWith("LOG.") && LEVELS.contains(called.substring(4));
            super.visitMethodInvocation(tree, found);
            logging = before;
            return null;
        }

        @Override
        public @Nullable Void visitIdentifier(IdentifierTree tree, List<String> found) {
            if (logging && throwables.contains(tree.getName().toString()))
                found.add(file + " logs `" + tree.getName() + "`");
            return super.visitIdentifier(tree, found);
        }
    }

    private static Source source(Path file) {
        try {
            return new Source(ROOMS.relativize(file).toString(), Files.readString(file));
        } catch (IOException unread) {
            throw new java.io.UncheckedIOException(unread);
        }
    }

    @Test
    void no_throwable_is_logged_as_it_is() throws IOException {
        List<Source> sources;
        try (Stream<Path> files = Files.walk(ROOMS)) {
            sources = files.filter(file -> file.toString().endsWith(".java"))
                    .map(LoggedFaultsTest::source)
                    .toList();
        }
        assertTrue(
                sources.stream()
                                .filter(source -> source.text().contains("LOG."))
                                .count()
                        > 10,
                "the rooms are found");

        assertEquals(List.of(), violations(sources), "log Printable.trace(…) or Printable.text(…) of it");
    }

    @Test
    void a_planted_one_is_noticed() throws IOException {
        assertEquals(
                List.of("/A.java logs `a`", "/A.java logs `b`", "/A.java logs `c`", "/A.java logs `d`"),
                violations(List.of(new Source("A.java", """
                        class A {
                            void a(RuntimeException d) {
                                try {
                                } catch (IOException | Error a) {
                                    LOG.error("x {}", 1, a);
                                } catch (Refused b) {
                                    LOG.warn("x {}", b.getMessage());
                                } catch (Lost c) {
                                    LOG.debug("x {}", String.valueOf(c));
                                    LOG.debug("x {}", Printable.trace(c));
                                    LOG.debug("x {}", Printable.text(c.toString()));
                                    throw c;
                                }
                                LOG.info("x", d);
                                other(d);
                            }
                        }
                        """))));
    }
}
