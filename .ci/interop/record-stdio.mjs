// Stands between the guard and an MCP server on stdio, and notes each `tools/call` that the server receives:
// node record-stdio.mjs NOTES COMMAND ARGUMENT...
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [notes, command, ...args] = process.argv.slice(2);
const server = spawn(command, args, { stdio: ['pipe', 'inherit', 'inherit'] });

createInterface({ input: process.stdin }).on('line', line => {
  const message = JSON.parse(line);
  if (message.method === 'tools/call') appendFileSync(notes, JSON.stringify({ server: 'files', ...message.params }) + '\n');
  server.stdin.write(line + '\n');
}).on('close', () => server.stdin.end());

server.on('exit', code => process.exit(code ?? 1));
process.on('SIGTERM', () => server.kill());
