package dev.guardrail.server.runner.bwrap;

import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Shell scripts that do to files what commands do, each made from a number. The same script does the same again.
final class PreviewScripts {
    private static final List<String> NAMES = List.of(
            "a",
            "b",
            "c",
            "src",
            "lib",
            ".hidden",
            "with space",
            "-dash",
            "ünï",
            "it's",
            "star*",
            "$x",
            "tab\there",
            "a.b",
            "new\nline");

    private static final List<String> MODES = List.of("600", "644", "755", "700", "750", "444", "711");

    private final Random random;

    private PreviewScripts(long seed) {
        random = new Random(seed);
    }

    /// Files that a script finds.
    static String template() {
        return """
                mkdir -p a/b/c src/lib lib 'with space' .hidden
                for i in 1 2 3 4 5; do printf 'line %s\\n' $i >a/$i; printf '%s' $i >src/lib/$i; done
                printf one >b; printf two >a/b/c/b; printf three >'with space/it'"'"'s'
                ln -s a/1 c; ln -s nowhere lib/c; ln -s ../a lib/a
                chmod 600 a/2; chmod 755 a/3; chmod 700 src
                find a src lib 'with space' .hidden b c -exec touch -h -d '2020-02-02 02:02:02.123456789' {} +
                """;
    }

    static String of(long seed) {
        var scripts = new PreviewScripts(seed);
        return Stream.generate(scripts::line)
                .limit(4 + scripts.random.nextInt(12))
                .collect(Collectors.joining());
    }

    private <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private String path() {
        String path =
                Stream.generate(() -> any(NAMES)).limit(1 + random.nextInt(3)).collect(Collectors.joining("/"));
        return random.nextInt(4) == 0 ? any(List.of("a/1", "a/2", "src/lib/3", "b", "a/b/c/b", "c")) : path;
    }

    private static String quoted(String path) {
        return "'./" + path.replace("'", "'\\''") + "'";
    }

    private String line() {
        String one = quoted(path());
        String other = quoted(path());
        String text = "text-" + random.nextInt(1_000);
        String made = "mkdir -p " + parent(one) + " && ";
        String line = switch (random.nextInt(18)) {
            case 0, 1 -> made + "printf '%s' " + text + " >" + one;
            case 2 -> "printf '%s\\n' " + text + " >>" + one;
            case 3 -> made + "seq " + random.nextInt(5_000) + " >" + one;
            case 4, 5 -> "mkdir -p " + parent(other) + " && mv " + one + " " + other;
            case 6 -> "rm -f " + one;
            case 7 -> "rm -rf " + one;
            case 8 -> "mkdir -p " + one;
            case 9 -> made + "ln -s " + any(List.of("b", "../a", "nowhere", "a/1")) + " " + one;
            case 10, 11 -> "chmod " + any(MODES) + " " + one;
            case 12 -> "truncate -s " + random.nextInt(3_000) + " " + one;
            case 13 -> "cp " + one + " " + other;
            case 14 -> "cp -a " + one + " " + other;
            case 15 -> "touch -h -d '2011-11-11 11:11:11.1" + random.nextInt(1_000) + "' " + one;
            case 16 -> "mkdir -p " + one + "/1/2/3/4/5/6/7 && printf deep >" + one + "/1/2/3/4/5/6/7/8";
            case 17 -> "ln " + one + " " + other;
            default -> throw new IllegalStateException("there are no more");
        };
        return "{ " + line + "; } 2>/dev/null || :\n";
    }

    private static String parent(String quoted) {
        int slash = quoted.lastIndexOf('/');
        return quoted.substring(0, slash) + "'";
    }
}
