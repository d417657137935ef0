package dev.guardrail.server.cli;

import com.sun.security.auth.module.UnixSystem;
import dev.guardrail.base.IdSource;
import dev.guardrail.base.JsonObject;
import dev.guardrail.pack.Diagnostic;
import dev.guardrail.pack.PackReader;
import dev.guardrail.pack.PolicyPack;
import dev.guardrail.sandbox.Profile;
import dev.guardrail.sandbox.Property;
import dev.guardrail.sandbox.Sandbox;
import dev.guardrail.sandbox.Sandbox.Probe;
import dev.guardrail.sandbox.Sandbox.Refusal;
import dev.guardrail.server.runner.bwrap.BubblewrapSandbox;
import dev.guardrail.server.runner.bwrap.Machine;
import dev.guardrail.server.runner.bwrap.StateDirectory;
import dev.guardrail.server.wiring.Configuration;
import dev.guardrail.server.wiring.ConfigurationReader;
import dev.guardrail.server.wiring.InvalidConfiguration;
import dev.guardrail.server.wiring.Secrets;
import dev.guardrail.server.wiring.ShippedProfiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `doctor`: what of a configuration this machine cannot carry out, found by trying.
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = {
            "Find what would fail here: the configuration, its policies, and what sandboxes need.",
            "What sandboxes are relied on for is tried from inside one, which takes a second or two."
        },
        footer = {"", "✓ holds   ✗ would fail   – does not hold, and nothing configured needs it"},
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:nothing would fail", "1:something would"})
final class Doctor implements Callable<Integer> {
    private static final int FAILS = 1;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Configuration; guardrail.yaml where there is one, else embedded defaults.")
    private @Nullable Path config;

    @Option(
            names = "--workspace",
            paramLabel = "DIR",
            description = "A directory that `run` is to be used in: every profile is held against it.")
    private @Nullable Path workspace;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = "Private directory for what belongs to sandboxes while they run.")
    private @Nullable Path state;

    @Option(names = "--json", description = "One finding a line, in JSON.")
    private boolean json;

    private final List<Finding> findings = new ArrayList<>();

    /// How something stands.
    private enum Mark {
        HOLDS("✓"),
        FAILS("✗"),
        /// It does not hold, and nothing needs it.
        UNUSED("–");

        private final String sign;

        Mark(String sign) {
            this.sign = sign;
        }
    }

    private record Finding(Mark mark, String about, String words) {}

    @Override
    public Integer call() throws InterruptedException {
        Optional<Configuration> read = configuration();
        PolicyPack pack = policies(read);
        machine();
        sandbox(pack, read);
        for (Finding finding : findings)
            System.out.println(
                    json
                            ? JsonObject.with("finding", finding.mark().name().toLowerCase(java.util.Locale.ROOT))
                                    .with("about", finding.about())
                                    .with("message", finding.words())
                                    .build()
                                    .toString()
                            : finding.mark().sign + " " + finding.about() + ": " + Screen.safe(finding.words()));
        return findings.stream().anyMatch(finding -> finding.mark() == Mark.FAILS) ? FAILS : 0;
    }

    private void say(Mark mark, String about, String words) {
        findings.add(new Finding(mark, about, words));
    }

    private Optional<Configuration> configuration() {
        Path usual = Path.of("guardrail.yaml");
        Path named = config != null ? config : Files.exists(usual) ? usual : null;
        if (named == null) {
            say(Mark.HOLDS, "configuration", "none; the embedded defaults are used");
            return Optional.empty();
        }
        try {
            var read = ConfigurationReader.read(named, new Secrets(System::getenv));
            say(Mark.HOLDS, "configuration", "`" + named + "` is read without a fault");
            return Optional.of(read);
        } catch (InvalidConfiguration refused) {
            for (Diagnostic finding : refused.findings()) say(Mark.FAILS, "configuration", finding.render());
            return Optional.empty();
        }
    }

    private PolicyPack policies(Optional<Configuration> read) {
        var reader = new PackReader().knowing(ShippedProfiles.profiles());
        PolicyPack pack = reader.read(read.map(Configuration::policies).orElseGet(List::of));
        long errors = pack.diagnostics().stream().filter(Diagnostic::isError).count();
        if (errors > 0) say(Mark.FAILS, "policies", errors + " errors; `guardrail check` names each at its place");
        else if (read.isPresent()) say(Mark.HOLDS, "policies", "read without an error");
        return pack;
    }

    private void machine() {
        String account = new UnixSystem().getUid() == 0 ? "as root" : "as user " + new UnixSystem().getUid();
        String container =
                Machine.here().container().map(kind -> ", in " + kind).orElse("");
        say(
                Mark.HOLDS,
                "machine",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
                        + System.getProperty("os.arch") + ", " + account + container);
    }

    private void sandbox(PolicyPack pack, Optional<Configuration> read) throws InterruptedException {
        Map<String, Profile> profiles = pack.isSound() ? pack.profiles() : ShippedProfiles.profiles();
        Set<String> used = used(pack);
        boolean needed = workspace != null || !used.isEmpty();
        try {
            var sandbox = BubblewrapSandbox.open(
                    state == null ? StateDirectory.standard() : state,
                    System.getenv(),
                    IdSource.of(Clock.systemUTC(), new SecureRandom()));
            switch (sandbox.probe()) {
                case Probe.Unusable(Refusal refusal) -> unusable(needed ? Mark.FAILS : Mark.UNUSED, refusal);
                case Probe.Proven(Set<Property> proven) -> {
                    say(Mark.HOLDS, "sandbox", "bubblewrap, proven: " + words(proven));
                    profiles(profiles.values(), proven, used);
                    for (Path root : roots(read)) workspace(sandbox, root, profiles, used);
                    if (workspace != null) workspace(sandbox, workspace, profiles, profiles.keySet());
                }
            }
        } catch (IOException broken) {
            say(needed ? Mark.FAILS : Mark.UNUSED, "sandbox", String.valueOf(broken.getMessage()));
        }
    }

    private void unusable(Mark mark, Refusal refusal) throws IOException {
        say(mark, "sandbox", refusal.sentence());
        for (Refusal hindrance : Machine.here().hindrances()) say(mark, "sandbox", hindrance.sentence());
    }

    private static String words(Set<Property> properties) {
        return properties.stream().sorted().map(Property::text).collect(Collectors.joining(", "));
    }

    /// Names of the profiles that rules have calls run under.
    private static Set<String> used(PolicyPack pack) {
        return pack.policies().layers().stream()
                .flatMap(layer -> layer.rules().stream())
                .flatMap(rule -> rule.sandbox().stream())
                .map(confinement -> confinement.profile())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private void profiles(Collection<Profile> profiles, Set<Property> proven, Set<String> used) {
        var held = new ArrayList<String>();
        for (Profile profile : profiles) {
            var missing = new TreeSet<>(profile.require());
            missing.removeAll(proven);
            if (missing.isEmpty()) held.add(profile.name());
            else
                say(
                        used.contains(profile.name()) ? Mark.FAILS : Mark.UNUSED,
                        "profile " + profile.name(),
                        "it requires " + words(missing) + ", which is not proven on this machine");
        }
        if (!held.isEmpty()) say(Mark.HOLDS, "profiles", String.join(", ", held));
    }

    private static List<Path> roots(Optional<Configuration> read) {
        return read.stream()
                .flatMap(configuration -> configuration.servers().values().stream())
                .flatMap(server -> server instanceof Configuration.Server.Workspace(Path root)
                        ? java.util.stream.Stream.of(root)
                        : java.util.stream.Stream.empty())
                .toList();
    }

    /// What stands against profiles in a directory, those of one reason together.
    private void workspace(Sandbox sandbox, Path root, Map<String, Profile> profiles, Set<String> named)
            throws IOException, InterruptedException {
        Path place = root.toAbsolutePath().normalize();
        var reasons = new TreeMap<String, List<String>>();
        for (String name : named) {
            Profile profile = profiles.get(name);
            if (profile == null) continue;
            String reason =
                    sandbox.objection(profile, place).map(Refusal::sentence).orElse("");
            reasons.computeIfAbsent(reason, none -> new ArrayList<>()).add(name);
        }
        reasons.forEach((reason, names) -> say(
                reason.isEmpty() ? Mark.HOLDS : Mark.FAILS,
                "workspace `" + root + "`",
                String.join(", ", names) + (reason.isEmpty() ? "" : ": " + reason)));
    }
}
