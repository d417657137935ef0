package dev.guardrail.server.cli;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/// A command that asks a running sidecar and prints what it answers.
abstract class Asking implements Callable<Integer> {
    /// Exit code where the sidecar refused or is not there.
    private static final int FAILED = 1;

    private static final int PAGE = 200;

    @Mixin
    private final Reach reach = new Reach();

    @Override
    public final Integer call() {
        try {
            return ask(reach.api());
        } catch (Api.Refused refused) {
            System.err.println("guardrail: " + Screen.safe(String.valueOf(refused.getMessage())));
            return FAILED;
        }
    }

    /// @return the exit code
    abstract int ask(Api api) throws Api.Refused;

    boolean json() {
        return reach.json();
    }

    /// Prints a list as JSON, or as a table of these columns, or says that there is nothing.
    int show(List<JsonObject> items, String nothing, String... columns) {
        if (json()) items.forEach(item -> System.out.println(raw(item)));
        else if (items.isEmpty()) System.out.println(nothing);
        else Screen.table(System.out, Screen.rows(items, columns));
        return 0;
    }

    /// Prints one object.
    int show(JsonObject item) {
        System.out.println(json() ? raw(item) : Screen.pretty(item).strip());
        return 0;
    }

    /// As others may read it without parsing it.
    private static String raw(JsonObject item) {
        return new String(JsonWriter.shown(item), StandardCharsets.UTF_8);
    }

    /// All pages of a list.
    static List<JsonObject> all(Api api, String path) throws Api.Refused {
        var items = new ArrayList<JsonObject>();
        String separator = path.contains("?") ? "&" : "?";
        Optional<String> after = Optional.empty();
        do {
            JsonObject page = api.get(path + separator + "limit=" + PAGE
                    + after.map(cursor -> "&after=" + Api.part(cursor)).orElse(""));
            page.array("items").ifPresent(list -> items.addAll(list.objects()));
            after = page.text("next");
        } while (after.isPresent());
        return items;
    }
}
