package dev.guardrail.server.runner;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What stands at one place of a tree: equal states cannot be told apart by those who read files, as far as the
/// guard puts them back. Times of directories are not among it, because they change with whatever is done in them.
sealed interface FileState {

    /// Nothing.
    ///
    /// @param missing directories on the way that do not exist either, from the root and the outermost first
    record Absent(List<String> missing) implements FileState {
        public Absent {
            missing = List.copyOf(missing);
        }
    }

    /// A regular file.
    ///
    /// @param modified to the nanosecond
    record Regular(Access access, Instant modified, long bytes, Content content) implements FileState {}

    /// A symbolic link.
    ///
    /// @param text where it leads, as it is written in it
    record Link(String text) implements FileState {}

    /// An empty directory.
    record Directory(Access access) implements FileState {}

    /// A directory with something in it, which can be renamed but not made again.
    ///
    /// @param entries how many there are below it
    /// @param listing digest of their names, kinds, permissions, sizes, times and bytes
    record Tree(Access access, long entries, Sha256 listing) implements FileState {}

    /// Who may do what with it.
    ///
    /// @param mode as `rw-r--r--`
    record Access(String mode, String owner, String group) {}

    /// What is known of the bytes of a file.
    sealed interface Content {
        /// They are a text in UTF-8.
        record Text(String text) implements Content {}

        /// They are something else.
        record Base64(String base64) implements Content {}

        /// They are not kept.
        record Digest(Sha256 sha256) implements Content {}
    }

    /// True where it can be put where it does not stand.
    default boolean isWhole() {
        return switch (this) {
            case Absent absent -> true;
            case Regular regular -> !(regular.content() instanceof Content.Digest);
            case Link link -> true;
            case Directory directory -> true;
            case Tree tree -> false;
        };
    }

    /// @param at the place, from the root
    default JsonObject json(String at) {
        var json = JsonObject.with("at", at);
        switch (this) {
            case Absent(List<String> missing) -> {
                json.with("kind", "absent");
                if (!missing.isEmpty()) json.with("missing", JsonArray.ofTexts(missing));
            }
            case Regular regular -> {
                put(json.with("kind", "file"), regular.access())
                        .with("modified", regular.modified().toString())
                        .with("bytes", regular.bytes());
                switch (regular.content()) {
                    case Content.Text(String text) -> json.with("text", text);
                    case Content.Base64(String base64) -> json.with("base64", base64);
                    case Content.Digest(Sha256 sha256) -> json.with("sha256", sha256.hex());
                }
            }
            case Link(String text) -> json.with("kind", "link").with("text", text);
            case Directory(Access access) -> put(json.with("kind", "directory"), access);
            case Tree(Access access, long entries, Sha256 listing) ->
                put(json.with("kind", "tree"), access).with("entries", entries).with("sha256", listing.hex());
        }
        return json.build();
    }

    private static JsonObject.Builder put(JsonObject.Builder json, Access access) {
        return json.with("mode", access.mode()).with("owner", access.owner()).with("group", access.group());
    }

    /// @return empty where it is no state that this program knows
    static Optional<FileState> of(JsonObject json) {
        return switch (json.text("kind").orElse("")) {
            case "absent" ->
                Optional.of(
                        new Absent(json.array("missing").map(JsonArray::texts).orElseGet(List::of)));
            case "file" ->
                access(json)
                        .flatMap(access -> content(json)
                                .map(content -> new Regular(
                                        access,
                                        Instant.parse(json.text("modified").orElseThrow()),
                                        json.integer("bytes").orElseThrow(),
                                        content)));
            case "link" -> json.text("text").map(Link::new);
            case "directory" -> access(json).map(Directory::new);
            case "tree" ->
                access(json)
                        .flatMap(access -> digest(json)
                                .map(listing ->
                                        new Tree(access, json.integer("entries").orElse(0), listing)));
            default -> Optional.empty();
        };
    }

    private static Optional<Access> access(JsonObject json) {
        return json.text("mode")
                .flatMap(mode -> json.text("owner")
                        .flatMap(owner -> json.text("group").map(group -> new Access(mode, owner, group))));
    }

    private static Optional<Content> content(JsonObject json) {
        Optional<Content> text = json.text("text").map(Content.Text::new);
        Optional<Content> base64 = json.text("base64").map(Content.Base64::new);
        return text.or(() -> base64).or(() -> digest(json).map(Content.Digest::new));
    }

    private static Optional<Sha256> digest(JsonObject json) {
        return json.text("sha256").map(hex -> Sha256.parse("sha256:" + hex));
    }
}
