package dev.guardrail.server.wiring;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Printable;
import dev.guardrail.call.UndoHook;
import dev.guardrail.undo.Compensator;
import dev.guardrail.undo.CompensatorSource;
import java.io.Closeable;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Sources of compensators in jars of one directory and on the class path. The classes of the jars see the guard's and
/// each other's; the guard sees none of theirs.
final class CompensatorJars implements Closeable {
    private static final int SENTENCE = 400;

    private final URLClassLoader loader;

    private CompensatorJars(URLClassLoader loader) {
        this.loader = loader;
    }

    /// @param directory of jars; the class path alone where empty
    static CompensatorJars open(Optional<Path> directory) throws IOException {
        var urls = new ArrayList<URL>();
        if (directory.isPresent()) for (Path jar : jars(directory.get())) urls.add(url(jar));
        return new CompensatorJars(
                new URLClassLoader("compensators", urls.toArray(URL[]::new), CompensatorSource.class.getClassLoader()));
    }

    /// In the order of their names.
    private static List<Path> jars(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(CompensatorJars::isJar).sorted().toList();
        }
    }

    static boolean isJar(Path file) {
        return String.valueOf(file.getFileName()).endsWith(".jar");
    }

    private static URL url(Path jar) throws MalformedURLException {
        return jar.toUri().toURL();
    }

    /// The one source of this name.
    CompensatorSource find(String name) throws Unusable {
        List<CompensatorSource> sources = sources();
        List<CompensatorSource> named =
                sources.stream().filter(source -> name.equals(name(source))).toList();
        if (named.size() == 1) return named.getFirst();
        if (named.size() > 1)
            throw new Unusable("`" + name + "` is the name of several providers: " + classes(named)
                    + "; take all but one of them away");
        String others =
                sources.stream().map(CompensatorJars::name).sorted().collect(Collectors.joining("`, `", "`", "`"));
        throw new Unusable("there is no provider `" + name + "`; "
                + (sources.isEmpty()
                        ? "there is none in `compensators` or on the class path"
                        : "there is " + Printable.text(others, SENTENCE)));
    }

    /// Code of others runs in here, as in all that follows: nothing that it throws goes further than its own server.
    @SuppressWarnings("CatchThrowable")
    private List<CompensatorSource> sources() throws Unusable {
        try {
            var sources = new ArrayList<CompensatorSource>();
            for (CompensatorSource source : ServiceLoader.load(CompensatorSource.class, loader)) {
                if (name(source).isBlank())
                    throw new Unusable(
                            "a provider has no name: " + source.getClass().getName());
                sources.add(source);
            }
            return sources;
        } catch (Unusable nameless) {
            throw nameless;
        } catch (Throwable fault) {
            throw new Unusable("a provider cannot be used: " + words(fault));
        }
    }

    private static String name(CompensatorSource source) {
        return String.valueOf(source.name());
    }

    private static String classes(List<CompensatorSource> sources) {
        return sources.stream()
                .map(source -> "`" + source.getClass().getName() + "`")
                .sorted()
                .collect(Collectors.joining(", "));
    }

    @SuppressWarnings("CatchThrowable") // as above
    Compensator open(String name, JsonObject settings) throws Unusable {
        CompensatorSource source = find(name);
        try {
            Compensator opened = source.open(settings);
            fit(opened.target());
            return opened;
        } catch (Unusable unfit) {
            throw unfit;
        } catch (Throwable fault) {
            throw new Unusable("provider `" + name + "` did not open: " + words(fault));
        }
    }

    private static void fit(JsonObject target) throws Unusable {
        JsonObject properties = target.object("properties").orElse(JsonObject.EMPTY);
        if (target.text("type").filter("object"::equals).isEmpty()
                || UndoHook.RESERVED.stream().anyMatch(properties::has))
            throw new Unusable(
                    "its target is no JSON Schema of an object, or has one of " + String.join(", ", UndoHook.RESERVED));
    }

    private static String words(Throwable fault) {
        return Printable.text(fault.getClass().getSimpleName() + ": " + fault.getMessage(), SENTENCE);
    }

    @Override
    public void close() throws IOException {
        loader.close();
    }

    /// There is no such provider, or none that can be relied on. The message is a sentence for the operator.
    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1L;

        Unusable(String sentence) {
            super(sentence);
        }

        String sentence() {
            return String.valueOf(getMessage());
        }
    }
}
