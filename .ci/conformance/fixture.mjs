// An MCP server of both revisions on one endpoint, for the conformance suite: node fixture.mjs PORT RECEIPTS
// Each `tools/call` that reaches it, in whatever condition, is noted as a line in RECEIPTS.
import { randomBytes, randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { localhostHostValidation, localhostOriginValidation, NodeStreamableHTTPServerTransport, toNodeHandler, toWebRequest } from '@modelcontextprotocol/node';
import { createMcpHandler, createRequestStateCodec, isLegacyRequest } from '@modelcontextprotocol/server';
import { surface } from './surface.mjs';

const [port, receipts] = process.argv.slice(2);
const state = createRequestStateCodec({ key: randomBytes(32) });
const sessions = new Map();

const changed = {
  tools() {
    stateless.notify.toolsChanged();
    for (const { server } of sessions.values()) server.sendToolListChanged();
  },
  prompts() {
    stateless.notify.promptsChanged();
    for (const { server } of sessions.values()) server.sendPromptListChanged();
  },
};

const stateless = createMcpHandler(() => surface(changed, state), { legacy: 'reject' });
const modern = toNodeHandler(stateless);
const [hostIsLocal, originIsLocal] = [localhostHostValidation(), localhostOriginValidation()];

createServer(async (incoming, outgoing) => {
  if (!hostIsLocal(incoming, outgoing) || !originIsLocal(incoming, outgoing)) return;
  const body = incoming.method === 'POST' ? await read(incoming) : undefined;
  if (body?.method === 'tools/call') note(body);
  await (await isLegacyRequest(await toWebRequest(incoming, body), body) ? legacy : modern)(incoming, outgoing, body);
}).listen(Number(port), '127.0.0.1', () => console.log('listening'));

async function read(incoming) {
  const chunks = await Array.fromAsync(incoming);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return null;
  }
}

function note({ method, params }) {
  appendFileSync(receipts, JSON.stringify({ method, name: params?.name }) + '\n');
}

/// The stateful revision: a server and a transport for each session, until it is deleted.
async function legacy(incoming, outgoing, body) {
  const id = incoming.headers['mcp-session-id'];
  let session = sessions.get(id);
  if (!session && id === undefined && body?.method === 'initialize') session = await open();
  if (!session) {
    const [status, code, message] = id === undefined ? [400, -32000, 'No session'] : [404, -32001, 'Session not found'];
    outgoing.writeHead(status, { 'content-type': 'application/json' });
    outgoing.end(JSON.stringify({ jsonrpc: '2.0', id: body?.id ?? null, error: { code, message } }));
    return;
  }
  await session.transport.handleRequest(incoming, outgoing, body);
}

async function open() {
  const server = surface(changed, state);
  const transport = new NodeStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    eventStore: new Events(),
    retryInterval: 500,
    onsessioninitialized: id => sessions.set(id, { server, transport }),
    onsessionclosed: id => sessions.delete(id),
  });
  await server.connect(transport);
  return { server, transport };
}

/// The events of one session, kept to be sent again.
class Events {
  #events = [];

  async storeEvent(streamId, message) {
    this.#events.push({ streamId, message });
    return `event-${this.#events.length}`;
  }

  async getStreamIdForEventId(eventId) {
    return this.#at(eventId)?.streamId;
  }

  async replayEventsAfter(lastEventId, { send }) {
    const { streamId } = this.#at(lastEventId) ?? {};
    for (let n = position(lastEventId); n < this.#events.length; n++) {
      const { streamId: stream, message } = this.#events[n];
      // A stream begins with an event without a message, only to give it an id.
      if (stream === streamId && Object.keys(message).length > 0) await send(`event-${n + 1}`, message);
    }
    return streamId;
  }

  #at(eventId) {
    return this.#events[position(eventId) - 1];
  }
}

function position(eventId) {
  return Number(/^event-(\d+)$/.exec(eventId)?.[1] ?? 0);
}
