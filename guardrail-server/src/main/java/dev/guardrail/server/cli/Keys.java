package dev.guardrail.server.cli;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.journal.AesSeal;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Notary;
import dev.guardrail.server.store.SqliteStore;
import dev.guardrail.server.wiring.Clocks;
import dev.guardrail.server.wiring.InvalidConfiguration;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `keys`: credentials, and the key that signs the log.
@Command(
        name = "keys",
        mixinStandardHelpOptions = true,
        description = "Create a credential; show or replace the key that signs the log.",
        subcommands = {Keys.Create.class, Keys.Show.class, Keys.Rotate.class})
final class Keys extends Group {
    /// `keys create`.
    @Command(
            name = "create",
            mixinStandardHelpOptions = true,
            description = {
                "Make a credential for an agent, host or operator, and print it with the form that the configuration takes.",
                "It is shown once and kept nowhere."
            })
    static final class Create implements Callable<Integer> {
        private static final int BYTES = 32;

        @Option(names = "--json", description = "Answer in JSON.")
        private boolean json;

        @Override
        public Integer call() {
            byte[] secret = new byte[BYTES];
            new SecureRandom().nextBytes(secret);
            String key = "grd_" + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
            String hash = Sha256.of(key.getBytes(StandardCharsets.UTF_8)).toString();
            if (json)
                System.out.println(
                        JsonObject.with("key", key).with("hash", hash).build());
            else {
                System.out.println(key);
                // Beside the key, not in it: `keys create > FILE` makes a key file.
                System.err.println("configure it as: key: {hash: \"" + hash + "\"}");
            }
            return 0;
        }
    }

    /// `keys show`.
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = "Print the verifier key of the log, for whoever verifies it.")
    static final class Show extends OnData {
        @Override
        int work() throws IOException, InvalidConfiguration {
            var found = data();
            var key = found.keys().present();
            if (key.isEmpty())
                throw new IOException(
                        "`" + found.data() + "` has no signing key yet; the first start of the sidecar makes one");
            String vkey = key.get().verifier().vkey();
            System.out.println(json() ? JsonObject.with("vkey", vkey).build().toString() : vkey);
            return 0;
        }
    }

    /// `keys rotate`.
    @Command(
            name = "rotate",
            mixinStandardHelpOptions = true,
            description = {
                "Replace the key that signs the log. The present key appoints the new one in the log itself, so that",
                "whoever trusts the old key can follow; the first head after it bears both signatures.",
                "Stop the sidecar before."
            })
    static final class Rotate extends OnData {
        @Override
        int work() throws IOException, InvalidConfiguration {
            var found = data();
            var clocks = Clocks.system();
            String before;
            String after;
            try (var store = SqliteStore.open(found.data(), clocks.ticker())) {
                var journal = new Journal(
                        store,
                        new AesSeal(found.keys().bodyKey(false), clocks.random()),
                        clocks.wall(),
                        clocks.ticker());
                before = Notary.key(journal)
                        .orElseThrow(() ->
                                new IOException("the log names no key yet; the first start of the sidecar makes one"));
                var notary =
                        Notary.open(journal, found.keys().heads(), found.keys().signer(before));
                var next = found.keys().prepare(notary.verifier().name());
                after = next.verifier().vkey();
                notary.rotate(next);
                // A crash before this leaves the new key beside the old one, where the next start looks for it.
                found.keys().signer(after);
            }
            if (json())
                System.out.println(
                        JsonObject.with("before", before).with("vkey", after).build());
            else {
                System.out.println("The log is signed with a new key from now on:");
                System.out.println("  " + after);
                System.out.println("Give it to whoever verifies the log; who has the old one can follow as well.");
            }
            return 0;
        }
    }
}
