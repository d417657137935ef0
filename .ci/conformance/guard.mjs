// The guard under test: allows everything, and is asked for its journal.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { within } from './wait.mjs';

export class Guard {
  /// @param log a file for what it says about itself
  constructor(launcher, directory, log) {
    this.launcher = launcher;
    this.directory = directory;
    this.log = log;
    this.key = newKey();
    this.auditorKey = newKey();
  }

  /// @param servers URLs of MCP servers by the names under which the guard offers them
  async start(servers, policies) {
    mkdirSync(this.directory, { mode: 0o755 });
    const file = `${this.directory}/guardrail.yaml`;
    writeFileSync(file, `
listen: 127.0.0.1:0
data: ./data
policies: [${JSON.stringify(policies)}]
servers:
${Object.entries(servers).map(([name, url]) => `  ${name}: {url: ${JSON.stringify(url)}}`).join('\n')}
agents:
  - {name: suite, key: {env: KEY_SUITE}}
operators:
  - {name: sam, key: {env: KEY_SAM}, roles: [auditor]}
`);
    chmodSync(file, 0o600);
    this.process = spawn(this.launcher, ['serve', '--config', file], {
      env: { ...process.env, KEY_SUITE: this.key, KEY_SAM: this.auditorKey }, stdio: ['ignore', 'pipe', openSync(this.log, 'w')],
    });
    this.ended = once(this.process, 'exit');
    this.url = await within(120, 'the guard to be ready', new Promise((resolve, reject) => {
      this.process.on('exit', code => reject(new Error(`the guard ended with ${code}\n${readFileSync(this.log, 'utf8')}`)));
      createInterface({ input: this.process.stdout }).on('line', line => {
        console.log(`guard: ${line}`);
        const ready = /ready at (\S+)/.exec(line);
        if (ready) resolve(ready[1].replace(/\/$/, ''));
      });
    }));
  }

  async stop() {
    if (!this.process || this.process.exitCode !== null) return;
    this.process.kill('SIGTERM');
    await within(60, 'the guard to end', this.ended);
  }
}

/// Every entry of a guard's journal.
export async function journal(url, auditorKey) {
  const response = await fetch(`${url}/v1/audit/export?format=jsonl`, { headers: { authorization: `Bearer ${auditorKey}` } });
  const text = await response.text();
  if (!response.ok) throw new Error(`the journal: ${response.status} ${text}`);
  return text.split('\n').filter(line => line.trim()).map(line => JSON.parse(line)).map(line => line.entry ?? line);
}

/// Waits until a server's tools are known to the guard: they are pinned when the server is first listed.
export async function listed(url, key, server) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const post = (method, params, id = 1) => fetch(`${url}/mcp/${server}`, {
    method: 'POST', headers, body: JSON.stringify({ jsonrpc: '2.0', ...(id ? { id } : {}), method, params }),
  });
  const greeting = await post('initialize', {
    protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'conformance', version: '1' },
  });
  await greeting.text();
  headers['mcp-session-id'] = greeting.headers.get('mcp-session-id');
  headers['mcp-protocol-version'] = '2025-11-25';
  await (await post('notifications/initialized', {}, 0)).text();
  for (let attempt = 0; attempt < 100; attempt++) {
    const text = await (await post('tools/list', {})).text();
    if (/"name":/.test(text)) {
      await fetch(`${url}/mcp/${server}`, { method: 'DELETE', headers });
      return;
    }
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  throw new Error(`no tool of ${server} is listed`);
}

function newKey() {
  return 'grd_' + randomBytes(32).toString('base64url');
}
