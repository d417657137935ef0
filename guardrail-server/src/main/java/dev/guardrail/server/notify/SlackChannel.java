package dev.guardrail.server.notify;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// Notices in a Slack channel, through an incoming webhook. What agents wrote stands in `plain_text`, which knows no
/// mention, no link and no emphasis; the one piece of markup is our own link.
public final class SlackChannel implements Channel {
    private static final int TITLE = 200;

    /// UTF-16 units of a block's text, of which Slack takes 3,000, and of all of it.
    private static final int BLOCK = 2_800;

    private static final int TEXT = 3 * BLOCK;

    private final Supplier<String> url;
    private final HttpPost post;

    /// @param url whoever knows it can write there; read at each attempt
    public SlackChannel(Supplier<String> url, Duration timeout) {
        this.url = url;
        this.post = new HttpPost(timeout);
    }

    @Override
    public Delivery deliver(Notice notice) throws InterruptedException {
        return post.send(
                URI.create(url.get()), Map.of("Content-Type", "application/json"), LastLook.json(message(notice)));
    }

    private static JsonObject message(Notice notice) {
        String title = LastLook.line(notice.title(), TITLE);
        String headline = notice.type().headline() + ", risk " + notice.risk().text();
        List<Json> blocks = new ArrayList<>();
        blocks.add(block("header", plain(headline)));
        if (!title.isBlank()) blocks.add(block("section", plain(title)));
        String text = LastLook.lines(notice.text(), TEXT);
        for (int at = 0; at < text.length(); at = end(text, at))
            if (!text.substring(at, end(text, at)).isBlank())
                blocks.add(block("section", plain(text.substring(at, end(text, at)))));
        notice.link().ifPresent(link -> blocks.add(block("section", link(link))));
        return JsonObject.with("text", escaped(headline + ": " + title))
                .with("mrkdwn", false)
                .with("unfurl_links", false)
                .with("unfurl_media", false)
                .with("blocks", new JsonArray(blocks))
                .build();
    }

    /// Where the block that begins at `from` ends: between two code points.
    private static int end(String text, int from) {
        int end = Math.min(text.length(), from + BLOCK);
        return end < text.length() && Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end;
    }

    private static JsonObject block(String type, JsonObject text) {
        return JsonObject.with("type", type).with("text", text).build();
    }

    private static JsonObject plain(String text) {
        return JsonObject.with("type", "plain_text")
                .with("text", text)
                .with("emoji", false)
                .build();
    }

    private static JsonObject link(String link) {
        return JsonObject.with("type", "mrkdwn")
                .with("text", "<" + escaped(link).replace("|", "%7C") + ">")
                .with("verbatim", true)
                .build();
    }

    /// The three characters that begin and end markup.
    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
