package dev.guardrail.pack;

import dev.guardrail.sandbox.Profile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Reads `fs` of a `Sandbox`: paths that say one thing only, and none that opens what every sandbox closes.
final class SandboxFilesReader {
    private static final long LARGEST = 1L << 40;
    private static final int LONGEST = 4_096;

    /// Parts of a path: none empty, `.` or `..`, and no control characters.
    private static final Pattern PARTS =
            Pattern.compile("(?!\\.{1,2}(/|$))[^/\\p{Cntrl}]{1,255}(/(?!\\.{1,2}(/|$))[^/\\p{Cntrl}]{1,255}){0,63}");

    /// Made anew in every sandbox, or secrets of the host.
    private static final List<String> CLOSED = List.of("/proc", "/sys", "/dev", "/tmp", "/run", "/etc/shadow");

    private final Findings findings;

    SandboxFilesReader(Findings findings) {
        this.findings = findings;
    }

    Profile.Reach read(Fields sandbox, long tmp) {
        return sandbox.value("fs")
                .flatMap(value ->
                        Fields.of(value, "`fs`", List.of("read", "write", "tmp"), List.of("residue"), findings))
                .map(fields -> reach(fields, tmp))
                .orElse(new Profile.Reach(List.of(), List.of(), tmp));
    }

    private Profile.Reach reach(Fields fields, long tmp) {
        var read = new ArrayList<String>();
        for (Yaml.Scalar path : fields.scalars("read")) path(path).ifPresent(read::add);
        var writes = new ArrayList<Profile.Write>();
        for (Yaml entry : fields.list("write"))
            Fields.of(entry, "an entry of `write`", List.of("path", "protect"), findings)
                    .flatMap(this::write)
                    .ifPresent(write -> add(write, writes, entry));
        return new Profile.Reach(read, writes, fields.size("tmp", LARGEST).orElse(tmp));
    }

    private Optional<Profile.Write> write(Fields fields) {
        var protect = new ArrayList<String>();
        for (Yaml.Scalar name : fields.scalars("protect")) {
            if (PARTS.matcher(name.value()).matches()) protect.add(name.value());
            else
                findings.error(
                        name.place(),
                        "wrong-path",
                        "`protect` holds names below the path, such as `.git` or `config/keys`");
        }
        return fields.required("path")
                .flatMap(value -> {
                    if (value instanceof Yaml.Scalar scalar
                            && fields.text("path").isPresent()) return path(scalar);
                    return Optional.empty();
                })
                .map(path -> new Profile.Write(path, protect));
    }

    /// Two that overlap would say two things of one file.
    private void add(Profile.Write write, List<Profile.Write> writes, Yaml entry) {
        boolean apart = writes.stream()
                .noneMatch(other -> lies(write.path(), other.path()) || lies(other.path(), write.path()));
        if (apart) writes.add(write);
        else findings.error(entry.place(), "wrong-path", "`" + write.path() + "` overlaps another entry of `write`");
    }

    private Optional<String> path(Yaml.Scalar scalar) {
        String path = scalar.value();
        if (path.equals(Profile.WORKSPACE)) return Optional.of(path);
        boolean plain = path.length() <= LONGEST
                && path.startsWith("/")
                && PARTS.matcher(path.substring(1)).matches();
        if (!plain) {
            findings.error(
                    scalar.place(),
                    "wrong-path",
                    "a path is absolute, without `.`, `..` and a last `/`, and not `/` alone; `.` is the workspace");
            return Optional.empty();
        }
        Optional<String> closed =
                CLOSED.stream().filter(each -> lies(path, each)).findFirst();
        if (closed.isEmpty()) return Optional.of(path);
        findings.error(scalar.place(), "wrong-path", "`" + closed.get() + "` of the host is in no sandbox");
        return Optional.empty();
    }

    /// True where the one is the other or lies below it.
    private static boolean lies(String path, String other) {
        return path.equals(other) || path.startsWith(other + "/");
    }
}
