package dev.guardrail.server.bench;

/// Workload W1 for the running sidecar: ten rules a tool, every fifth forbids, one role for the one agent's calls.
final class W1Yaml {
    private W1Yaml() {}

    static String policy(int rules) {
        int tools = Math.max(1, rules / 10);
        var text = new StringBuilder("apiVersion: guardrail/v1\nkind: Policy\nmetadata: {name: w1}\nrules:\n");
        for (int i = 0; i < rules; i++) {
            int k = i / tools;
            boolean deny = k % 5 == 4;
            text.append("  - {id: r")
                    .append(i)
                    .append(", match: {tools: [w1.tool_")
                    .append(i % tools)
                    .append("], roles: [role_")
                    .append(deny ? k % 2 : k % 5)
                    .append("]}, effect: ")
                    .append(deny ? "deny" : "allow")
                    .append(", when: 'args.env == \"")
                    .append(k < 5 ? "prod" : "staging")
                    .append("\" && args.amount >= ")
                    .append(deny ? 150 : 0)
                    .append(" && args.amount <= ")
                    .append(deny ? 99_999 : 100 * (k + 1))
                    .append(" && args.dry_run == false'}\n");
        }
        text.append("---\napiVersion: guardrail/v1\nkind: Tools\nserver: w1\ntools:\n");
        for (int i = 0; i < tools; i++)
            text.append("  tool_")
                    .append(i)
                    .append(
                            ": {effect: external, inputSchema: {type: object, properties: {env: {type: string}, amount: {type: integer},"
                                    + " dry_run: {type: boolean}, path: {type: string}, note: {type: string}}}}\n");
        return text.toString();
    }

    static String call(int rules, long number) {
        int tools = Math.max(1, rules / 10);
        return "{\"tool\":\"w1.tool_" + number % tools + "\",\"arguments\":{\"env\":\"prod\",\"amount\":" + number % 400
                + ",\"dry_run\":false,\"path\":\"/data/p" + number
                + "/x.csv\",\"note\":\"monthly export of the ledger\"}}";
    }
}
