// What stands on both sides of the clients: two unmodified servers behind recorders, the guard before them, and a
// workspace; at the end, what the servers received is held against the journal.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Guard } from './guard.mjs';

const here = import.meta.dirname;
const server = name =>
  join(dirname(createRequire(import.meta.url).resolve(`@modelcontextprotocol/${name}/package.json`)), 'dist', 'index.js');

export class Site {
  constructor(launcher, agents) {
    this.scratch = realpathSync(mkdtempSync(join(tmpdir(), 'interop-')));
    this.workspace = join(this.scratch, 'workspace');
    this.notes = join(this.scratch, 'received.jsonl');
    this.children = [];
    this.guard = new Guard(launcher, join(this.scratch, 'guard'), agents);
  }

  async start() {
    mkdirSync(join(this.workspace, '.git'), { recursive: true });
    writeFileSync(join(this.workspace, 'hello.txt'), 'hello, world');
    writeFileSync(this.notes, '');
    const [behind, before] = [await freePort(), await freePort()];
    this.run([server('server-everything'), 'streamableHttp'], { PORT: String(behind) });
    this.run([join(here, 'record-http.mjs'), this.notes, String(before), String(behind)]);
    await Promise.all([listening(behind), listening(before)]);
    const node = process.execPath;
    await this.guard.start({
      files: [node, join(here, 'record-stdio.mjs'), this.notes, node, server('server-filesystem'), this.workspace],
      everything: `http://127.0.0.1:${before}/mcp`,
      workspace: this.workspace,
      policies: join(here, 'policies'),
    });
  }

  run(args, env = {}) {
    const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit'] });
    this.children.push(child);
  }

  /// For each call that a server received: one permitting decision and one outcome, both of one call, and no others.
  async compare(expected) {
    const received = readFileSync(this.notes, 'utf8').split('\n').filter(Boolean).map(line => JSON.parse(line));
    const entries = await this.guard.entries();
    const guardRun = entries.filter(entry => entry.kind === 'decided' && entry.status === 'running');
    const outcomes = entries.filter(entry => entry.kind === 'executed' && ['succeeded', 'failed', 'in_doubt'].includes(entry.status));
    const calls = list => list.map(entry => entry.call).sort();
    assert.equal(received.length, expected, 'the servers received what the clients had permitted');
    assert.equal(new Set(calls(guardRun)).size, guardRun.length, 'no call is permitted twice');
    assert.equal(new Set(calls(outcomes)).size, outcomes.length, 'no call has two outcomes');
    assert.deepEqual(calls(outcomes), calls(guardRun), 'every permitted call has an outcome');
    const tools = count(received.map(call => `${call.server}.${call.name}`));
    assert.deepEqual(count(guardRun.map(entry => entry.tool)), tools, 'the journal permitted what the servers received');
    console.log(`ok: ${received.length} calls received, ${guardRun.length} permitted, ${outcomes.length} outcomes, by tool:`);
    console.log(tools);
  }

  /// Ends everything, and keeps the scratch directory where something went wrong.
  async stop() {
    await this.guard.stop().catch(late => {
      console.error(late);
      this.guard.process.kill('SIGKILL');
    });
    for (const child of this.children) child.kill();
    if (!process.exitCode) rmSync(this.scratch, { recursive: true });
  }
}

function count(names) {
  const counts = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort());
}

export async function freePort() {
  const probe = createServer();
  await new Promise(resolve => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise(resolve => probe.close(resolve));
  return port;
}

async function listening(port) {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (await fetch(`http://127.0.0.1:${port}/mcp`).then(() => true, () => false)) return;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  throw new Error(`nothing listens on ${port}`);
}
