package dev.guardrail.server.corpus;

import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonObject;
import dev.guardrail.server.wiring.Served;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Real files of a directory behind an MCP server, with the tools that the guide's page on undo is about.
public final class FilesUpstream implements AutoCloseable {
    private final Path files;
    private final ShopUpstream server;

    /// Looked at before anything is read or changed, with the params of the call. What it throws as an
    /// [UncheckedIOException] is the tool's error.
    public final AtomicReference<Consumer<JsonObject>> before = new AtomicReference<>(params -> {});

    /// @param files directory that is there
    public FilesUpstream(Path files) throws IOException {
        this.files = files;
        this.server = new ShopUpstream(this::answer);
        server.list(
                ShopUpstream.tool("read_text_file"),
                ShopUpstream.tool("read_multiple_files"),
                ShopUpstream.tool("write_file"),
                ShopUpstream.tool("move_file"),
                ShopUpstream.tool("send_message"));
    }

    /// The policies of the guide that have a word in them.
    public static String policies(String word) throws IOException {
        return Guide.block("yaml", word);
    }

    /// All that the guide shows as YAML, in order.
    public static List<String> blocks() throws IOException {
        return Guide.blocks("yaml");
    }

    public String url() {
        return server.url();
    }

    /// A guard before it, which knows it as `files`.
    ///
    /// @param directory of the guard, which is there
    public Served guarded(Path directory, String policies) throws Exception {
        return Served.before(
                directory, "files: {url: \"" + url() + "\"}", Map.of("undo.yaml", policies), "send_message");
    }

    private JsonObject answer(JsonObject params) {
        JsonObject arguments = params.object("arguments").orElse(JsonObject.EMPTY);
        try {
            before.get().accept(params);
            return ShopUpstream.texts(done(params.text("name").orElseThrow(), arguments));
        } catch (NoSuchFileException missing) {
            return failed("ENOENT: no such file or directory");
        } catch (UncheckedIOException refused) {
            return failed(String.valueOf(refused.getCause().getMessage()));
        } catch (IOException failed) {
            return failed(String.valueOf(failed.getMessage()));
        }
    }

    private String done(String tool, JsonObject arguments) throws IOException {
        return switch (tool) {
            case "read_text_file" -> Files.readString(path(arguments, "path"));
            case "read_multiple_files" ->
                arguments.array("paths").orElseThrow().texts().stream()
                        .map(name -> name + ": " + content(files.resolve(name)))
                        .collect(Collectors.joining("\n---\n"));
            case "write_file" -> {
                Files.writeString(
                        path(arguments, "path"), arguments.text("content").orElseThrow());
                yield "written";
            }
            case "move_file" -> {
                Files.move(
                        path(arguments, "source"), path(arguments, "destination"), StandardCopyOption.REPLACE_EXISTING);
                yield "moved";
            }
            default -> "done";
        };
    }

    private static JsonObject failed(String why) {
        return ShopUpstream.texts(why).set("isError", JsonBoolean.of(true));
    }

    private Path path(JsonObject arguments, String member) {
        return files.resolve(arguments.text(member).orElseThrow());
    }

    private static String content(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException missing) {
            return "Error - ENOENT";
        }
    }

    /// Everything that is there, by name.
    public Map<String, String> state() throws IOException {
        try (var all = Files.list(files)) {
            var state = new TreeMap<String, String>();
            for (Path file : all.toList()) state.put(file.getFileName().toString(), Files.readString(file));
            return state;
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
