// Stands between the guard and an MCP server over HTTP, and notes each `tools/call` that the server receives:
// node record-http.mjs NOTES PORT UPSTREAM_PORT
import { appendFileSync } from 'node:fs';
import { createServer, request } from 'node:http';

const [notes, port, upstream] = process.argv.slice(2);

createServer((incoming, outgoing) => {
  const chunks = [];
  incoming.on('data', chunk => chunks.push(chunk)).on('end', () => {
    const body = Buffer.concat(chunks);
    if (incoming.method === 'POST') note(JSON.parse(body.toString('utf8')));
    const headers = { ...incoming.headers, host: `127.0.0.1:${upstream}` };
    const onward = request({ host: '127.0.0.1', port: upstream, method: incoming.method, path: incoming.url, headers },
      answer => {
        outgoing.writeHead(answer.statusCode, answer.headers);
        outgoing.flushHeaders();
        answer.pipe(outgoing);
        answer.on('error', () => outgoing.destroy());
      });
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    onward.end(body);
  });
}).listen(Number(port), '127.0.0.1', () => console.log('recording'));

function note(message) {
  for (const each of Array.isArray(message) ? message : [message])
    if (each.method === 'tools/call') appendFileSync(notes, JSON.stringify({ server: 'everything', ...each.params }) + '\n');
}
