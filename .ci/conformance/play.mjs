// What a client does in a scenario of the conformance suite, whichever SDK it is of. The suite says which scenario in
// MCP_CONFORMANCE_SCENARIO, what is needed for it in MCP_CONFORMANCE_CONTEXT, and the server's URL as the last argument.
// Where CONFORMANCE_GUARD says so, the client goes through the guard instead: it asks there for a server of the guard's
// that leads to that URL.
import { Wallet } from './wallet.mjs';

const scenario = process.env.MCP_CONFORMANCE_SCENARIO;
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}');
const capabilities = { elicitation: { form: { applyDefaults: true } } };
const ATTEMPTS = 3;

const SCENARIOS = {
  async 'http-standard-headers'(client) {
    await callAll(client);
    for (const { uri } of (await client.listResources()).resources) await client.readResource({ uri });
    for (const { name } of (await client.listPrompts()).prompts) await client.getPrompt({ name });
  },
  async 'http-custom-headers'(client) {
    await client.listTools();
    for (const call of context.toolCalls) await client.callTool(call);
  },
  async 'sep-2322-client-request-state'(client) {
    const { tools } = await client.listTools();
    const answers = await Promise.allSettled(tools.map(({ name }) => client.callTool({ name, arguments: {} })));
    for (const { reason } of answers) if (reason) throw reason;
  },
  async 'json-schema-2020-12-preservation'(client) {
    const { tools } = await client.listTools();
    const { inputSchema: schema } = tools.find(tool => tool.name === 'json_schema_2020_12_tool');
    await client.callTool({ name: 'json_schema_echo', arguments: { schema } });
  },
  'json-schema-ref-no-deref': client => client.listTools(),
  initialize: client => client.listTools(),
};

/// Lists the tools and calls each of them.
async function callAll(client, authorized = work => work()) {
  const { tools } = await authorized(() => client.listTools());
  for (const { name, inputSchema } of tools)
    await authorized(() => client.callTool({ name, arguments: sample(inputSchema) }));
}

function sample({ properties = {} }) {
  const values = { string: 'text', number: 2, integer: 3, boolean: true, array: [], object: {}, null: null };
  return Object.fromEntries(Object.entries(properties).map(([name, { type }]) => [name, values[type] ?? 'text']));
}

/// @param sdk `client`, `transport` and `finish` of an SDK, and its providers of OAuth tokens
export async function play(sdk) {
  const url = new URL(await address(process.argv.at(-1)));
  const authProvider = scenario.startsWith('auth/') ? wallet(sdk) : undefined;
  let client;
  let transport;
  const authorized = async work => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (refused) {
        if (!(refused instanceof sdk.UnauthorizedError) || !authProvider?.callback || attempt === ATTEMPTS) throw refused;
        await sdk.finish(transport, authProvider.callback);
        authProvider.callback = undefined;
      }
    }
  };
  await authorized(async () => {
    client = sdk.client(capabilities, () => ({ action: 'accept', content: scenario.startsWith('sep-2322') ? { confirmed: true } : {} }));
    transport = sdk.transport(url, authProvider ? { authProvider } : {});
    await client.connect(transport);
  });
  await (SCENARIOS[scenario] ?? callAll)(client, authorized);
  await client.close();
}

function wallet({ ClientCredentialsProvider, PrivateKeyJwtProvider }) {
  const { client_id: clientId, client_secret: clientSecret, private_key_pem: privateKey, signing_algorithm: algorithm } = context;
  switch (scenario) {
    case 'auth/client-credentials-basic': return new ClientCredentialsProvider({ clientId, clientSecret });
    case 'auth/client-credentials-jwt': return new PrivateKeyJwtProvider({ clientId, privateKey, algorithm });
    default: return new Wallet(context);
  }
}

async function address(url) {
  const guard = process.env.CONFORMANCE_GUARD;
  if (!guard) return url;
  const answer = await fetch(guard, { method: 'POST', body: JSON.stringify({ scenario, url }) });
  if (!answer.ok) throw new Error(`no way through the guard: ${answer.status} ${await answer.text()}`);
  return answer.text();
}
