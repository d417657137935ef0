// Drives a client by lines of JSON: `{"op":"list"}`, `{"op":"call","tool":…,"args":…,"progress":true}`; each is
// answered by one line: what the client was given, how many progress notifications came, or the error it threw.
import { createInterface } from 'node:readline';

export async function drive(connect) {
  const client = await connect(process.env.MCP_URL, process.env.MCP_KEY);
  say({ ready: true });
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      say(await act(client, JSON.parse(line)));
    } catch (error) {
      say({ error: String(error?.message ?? error) });
    }
  }
  await client.close();
}

async function act(client, command) {
  if (command.op === 'list') return { tools: (await client.list()).tools.map(tool => tool.name) };
  let progress = 0;
  const options = command.progress ? { onprogress: () => progress++, resetTimeoutOnProgress: true } : {};
  const result = await client.call({ name: command.tool, arguments: command.args }, options);
  return { result, progress };
}

function say(answer) {
  process.stdout.write(JSON.stringify(answer) + '\n');
}
