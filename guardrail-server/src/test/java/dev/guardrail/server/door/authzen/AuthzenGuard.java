package dev.guardrail.server.door.authzen;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.wiring.Clocks;
import dev.guardrail.server.wiring.Served;
import dev.guardrail.server.wiring.TlsCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/// A whole guard with the certification's fixture, and documents that people have a say on, by a clock that can be
/// put forward. Two applications enforce what it decides, both for the agent `bot`; another agent, `coder`, comes with
/// a key of its own.
final class AuthzenGuard implements AutoCloseable {
    /// The eight decisions of the scenario, as an ordinary policy.
    static final String RECORDS = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: records, owner: platform}
            rules:
              - id: alice-and-bob-read
                match: {tools: [record.read], users: [alice, bob]}
                effect: allow
              - id: alice-writes-what-is-not-archived
                match: {tools: [record.write], users: [alice]}
                when: '!has(args.resource) || !has(args.resource.status) || args.resource.status != "archived"'
                effect: allow
              - id: admins-write
                match: {tools: [record.write], users: [alice, bob]}
                when: has(args.subject) && has(args.subject.role) && args.subject.role == "admin"
                effect: allow
              - id: alice-deletes-softly
                match: {tools: [record.delete], users: [alice]}
                when: has(args.action) && has(args.action.soft) && args.action.soft == true
                effect: allow
            ---
            apiVersion: guardrail/v1
            kind: Tools
            server: record
            tools:
              read: {effect: read, inputSchema: &entity {type: object, properties: {id: {type: string}, resource: {type: object}, action: {type: object}, subject: {type: object}, context: {type: object}}, required: [id]}}
              write: {effect: write, inputSchema: *entity}
              delete: {effect: destructive, inputSchema: *entity}
            """;

    static final String DOCUMENTS = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: documents, owner: platform}
            rules:
              - {id: open, match: {tools: [doc.open]}, effect: allow}
              - {id: people-publish, match: {tools: [doc.publish]}, effect: require_approval, approval: {expiresAfter: 1h}}
              - {id: nobody-burns, match: {tools: [doc.burn]}, effect: deny, message: Nothing is burnt.}
              - {id: which-office, match: {tools: [doc.file]}, effect: clarify, ask: Which office is it for?}
              - id: cap-print
                match: {tools: [doc.print]}
                when: has(args.action) && args.action.copies > 10
                effect: modify
                set: {args.action: '{"copies": 10}'}
              - {id: print, match: {tools: [doc.print]}, effect: allow}
            ---
            apiVersion: guardrail/v1
            kind: Tools
            server: doc
            tools:
              open: {effect: read, inputSchema: {type: object}}
              publish: {effect: external, inputSchema: {type: object}}
              burn: {effect: destructive, inputSchema: {type: object}}
              file: {effect: write, inputSchema: {type: object}}
              print: {effect: write, inputSchema: {type: object, properties: {id: {type: string}, action: {type: object, properties: {copies: {type: integer}}}}}}
            """;

    private static final String CONFIGURATION = """
            listen: 127.0.0.1:0
            data: ./data
            policies: [./policies]
            servers:
              record: {caller: true}
              doc: {caller: true}
            agents:
              - {name: coder, key: {env: CODER}}
            hosts:
              - {name: app, key: {env: APP}, agents: [bot]}
              - {name: rival, key: {env: OTHER}, agents: [bot]}
            origins: ["https://pdp.example"]
            operators:
              - {name: ann, key: {env: ANN}, roles: [approver]}
              - {name: sam, key: {env: SAM}, roles: [auditor]}
              - {name: root, key: {env: ROOT}, roles: [admin]}
            """;

    static final String PEP = Served.APP;
    static final String RIVAL = Served.OTHER;

    final Served served;
    private final AtomicLong ahead;
    private final Path directory;

    private AuthzenGuard(Path directory, Served served, AtomicLong ahead) {
        this.directory = directory;
        this.served = served;
        this.ahead = ahead;
    }

    static AuthzenGuard in(Path directory) throws Exception {
        return in(directory, CONFIGURATION);
    }

    /// Reached over HTTPS alone.
    static AuthzenGuard overTls(Path directory) throws Exception {
        TlsCertificate.in(directory);
        return in(directory, CONFIGURATION + TlsCertificate.CONFIGURATION);
    }

    private static AuthzenGuard in(Path directory, String configuration) throws Exception {
        Served.write(directory.resolve("guardrail.yaml"), configuration);
        Files.createDirectory(directory.resolve("policies"));
        Served.write(directory.resolve("policies/records.yaml"), RECORDS);
        Served.write(directory.resolve("policies/documents.yaml"), DOCUMENTS);
        var ahead = new AtomicLong();
        Clock system = Clock.systemUTC();
        var clocks = new Clocks(
                () -> system.instant().plusNanos(ahead.get()),
                () -> System.nanoTime() + ahead.get(),
                new SecureRandom());
        return new AuthzenGuard(directory, Served.in(directory, clocks), ahead);
    }

    /// Puts the clocks forward, and ends what is over by then.
    void pass(Duration time) {
        ahead.addAndGet(time.toNanos());
        served.expireDue();
    }

    Instant now() {
        return Clock.systemUTC().instant().plusNanos(ahead.get());
    }

    /// Replaces the rules on documents whole, as editors do, and waits until they are in force.
    ///
    /// @param there true once they are
    void documents(String text, BooleanSupplier there) throws IOException {
        Path fresh = directory.resolve("documents.new");
        Served.write(fresh, text);
        Files.move(fresh, directory.resolve("policies/documents.yaml"), StandardCopyOption.ATOMIC_MOVE);
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!there.getAsBoolean()) {
            if (System.nanoTime() > end) throw new AssertionError("the rules were not read");
            Thread.onSpinWait();
        }
    }

    Served.Answer evaluate(String body) {
        return evaluate(PEP, body);
    }

    Served.Answer evaluate(String key, String body) {
        return served.post(key, "/access/v1/evaluation", body);
    }

    Served.Answer evaluations(String body) {
        return served.post(PEP, "/access/v1/evaluations", body);
    }

    Served.Answer request(String key, String body) {
        return served.post(key, "/access/v1/requests", body);
    }

    Served.Answer task(String key, String id) {
        return served.get(key, "/access/v1/requests/" + id);
    }

    /// Agrees as an operator does, having looked at what is held.
    void approve(String ticket) {
        var shown = served.get(Served.ANN, "/v1/approvals/" + ticket);
        var answer = served.send(
                Served.ANN,
                "POST",
                "/v1/approvals/" + ticket + "/approve",
                "{\"argumentsDigest\":\"" + shown.text("argumentsDigest") + "\"}",
                Map.of());
        if (answer.status() != 200) throw new AssertionError(answer.text());
    }

    static JsonObject context(Served.Answer answer) {
        return answer.json().object("context").orElseThrow(() -> new AssertionError(answer.text()));
    }

    static boolean decision(Served.Answer answer) {
        if (answer.status() != 200) throw new AssertionError(answer.status() + " " + answer.text());
        return answer.json().isTrue("decision");
    }

    @Override
    public void close() throws IOException {
        served.close();
    }
}
