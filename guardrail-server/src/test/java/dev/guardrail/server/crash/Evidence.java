package dev.guardrail.server.crash;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.base.StrictJson;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Store;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.testing.StoredCalls;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What is found after a crash and a restart, held against what the outside was told and what happened to it.
final class Evidence {
    private static final Set<String> ENDS = Set.of("succeeded", "failed", "denied", "in_doubt", "cancelled");
    private static final Set<String> RIGHTS = Set.of("running", "permitted");

    private final Store store;
    private final Told told;
    private final List<String> effects;
    private final List<String> faults = new ArrayList<>();
    private final List<JsonObject> log = new ArrayList<>();
    private final Map<String, List<JsonObject>> byCall = new HashMap<>();
    private final Map<String, CallRecord> calls = new LinkedHashMap<>();

    private Evidence(Store store, Told told, List<String> effects) throws IOException {
        this.store = store;
        this.told = told;
        this.effects = effects;
        readLog();
        readCalls();
    }

    /// Looks at a guard that was started again. The auditor needs a head for the end of the log, so one is signed.
    ///
    /// @param effects calls whose effect happened, as often as it did
    /// @return one sentence for each promise that was broken
    static List<String> faults(CrashGuard guard, Told told, List<String> effects) throws IOException {
        guard.notary.sign();
        var evidence = new Evidence(guard.store, told, effects);
        evidence.theLogIsWhole();
        evidence.nothingAcknowledgedIsLost();
        evidence.effectsHappenOnceAndAfterTheirIntent();
        evidence.everyCallStandsAsItsLogSays();
        return evidence.faults;
    }

    private void readLog() throws IOException {
        for (byte[] entry : store.read(0, store.size())) {
            var json = (JsonObject) StrictJson.parse(entry);
            log.add(json);
            json.text("call")
                    .ifPresent(call -> byCall.computeIfAbsent(call, id -> new ArrayList<>())
                            .add(json));
        }
    }

    private void readCalls() throws IOException {
        var page = store.find(Kind.CALL, Document.Tags.NONE, "", 1_000);
        while (!page.isEmpty()) {
            page.forEach(document -> calls.put(document.key(), CallRecord.of(document.value())));
            page = store.find(Kind.CALL, Document.Tags.NONE, page.getLast().key(), 1_000);
        }
    }

    private void expect(boolean holds, String fault) {
        if (!holds) faults.add(fault);
    }

    private void theLogIsWhole() throws IOException {
        var entries = store.read(0, store.size());
        var leaves = store.leaves(0, store.size());
        expect(entries.size() == store.size(), "the log of " + store.size() + " has " + entries.size() + " entries");
        expect(leaves.size() == entries.size(), "there are " + leaves.size() + " leaves");
        for (int i = 0; i < Math.min(entries.size(), leaves.size()); i++)
            expect(Sha256.of(new byte[] {0}, entries.get(i)).equals(leaves.get(i)), "leaf " + i + " is another's");
        var report = LogAudit.of(
                new StoredLog(store),
                List.of(CrashGuard.SIGNER.verifier()),
                Optional.of(new StoredCalls(store, CrashGuard.SEAL)),
                read -> {});
        report.fault().ifPresent(fault -> faults.add("verify: " + fault.sentence()));
        expect(told.head() <= store.size(), "a head of " + told.head() + " was shown, the log has " + store.size());
        expect(told.broken().isEmpty(), "calls could not be judged: " + told.broken());
    }

    private void nothingAcknowledgedIsLost() {
        Map<String, String> last = new HashMap<>();
        for (var each : told.acknowledged()) {
            last.put(each.call(), each.status());
            expect(calls.containsKey(each.call()), each.call() + " was acknowledged and is gone");
            if (each.seq() < 0) continue;
            expect(
                    each.seq() < log.size()
                            && log.get((int) each.seq()).text("call").orElse("").equals(each.call()),
                    "entry " + each.seq() + " of " + each.call() + " was acknowledged and is gone");
        }
        last.forEach((id, status) -> {
            var call = calls.get(id);
            if (call != null && ENDS.contains(status))
                expect(
                        call.status().text().equals(status),
                        id + " was acknowledged as " + status + " and is "
                                + call.status().text());
        });
    }

    private void effectsHappenOnceAndAfterTheirIntent() {
        Set<String> seen = new HashSet<>();
        for (String call : effects) {
            expect(seen.add(call), call + " had its effect twice");
            expect(
                    byCall.getOrDefault(call, List.of()).stream()
                            .anyMatch(entry ->
                                    RIGHTS.contains(entry.text("status").orElse("")) && !entry.has("runsAt")),
                    call + " had its effect without a durable intent");
        }
    }

    private void everyCallStandsAsItsLogSays() {
        Set<String> effective = new HashSet<>(effects);
        calls.forEach((id, call) -> {
            String status = call.status().text();
            var entries = byCall.getOrDefault(id, List.of());
            expect(!status.equals("running"), id + " is still running though nobody runs it");
            String latest = entries.stream()
                    .filter(entry -> !entry.text("status").orElse("").isEmpty())
                    .reduce((before, after) -> after)
                    .flatMap(entry -> entry.text("status"))
                    .orElse("nothing");
            expect(latest.equals(status), id + " is " + status + " and its log says " + latest);
            long outcomes = entries.stream()
                    .filter(entry -> entry.text("kind").orElse("").equals("executed"))
                    .count();
            expect(outcomes <= 1, id + " has " + outcomes + " outcomes");
            boolean happened = effective.contains(id);
            if (status.equals("succeeded")) expect(happened, id + " succeeded without its effect");
            if (status.equals("denied")) expect(!happened, id + " was denied and had its effect");
        });
        byCall.keySet().forEach(id -> expect(calls.containsKey(id), id + " is in the log and nowhere else"));
    }
}
