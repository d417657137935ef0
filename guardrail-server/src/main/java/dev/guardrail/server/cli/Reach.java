package dev.guardrail.server.cli;

import dev.guardrail.server.wiring.Secrets;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How a command reaches a running sidecar, and how it answers.
final class Reach {
    private static final String USUAL = "http://127.0.0.1:7457";

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

    /// As a command has it that reads its words itself; empty where none was given.
    static Reach of(String url, String keyFile, boolean json) {
        var reach = new Reach();
        if (!url.isEmpty()) reach.url = URI.create(url);
        if (!keyFile.isEmpty()) reach.keyFile = Path.of(keyFile);
        reach.json = json;
        return reach;
    }

    /// True where a sidecar or a credential was named on the command line.
    boolean isNamed() {
        return url != null || keyFile != null;
    }

    boolean json() {
        return json;
    }

    /// @throws Api.Refused where no credential is named
    Api api() throws Api.Refused {
        return Api.of(url(), key());
    }

    /// Base of the sidecar's URLs.
    ///
    /// @throws Api.Refused where it is not one of HTTP
    URI url() throws Api.Refused {
        URI named = url;
        String inEnvironment = System.getenv("GUARDRAIL_URL");
        try {
            URI base = named != null ? named : new URI(inEnvironment == null ? USUAL : inEnvironment);
            boolean http = "http".equalsIgnoreCase(base.getScheme()) || "https".equalsIgnoreCase(base.getScheme());
            if (http && base.getHost() != null) return base;
        } catch (URISyntaxException unreadable) {
            throw new Api.Refused("GUARDRAIL_URL is no URL");
        }
        throw new Api.Refused("commands reach a sidecar over http or https alone, not over a socket: let it `listen`"
                + " and name that with --url");
    }

    /// @throws Api.Refused where no credential is named
    String key() throws Api.Refused {
        return key(keyFile);
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
