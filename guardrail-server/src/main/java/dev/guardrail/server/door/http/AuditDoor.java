package dev.guardrail.server.door.http;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.StrictJson;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.JournalUnavailable;
import dev.guardrail.journal.Notary;
import dev.guardrail.journal.Store;
import dev.guardrail.pipeline.Refusal;
import dev.guardrail.proof.Checkpoint;
import dev.guardrail.proof.MerkleTree;
import dev.guardrail.proof.SignedNote;
import dev.guardrail.proof.TlogProof;
import dev.guardrail.server.door.EntryLines;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import io.micronaut.http.server.types.files.StreamedFile;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `/v1/audit`: the log itself, searched, proven and exported. It holds names and commitments, never arguments.
@Controller("/v1/audit")
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = Notary.class)
final class AuditDoor {
    private static final List<String> FIELDS = List.of("call", "session", "agent", "tool", "effect", "kind");

    private final Store store;
    private final Notary notary;

    AuditDoor(Journal journal, Notary notary) {
        this.store = journal.store();
        this.notary = notary;
    }

    /// Entries that match every term of `q`, newest first.
    @Get("/entries")
    HttpResponse<?> entries(HttpRequest<?> request) {
        return Answers.answered(() -> {
            var query = new Query(request);
            long before = query.after().isEmpty() ? Long.MAX_VALUE : Query.number(query.after(), "after");
            try {
                List<Store.Found> page = store.search(terms(query.text("q").orElse("")), before, query.limit());
                Optional<String> next = page.size() < query.limit()
                        ? Optional.empty()
                        : Optional.of(Long.toString(page.getLast().seq()));
                return Answers.page(page.stream().map(this::json).toList(), next);
            } catch (IOException unreadable) {
                throw new JournalUnavailable(unreadable);
            }
        });
    }

    private JsonObject json(Store.Found found) {
        return JsonObject.with("log", store.log().value())
                .with("seq", found.seq())
                .with("entry", StrictJson.parse(found.bytes()))
                .build();
    }

    private static Store.Query terms(String text) {
        Map<String, String> terms = new HashMap<>();
        for (String term : text.strip().split("\\s+", -1)) {
            if (term.isEmpty()) continue;
            int colon = term.indexOf(':');
            String field = colon < 0 ? term : term.substring(0, colon);
            if (colon < 0 || colon == term.length() - 1 || !FIELDS.contains(field))
                throw new MalformedJson("`q` holds terms such as `tool:files.write_file`, of these fields: "
                        + String.join(", ", FIELDS));
            if (terms.put(field, term.substring(colon + 1)) != null)
                throw new MalformedJson("`" + field + ":` stands in `q` twice; nothing can match both");
        }
        return new Store.Query(
                terms.get("call"),
                terms.get("session"),
                terms.get("agent"),
                terms.get("tool"),
                terms.get("effect"),
                terms.get("kind"));
    }

    /// An offline proof that the entry is in the log (c2sp.org/tlog-proof), under a fresh checkpoint.
    @Get("/entries/{number}/proof")
    HttpResponse<?> proof(HttpRequest<?> request, String number) {
        return Answers.answered(() -> {
            long index = Query.number(number, "number");
            SignedNote head = notary.sign();
            long size = Checkpoint.parse(head.text()).size();
            if (index >= size)
                throw new Refusal(ProblemType.NOT_FOUND, "the log has no entry " + index + " yet; it has " + size);
            try {
                var path = new MerkleTree(store.hashes(), size).inclusion(index).path();
                return Answers.text(new TlogProof(index, path, head).bytes());
            } catch (IOException unreadable) {
                throw new JournalUnavailable(unreadable);
            }
        });
    }

    /// The signed head of all that is durable now (c2sp.org/tlog-checkpoint); with its parts beside it for who asks for
    /// JSON.
    @Get("/checkpoint")
    HttpResponse<?> checkpoint(HttpRequest<?> request) {
        return Answers.answered(() -> {
            SignedNote head = notary.sign();
            if (!takesJson(request)) return Answers.text(head.bytes());
            Checkpoint said = Checkpoint.parse(head.text());
            return Answers.json(
                    200,
                    JsonObject.with("log", store.log().value())
                            .with("origin", said.origin())
                            .with("size", said.size())
                            .with("root", said.root().toString())
                            .with("vkey", notary.verifier().vkey())
                            .with("note", new String(head.bytes(), StandardCharsets.UTF_8))
                            .build());
        });
    }

    private static boolean takesJson(HttpRequest<?> request) {
        return request.accept().stream().anyMatch(type -> type.getName().equals(MediaType.APPLICATION_JSON));
    }

    /// Every entry, oldest first, one line each: exactly the bytes that the log vouches for.
    @Get("/export")
    HttpResponse<?> export(HttpRequest<?> request) {
        return Answers.answered(() -> {
            var query = new Query(request);
            String format = query.text("format").orElse("jsonl");
            switch (format) {
                case "jsonl" -> {}
                case "csv", "ocsf" ->
                    throw new MalformedJson("`format=" + format + "` is known but not carried out by this version");
                default -> throw new MalformedJson("`format` is `jsonl`");
            }
            long from = query.after().isEmpty() ? 0 : Query.number(query.after(), "after") + 1;
            return HttpResponse.ok(new StreamedFile(
                            new EntryLines(store, from, store.size()), MediaType.of("application/x-ndjson")))
                    .header("Cache-Control", "no-store");
        });
    }
}
