// The guard under test: started with a configuration of its own, asked over its HTTP interface.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { within } from './wait.mjs';

const variable = name => `KEY_${name.toUpperCase().replaceAll('-', '_')}`;

export class Guard {
  constructor(launcher, directory, agents) {
    this.launcher = launcher;
    this.directory = directory;
    this.agents = agents;
    this.keys = Object.fromEntries([...agents, 'ann', 'sam'].map(name => [name, 'grd_' + randomBytes(32).toString('base64url')]));
  }

  async start({ files, everything, workspace, policies }) {
    mkdirSync(this.directory, { mode: 0o755 });
    const env = name => `{env: ${variable(name)}}`;
    this.write('guardrail.yaml', `
listen: 127.0.0.1:0
data: ./data
policies: [${JSON.stringify(policies)}]
servers:
  files: {command: ${JSON.stringify(files)}, root: ${JSON.stringify(workspace)}}
  everything: {url: ${JSON.stringify(everything)}}
agents:
${this.agents.map(name => `  - {name: ${name}, key: ${env(name)}}`).join('\n')}
operators:
  - {name: ann, key: ${env('ann')}, roles: [approver]}
  - {name: sam, key: ${env('sam')}, roles: [auditor]}
approvals: {hold: 4s}
`);
    await this.run();
  }

  /// Starts what was configured.
  async run() {
    const environment = { ...process.env };
    for (const [name, key] of Object.entries(this.keys)) environment[variable(name)] = key;
    this.process = spawn(this.launcher, ['serve', '--config', `${this.directory}/guardrail.yaml`],
      { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
    this.ended = once(this.process, 'exit');
    this.url = await within(120, 'the guard to be ready', new Promise((resolve, reject) => {
      this.process.on('exit', code => reject(new Error(`the guard ended with ${code}`)));
      createInterface({ input: this.process.stdout }).on('line', line => {
        console.log(`guard: ${line}`);
        const ready = /ready at (\S+)/.exec(line);
        if (ready) resolve(ready[1].replace(/\/$/, ''));
      });
    }));
  }

  write(name, text) {
    writeFileSync(`${this.directory}/${name}`, text);
    chmodSync(`${this.directory}/${name}`, 0o600);
  }

  async ask(who, method, path, body) {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.keys[who]}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text;
  }

  /// The pending approval of an agent's call, as soon as there is one.
  async pending(agent, tool) {
    const deadline = Date.now() + 30_000;
    while (Date.now() < deadline) {
      const { items } = JSON.parse(await this.ask('ann', 'GET', '/v1/approvals?state=pending'));
      const found = items.find(item => item.agent === agent && item.tool === tool);
      if (found) return found;
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    throw new Error(`no approval of ${agent}'s ${tool} is pending`);
  }

  /// Waits until nobody can vote on an approval any more.
  async gone(id) {
    const deadline = Date.now() + 30_000;
    while (Date.now() < deadline) {
      const { items } = JSON.parse(await this.ask('ann', 'GET', '/v1/approvals?state=pending'));
      if (!items.some(item => item.id === id)) return;
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    throw new Error(`${id} is still pending`);
  }

  async vote(how, agent, tool, reason) {
    const approval = await this.pending(agent, tool);
    await this.ask('ann', 'POST', `/v1/approvals/${approval.id}/${how}`, { argumentsDigest: approval.argumentsDigest, reason });
  }

  /// Every entry of the journal.
  async entries() {
    const text = await this.ask('sam', 'GET', '/v1/audit/export?format=jsonl');
    return text.split('\n').filter(line => line.trim()).map(line => JSON.parse(line)).map(line => line.entry ?? line);
  }

  async stop() {
    if (!this.process || this.process.exitCode !== null) return;
    this.process.kill('SIGTERM');
    await within(60, 'the guard to end', this.ended);
  }
}
