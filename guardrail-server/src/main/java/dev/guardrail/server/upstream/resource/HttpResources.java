package dev.guardrail.server.upstream.resource;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.call.CallId;
import dev.guardrail.call.PathFacts;
import dev.guardrail.server.upstream.CredentialSource;
import dev.guardrail.server.upstream.resource.Site.Change;
import dev.guardrail.server.upstream.resource.Site.Found;
import dev.guardrail.undo.Compensator;
import dev.guardrail.undo.Unfit;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Resources of one HTTP server, put back whole by `PUT` and `DELETE`, each under the condition that nobody
/// changed them since they were read (RFC 9110, section 13). States are compared by what is in them: putting the same
/// bytes back
/// gives them another ETag.
///
/// Whether the server minds conditions is found out by each change itself. It is sent under one that cannot hold first:
/// whoever does it all the same does not compare. The change was wanted and stays; but from then on nothing of that
/// server counts as something that can be undone.
public final class HttpResources implements Compensator {
    private static final Logger LOG = LoggerFactory.getLogger(HttpResources.class);

    /// Within what a look before a call may take.
    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private static final int TAG_BYTES = 16;
    private static final int REQUEST_TIMEOUT = 408;
    private static final int NOT_FOUND = 404;
    private static final int GONE = 410;
    private static final int UNMET = 412;

    private static final JsonObject TARGET = JsonObject.with("type", "object")
            .with(
                    "properties",
                    JsonObject.with(
                                    "path",
                                    JsonObject.with("type", "string")
                                            .with("description", "Path of a resource, relative to the server's URL.")
                                            .build())
                            .build())
            .with("required", JsonArray.ofTexts(List.of("path")))
            .with("additionalProperties", false)
            .build();

    private final String server;
    private final Site site;
    private final RandomGenerator random;
    private volatile boolean careless;

    /// @param server as hooks name it
    /// @param base absolute, ends with a slash, has neither query nor fragment
    public HttpResources(
            String server, URI base, Optional<? extends CredentialSource> credential, RandomGenerator random) {
        this(server, base, credential, random, PATIENCE);
    }

    /// @param patience for one answer
    HttpResources(
            String server,
            URI base,
            Optional<? extends CredentialSource> credential,
            RandomGenerator random,
            Duration patience) {
        this.server = server;
        this.site = new Site(server, base, credential, patience);
        this.random = random;
    }

    @Override
    public JsonObject target() {
        return TARGET;
    }

    @Override
    public Look look(JsonObject target, PathFacts paths) throws IOException {
        return careless ? new Look.Unfit("its server writes without comparing") : seen(target);
    }

    /// What was promised to be undone still is.
    @Override
    public Look again(JsonObject target, JsonObject before, boolean left, PathFacts paths) throws IOException {
        return seen(target);
    }

    private Look seen(JsonObject target) throws IOException {
        try {
            Address address = site.address(target.text("path").orElse(""));
            Representation found = site.read(address).representation();
            if (JsonWriter.bytes(found.json()).length > Site.MOST) throw Site.large();
            return new Look.Seen(found.json(), found.version(), List.of(address.name()));
        } catch (Unfit unfit) {
            return unfit.look();
        }
    }

    @Override
    public Restored restore(JsonObject target, JsonObject state, String expect, CallId by, PathFacts paths)
            throws IOException {
        Optional<Representation> wanted = Representation.of(state);
        if (wanted.isEmpty()) return new Restored.Refused("its state is not one of a resource");
        Address address;
        Found now;
        try {
            address = site.address(target.text("path").orElse(""));
            now = site.read(address);
        } catch (Unfit unfit) {
            return new Restored.Refused(unfit.why());
        } catch (IOException unread) {
            return new Restored.Refused("what is there now cannot be read: " + unread.getMessage());
        }
        if (now.representation().equals(wanted.get())) return new Restored.Done();
        if (!now.representation().version().equals(expect)) return new Restored.Changed();
        return changed(address, Change.of(now, wanted.get()));
    }

    /// A crash in here leaves the resource as it was, or as it is wanted.
    private Restored changed(Address address, Change change) throws IOException {
        int said = site.write(address, change.never(tag()));
        if (isDone(said)) {
            careless = true;
            LOG.warn("`{}` writes without comparing (If-Match); nothing there can be undone any more", server);
            return verified(address, change.wanted());
        }
        if (!isUnmet(said)) return refused(said);
        int status = site.write(address, change);
        if (isUnmet(status)) return new Restored.Changed();
        return isDone(status) ? verified(address, change.wanted()) : refused(status);
    }

    private String tag() {
        byte[] bytes = new byte[TAG_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private static boolean isDone(int status) {
        return status >= 200 && status < 300;
    }

    /// Something that is not there has no version: some servers say that first.
    private static boolean isUnmet(int status) {
        return status == UNMET || status == NOT_FOUND || status == GONE;
    }

    /// @throws IOException where it may have been done all the same
    private static Restored refused(int status) throws IOException {
        if (status >= 500 || status == REQUEST_TIMEOUT) throw new IOException("the server answered " + status);
        return new Restored.Refused("its server answers " + status + " to a write");
    }

    private Restored verified(Address address, Representation wanted) throws IOException {
        try {
            if (site.read(address).representation().equals(wanted)) return new Restored.Done();
        } catch (Unfit unfit) {
            throw new IOException("what was put back cannot be read: " + unfit.why(), unfit);
        }
        throw new IOException("what was put back is not what is there: the server makes something else of it, or"
                + " somebody else is at it");
    }

    @Override
    public void close() {
        site.close();
    }
}
