package dev.guardrail.server.console;

import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Everything beside the pages that the console's browser loads: one stylesheet and one script, put together
/// from our own parts, and a sign.
@Singleton
@Requires(beans = KeyRing.class)
public final class Assets {
    /// Parts of the stylesheet, in order. A page's own come after what all share.
    private static final List<String> STYLES =
            List.of("base.css", "parts.css", "approvals.css", "audit.css", "rooms.css");

    /// Parts of the script, each a block of its own.
    private static final List<String> SCRIPTS = List.of("live.js", "approvals.js");

    private final Asset style = Asset.of("console", "css", "text/css; charset=utf-8", read(STYLES));
    private final Asset script = Asset.of("console", "js", "text/javascript; charset=utf-8", read(SCRIPTS));

    private final Asset mark = Asset.of("mark", "svg", "image/svg+xml", read(List.of("mark.svg")));

    public Asset style() {
        return style;
    }

    public Asset script() {
        return script;
    }

    /// What a browser's tab shows.
    Asset mark() {
        return mark;
    }

    Optional<Asset> find(String name) {
        return Stream.of(style, script, mark)
                .filter(asset -> asset.name().equals(name))
                .findFirst();
    }

    private static List<byte[]> read(List<String> files) {
        return files.stream().map(Assets::read).toList();
    }

    private static byte[] read(String file) {
        try (InputStream stream = Assets.class.getResourceAsStream("/console/" + file)) {
            if (stream == null) throw new IllegalStateException("the program was packed without console/" + file);
            return stream.readAllBytes();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
