package dev.guardrail.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.StrictJson;
import dev.guardrail.server.corpus.FilesUpstream;
import dev.guardrail.server.corpus.ShopUpstream;
import dev.guardrail.server.wiring.Served;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import picocli.CommandLine;

/// `review` of a small configuration, without a running guard and beside one.
@ResourceLock(Resources.SYSTEM_OUT)
final class ReviewSpec {
    private static final String CONFIGURATION = """
            policies: [./policies]
            servers:
              mail: {caller: true}
              workspace: {builtin: workspace, root: ./workspace}
            operators:
              - {name: ann, key: {env: NOBODY_SET_THIS}, roles: [approver], groups: [office]}
            """;
    private static final String POLICIES = """
            apiVersion: guardrail/v1
            kind: Tools
            server: mail
            tools:
              find: {effect: read, taints: [mail]}
              send: {effect: external, labels: [network-write], undo: {cannot: a sent message cannot be unsent}}
            ---
            apiVersion: guardrail/v1
            kind: Tools
            server: workspace
            tools:
              fs_read: {effect: read}
              fs_list: {effect: read}
              fs_write: {effect: write, undo: {by: workspace, target: {path: "${args.path}"}}}
              fs_move: {effect: write}
            ---
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: small}
            rules:
              - {id: reads, match: {tools: [mail.find, workspace.fs_read, workspace.fs_list]}, effect: allow}
              - {id: writes, match: {tools: [workspace.fs_write]}, effect: allow, undo: required}
              - {id: mail, match: {tools: [mail.send]}, when: args.to == "ann", effect: allow}
              - id: other-mail
                match: {tools: [mail.send]}
                when: args.to != "ann"
                effect: require_approval
                approval: {approvers: ["group:office"], required: 2}
              - {id: put-back, match: {tools: ["*.undo:restore"]}, effect: allow}
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path directory;

    private final PrintStream terminal = System.out;
    private final PrintStream errors = System.err;
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @BeforeEach
    void configure() throws IOException {
        Files.createDirectory(directory.resolve("policies"));
        Served.write(directory.resolve("guardrail.yaml"), CONFIGURATION);
        policies(POLICIES);
    }

    private void policies(String text) throws IOException {
        Served.write(directory.resolve("policies/rules.yaml"), text);
    }

    /// Nothing that is a gap: mail waits before it leaves, and one person is asked.
    private void withoutGaps() throws IOException {
        policies(POLICIES.replace("args.to == \"ann\", effect: allow}", "args.to == \"ann\", effect: allow, delay: 2m}")
                .replace(", required: 2", ""));
    }

    private int run(String... words) {
        said.reset();
        try (var out = new PrintStream(said, true, StandardCharsets.UTF_8)) {
            System.setOut(out);
            System.setErr(out);
            return new CommandLine(Guardrail.command()).execute(words);
        } finally {
            System.setOut(terminal);
            System.setErr(errors);
        }
    }

    private String text() {
        return said.toString(StandardCharsets.UTF_8).replace(directory.toString(), "");
    }

    private int review(String... more) {
        String config = directory.resolve("guardrail.yaml").toString();
        return run(Stream.concat(Stream.of("review", "--config", config), Arrays.stream(more))
                .toArray(String[]::new));
    }

    @Test
    void a_small_configuration_is_reviewed_to_the_letter() {
        assertEquals(1, review());

        assertEquals("""
                tool                  does                      runs     undo                                    asks               rules
                mail.find             read [taints mail]        free                                                                allow reads
                mail.send             external [network-write]  depends  none (a sent message cannot be unsent)  2 of group:office  require_approval other-mail?, allow mail?
                workspace.fs_delete   unknown                   never    none (nobody says how)                                     none: denied by default
                workspace.fs_list     read                      free                                                                allow reads
                workspace.fs_move     write                     never    none (nobody says how)                                     none: denied by default
                workspace.fs_read     read                      free                                                                allow reads
                workspace.fs_write    write                     free     exact (by workspace.undo:restore)                          allow writes [undo: required]
                workspace.shell_exec  unknown                   never    none (nobody says how)                                     none: denied by default

                `?` after a rule: it is about some calls only, by its condition or by who calls.

                ! unasked-irreversible  mail.send: may change something, runs with nobody asked (mail), and cannot be taken back: a sent message cannot be unsent
                ! nobody-approves  other-mail: holds calls that nobody can approve: of the operators, too few are group:office (/policies/rules.yaml:24)
                8 tools: 3 never, 0 asked, 1 depends, 4 free. 2 gaps.
                """, text());
    }

    @Test
    void without_gaps_it_ends_with_0() throws IOException {
        withoutGaps();

        assertEquals(0, review(), this::text);
        assertTrue(text().contains("No gaps."), text());
    }

    @Test
    void programs_read_it_as_json() {
        assertEquals(1, review("--json"));

        var json = (JsonObject) StrictJson.parse(said.toByteArray());
        var send = json.array("tools").orElseThrow().objects().stream()
                .filter(tool -> tool.text("tool").orElse("").equals("mail.send"))
                .findFirst()
                .orElseThrow();
        String position = directory.resolve("policies/rules.yaml").toString();
        assertEquals(
                "{\"tool\":\"mail.send\",\"effect\":\"external\",\"described\":true,\"labels\":[\"network-write\"],"
                        + "\"taints\":[],\"runs\":\"depends\",\"undo\":\"none\",\"undoneBy\":[],\"rules\":["
                        + "{\"id\":\"other-mail\",\"effect\":\"require_approval\",\"conditional\":true,\"shadow\":false,"
                        + "\"position\":\"" + position
                        + ":24\",\"duties\":[],\"approvers\":[\"group:office\"],\"required\":2},"
                        + "{\"id\":\"mail\",\"effect\":\"allow\",\"conditional\":true,\"shadow\":false,"
                        + "\"position\":\"" + position + ":23\",\"duties\":[]}],"
                        + "\"undoWhy\":\"a sent message cannot be unsent\"}",
                send.toString());
        assertEquals(
                List.of("unasked-irreversible mail.send", "nobody-approves other-mail"),
                json.array("gaps").orElseThrow().objects().stream()
                        .map(gap -> gap.text("code").orElseThrow() + " "
                                + gap.text("about").orElseThrow())
                        .toList());
        assertEquals("[]", json.array("notes").orElseThrow().toString());
    }

    /// A guard before a server whose `send_message` nobody describes.
    private Served guarded(FilesUpstream upstream) throws Exception {
        return upstream.guarded(
                Files.createDirectory(directory.resolve("guard")),
                FilesUpstream.blocks()
                        .getFirst()
                        .replaceAll("  send_message:\n    effect: external\n    undo: .*\n", ""));
    }

    @Test
    void what_servers_have_is_read_where_a_guard_pinned_it() throws Exception {
        Files.createDirectory(directory.resolve("files"));
        try (var upstream = new FilesUpstream(directory.resolve("files"));
                var served = guarded(upstream)) {
            String config = served.directory.resolve("guardrail.yaml").toString();
            Files.writeString(directory.resolve("root"), Served.ROOT + "\n");
            var live = List.of(
                    "--url",
                    served.sidecar.url().toString(),
                    "--key-file",
                    directory.resolve("root").toString());

            assertEquals(1, run("review", "--config", config));
            String atRest = text();
            var words = new ArrayList<>(List.of("review", "--config", config));
            words.addAll(live);
            assertEquals(1, run(words.toArray(String[]::new)));

            assertEquals(atRest, text());
            assertTrue(atRest.contains("! effect-unknown  files.send_message: "), atRest);
            assertTrue(atRest.contains("exact (by files.move_file, files.write_file)"), atRest);

            Path file = directory.resolve("tools.json");
            words = new ArrayList<>(List.of("tools", "pull", "--output", file.toString()));
            words.addAll(live);
            assertEquals(0, run(words.toArray(String[]::new)), this::text);
            assertEquals(1, run("review", "--config", config, "--tools", file.toString()));
            assertEquals(atRest, text());
        }
    }

    @Test
    void what_cannot_be_reviewed_is_said_and_ends_with_2() throws IOException {
        assertEquals(2, run("review", directory.resolve("nothing").toString()));
        assertTrue(text().contains("there is no `/nothing`"), text());

        assertEquals(
                2, run("review", "--config", directory.resolve("nothing.yaml").toString()));

        policies("apiVersion: guardrail/v1\nkind: Policy\nrules: 7\n");
        assertEquals(2, review());
        assertTrue(text().contains("mend them and review again"), text());
    }

    @Test
    void without_a_configuration_the_policies_alone_are_reviewed() throws IOException {
        withoutGaps();

        assertEquals(0, run("review", directory.resolve("policies").toString()), this::text);
        assertTrue(text().contains("workspace.fs_write"), text());
    }

    @Test
    void the_starter_policy_has_no_gaps() {
        assertEquals(0, run("review", "../policies/starter"), this::text);
        assertTrue(text().contains("No gaps."), text());
    }

    @Test
    void what_waits_for_an_operator_is_noted() throws Exception {
        String rules = "apiVersion: guardrail/v1\nkind: Policy\nmetadata: {name: p}\nrules:\n"
                + "  - {id: all, match: {tools: [shop.*]}, effect: require_approval}\n";
        try (var shop = new ShopUpstream()) {
            shop.list(
                    ShopUpstream.tool("buy"),
                    ShopUpstream.tool("sell").set("description", new JsonText("Sells.\u202E")));
            try (var served = Served.before(
                    Files.createDirectory(directory.resolve("guard")),
                    "shop: {url: \"" + shop.url() + "\"}",
                    Map.of("rules.yaml", rules),
                    "shop.sell")) {
                assertEquals(
                        1,
                        run(
                                "review",
                                "--config",
                                served.directory.resolve("guardrail.yaml").toString()));
            }
        }

        assertTrue(text().contains("shop.buy"), text());
        assertTrue(
                text().contains("note: `shop.sell` is denied until somebody accepts its definition:"
                        + " ./guardrail tools show shop.sell"),
                text());
    }
}
