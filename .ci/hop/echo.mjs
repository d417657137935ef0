// A minimal MCP server with one tool, so that what stands before it shows: `echo.mjs PORT` over HTTP, without over stdio.
import http from 'node:http';
import readline from 'node:readline';

const tool = { name: 'echo', inputSchema: { type: 'object', properties: { message: { type: 'string' } } } };

function answer(text) {
  const { id, method, params } = JSON.parse(text);
  if (id === undefined) return undefined;
  const result = {
    initialize: () => ({
      protocolVersion: params.protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: 'echo', version: '1' },
    }),
    'tools/list': () => ({ tools: [tool] }),
    'tools/call': () => ({ content: [{ type: 'text', text: params.arguments.message }] }),
  }[method];
  return JSON.stringify(
    result
      ? { jsonrpc: '2.0', id, result: result() }
      : { jsonrpc: '2.0', id, error: { code: -32601, message: `no ${method}` } },
  );
}

const port = Number(process.argv[2]);
if (port) {
  http
    .createServer((request, response) => {
      const parts = [];
      request.on('data', (part) => parts.push(part)).on('end', () => {
        const reply = request.method === 'POST' ? answer(Buffer.concat(parts)) : undefined;
        if (reply === undefined) return response.writeHead(request.method === 'POST' ? 202 : 405).end();
        const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(reply) };
        return response.writeHead(200, headers).end(reply);
      });
    })
    .listen(port, '127.0.0.1');
} else {
  readline.createInterface({ input: process.stdin }).on('line', (line) => {
    const reply = line.trim() ? answer(line) : undefined;
    if (reply !== undefined) process.stdout.write(`${reply}\n`);
  });
}
