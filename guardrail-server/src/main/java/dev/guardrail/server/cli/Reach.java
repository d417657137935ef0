package dev.guardrail.server.cli;

import dev.guardrail.server.wiring.Secrets;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How a command reaches a running sidecar, and how it answers.
final class Reach {
    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "The sidecar; else GUARDRAIL_URL, else http://127.0.0.1:7457.")
    private @Nullable URI url;

    @Option(
            names = "--key-file",
            paramLabel = "FILE",
            description = "File with the credential; else the variable GUARDRAIL_KEY holds it.")
    private @Nullable Path keyFile;

    @Option(names = "--json", description = "Answer in JSON.")
    private boolean json;

    boolean json() {
        return json;
    }

    /// @throws Api.Refused where no credential is named
    Api api() throws Api.Refused {
        URI named = url;
        String fromEnvironment = System.getenv("GUARDRAIL_URL");
        URI base =
                named != null ? named : URI.create(fromEnvironment == null ? "http://127.0.0.1:7457" : fromEnvironment);
        return api(base, keyFile);
    }

    /// The sidecar at `base`, with the credential in `file`, or in the environment where null.
    static Api api(URI base, @Nullable Path file) throws Api.Refused {
        return Api.of(base, key(file));
    }

    private static String key(@Nullable Path file) throws Api.Refused {
        String inEnvironment = System.getenv("GUARDRAIL_KEY");
        if (file == null && (inEnvironment == null || inEnvironment.isBlank()))
            throw new Api.Refused("no credential; name its file with --key-file, or set GUARDRAIL_KEY");
        try {
            String key = file == null
                    ? inEnvironment.strip()
                    : Files.readString(file).strip();
            if (!Secrets.isKey(key))
                throw new Api.Refused("the credential is empty, or holds a space, a control or a letter beyond ASCII");
            return key;
        } catch (IOException unreadable) {
            throw new Api.Refused("the key file `" + file + "` cannot be read");
        }
    }
}
