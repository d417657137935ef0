package dev.guardrail.server.wiring;

import dev.guardrail.pack.Findings;
import dev.guardrail.pack.Place;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/// What the command of a program names: itself, and whatever its arguments could mean by a path, as interpreters are
/// told so what to do. Nobody else may write it, or put it there where it is not there yet, and no tool reaches it.
///
/// @param enclosures where tools work
record NamedFiles(Enclosures enclosures, Findings findings) {
    /// Programs are started in it: nobody but root writes it.
    static final Path START = Path.of("/");

    private static final String UNTRUSTED = "untrusted-file";

    void program(Path program, Place place) {
        file(program, place);
    }

    void argument(String argument, Place place) {
        Set<Path> absolute = new LinkedHashSet<>();
        for (String part : parts(argument)) {
            Optional<Path> named = ProgramReader.path(part);
            if (named.isEmpty()) continue;
            if (!named.get().isAbsolute() && isFileHere(named.get())) {
                findings.error(
                        place,
                        "wrong-path",
                        "`" + part + "` names a file from where the guard or the program is started; write its"
                                + " absolute path");
                return;
            }
            absolute.add(START.resolve(named.get()).normalize());
        }
        absolute.forEach(path -> trusted(path, place));
    }

    /// All of it, and what stands in it behind `=`, between `:`, behind `@` and in an option (`-I/path`).
    private static Set<String> parts(String argument) {
        var parts = new LinkedHashSet<String>();
        parts.add(argument);
        parts.add(argument.substring(argument.indexOf('=') + 1));
        for (String part : argument.split("[=:]")) {
            parts.add(part);
            if (part.startsWith("@")) parts.add(part.substring(1));
            if (part.startsWith("-") || part.startsWith("@")) {
                int path = part.indexOf('/');
                if (path > 0) parts.add(part.substring(path));
            }
        }
        parts.removeIf(String::isBlank);
        return parts;
    }

    private static boolean isFileHere(Path named) {
        return Files.isRegularFile(named.toAbsolutePath()) || Files.isRegularFile(START.resolve(named));
    }

    private void trusted(Path path, Place place) {
        if (Files.isRegularFile(path)) file(path, place);
        else if (Files.exists(path)) other(path, place);
        else absent(path, place);
    }

    private void file(Path path, Place place) {
        enclosures.own(path, "the program");
        FileTrust.fault(path).ifPresent(fault -> findings.error(place, UNTRUSTED, fault));
    }

    /// A directory may be read as a program is, or be worked in; pipes and devices say what others write to them.
    private void other(Path path, Place place) {
        if (path.equals(START)) return;
        enclosures.told(path, "what the program is told");
        if (FileTrust.fault(path).isPresent())
            findings.error(
                    place,
                    UNTRUSTED,
                    "others can write or replace `" + path + "`, which the program is told; name another, or name it"
                            + " in `env` where it is data");
    }

    /// The nearest directory that is there tells who could put it there; a link that leads nowhere tells nothing.
    private void absent(Path path, Place place) {
        enclosures.told(path, "what the program is told");
        Path there = path;
        while (Files.notExists(there) && !Files.isSymbolicLink(there))
            there = Optional.ofNullable(there.getParent()).orElse(START);
        if (!there.equals(START) && FileTrust.fault(there).isPresent())
            findings.error(
                    place,
                    UNTRUSTED,
                    "there is no `" + path + "`, and others could put one there; create it, or name another");
    }
}
