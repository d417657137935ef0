// Unmodified clients of three SDKs call two unmodified servers through the guard: listed, allowed, denied, held and
// approved. Then what the servers received is held against the journal: node run.mjs LAUNCHER JAVA
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from './client.mjs';
import { Site } from './site.mjs';

const [launcher, java] = process.argv.slice(2);
const here = import.meta.dirname;
process.env.GUARDRAIL_LAUNCHER = launcher; // for hosts that start the bridge

const COMMANDS = {
  'typescript-1': ['node', join(here, 'client-1.mjs')],
  'typescript-2': ['node', join(here, 'client-2.mjs')],
  'stdio-1': ['node', join(here, 'client-stdio-1.mjs')],
  'stdio-2': ['node', join(here, 'client-stdio-2.mjs')],
  java: [java, '-cp', join(here, 'jars', '*'), join(here, 'client.java')],
};

const AGENTS = Object.keys(COMMANDS);
const site = new Site(launcher, AGENTS);
const { guard, workspace } = site;

async function step(name, work) {
  const begin = Date.now();
  await work();
  console.log(`ok: ${name} (${Date.now() - begin} ms)`);
}

/// The tools are pinned when their server is first listed, shortly after the start.
async function listed(client, tool) {
  for (let attempt = 0; attempt < 100; attempt++) {
    const tools = await client.list();
    if (tools.includes(tool)) return tools;
    await new Promise(resolve => setTimeout(resolve, 200));
  }
  throw new Error(`${tool} is not listed`);
}

async function withFiles(agent, client) {
  const file = name => join(workspace, `${agent}-${name}`);
  await step(`${agent}, files: lists what it may call`, async () => {
    const tools = await listed(client, 'read_text_file');
    assert.ok(tools.includes('write_file'), 'what would be held is shown');
    assert.ok(!tools.includes('move_file'), 'what is always denied is hidden');
    assert.ok(!tools.includes('edit_file'), 'what no rule permits is hidden');
  });
  await step(`${agent}, files: an allowed call runs`, async () => {
    const read = await client.call('read_text_file', { path: join(workspace, 'hello.txt') });
    assert.deepEqual([read.failed, read.text], [false, 'hello, world']);
  });
  await step(`${agent}, files: a denied call does not`, async () => {
    const path = join(workspace, '.git', `${agent}-config`);
    const denied = await client.call('write_file', { path, content: 'x' });
    assert.ok(denied.failed);
    assert.match(denied.text, /^Denied by policy \(deny-git-internals\)\. The call did not run\. Do not repeat it unchanged\./);
    assert.match(denied.text, /Allowed instead: Write elsewhere under the workspace\./);
    assert.ok(!existsSync(path));
    const moved = await client.call('move_file', { source: join(workspace, 'hello.txt'), destination: file('moved.txt') });
    assert.match(moved.text, /^Denied by policy \(deny-moves\)/);
  });
  await step(`${agent}, files: a held call runs when a person approves while the client waits`, async () => {
    const [written] = await Promise.all([
      client.call('write_file', { path: file('waited.txt'), content: 'approved' }, true),
      guard.vote('approve', agent, 'files.write_file', 'looks right'),
    ]);
    assert.equal(written.failed, false, written.text);
    assert.equal(readFileSync(file('waited.txt'), 'utf8'), 'approved');
    assert.ok(written.heard >= 1, 'progress was reported while people thought');
  });
  await step(`${agent}, files: a held call that nobody decided in time runs when it is repeated after approval`, async () => {
    const args = { path: file('later.txt'), content: 'approved later' };
    const pending = await client.call('write_file', args);
    assert.ok(pending.failed);
    assert.match(pending.text, /^PENDING_APPROVAL apr_\S+ expires \S+\. Not executed\. Repeat the identical call after approval\.$/);
    await guard.vote('approve', agent, 'files.write_file', 'fine, later');
    assert.ok(!existsSync(args.path), 'an approval alone runs nothing');
    const repeated = await client.call('write_file', args);
    assert.equal(repeated.failed, false, repeated.text);
    assert.equal(readFileSync(args.path, 'utf8'), 'approved later');
  });
  await step(`${agent}, files: a person's denial is told in the person's words`, async () => {
    const [refused] = await Promise.all([
      client.call('write_file', { path: file('refused.txt'), content: 'x' }),
      guard.vote('deny', agent, 'files.write_file', 'not today'),
    ]);
    assert.match(refused.text, /^Denied by a person: "not today"\. The call did not run\./);
    assert.ok(!existsSync(file('refused.txt')));
  });
}

async function withEverything(agent, client) {
  await step(`${agent}, everything: an allowed call runs`, async () => {
    await listed(client, 'echo');
    const echoed = await client.call('echo', { message: 'through the guard' });
    assert.equal(echoed.text, 'Echo: through the guard');
  });
  await step(`${agent}, everything: progress of a long call comes through`, async () => {
    const long = await client.call('trigger-long-running-operation', { duration: 1, steps: 4 }, true);
    assert.equal(long.failed, false, long.text);
    assert.ok(long.heard >= 2, `heard ${long.heard}`);
  });
  await step(`${agent}, everything: structured content comes through, and a denial in its place throws nothing`, async () => {
    const fine = await client.call('get-structured-content', { location: 'New York' });
    assert.equal(typeof fine.structuredContent.temperature, 'number');
    const denied = await client.call('get-structured-content', { location: 'Chicago' });
    assert.ok(denied.failed);
    assert.match(denied.text, /^Denied by policy \(deny-chicago\)/);
  });
  await step(`${agent}, everything: a held call runs when a person approves`, async () => {
    const [sum] = await Promise.all([
      client.call('get-sum', { a: 2, b: 3 }),
      guard.vote('approve', agent, 'everything.get-sum', 'adds up'),
    ]);
    assert.equal(sum.failed, false, sum.text);
    assert.match(sum.text, /5/);
  });
}

/// A client of no SDK at all, which hangs up while a person thinks.
async function hangingUp(agent) {
  const path = join(workspace, `${agent}-hung-up.txt`);
  const headers = {
    authorization: `Bearer ${guard.keys[agent]}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  const post = (method, params, more = {}) => fetch(`${guard.url}/mcp/files`, {
    method: 'POST', headers, body: JSON.stringify({ jsonrpc: '2.0', id: method, method, params }), ...more,
  });
  await step('whoever hangs up while a person thinks is not surprised by a later run', async () => {
    const greeting = await post('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } });
    headers['mcp-session-id'] = greeting.headers.get('mcp-session-id');
    const hangUp = new AbortController();
    const held = await post('tools/call', { name: 'write_file', arguments: { path, content: 'x' } }, { signal: hangUp.signal });
    assert.equal(held.headers.get('content-type'), 'text/event-stream');
    const approval = await guard.pending(agent, 'files.write_file');
    hangUp.abort();
    await guard.gone(approval.id);
    const vote = guard.ask('ann', 'POST', `/v1/approvals/${approval.id}/approve`, { argumentsDigest: approval.argumentsDigest, reason: 'too late' });
    await assert.rejects(vote, /409/);
    assert.ok(!existsSync(path));
  });
}

try {
  await site.start();
  for (const agent of AGENTS) {
    for (const [server, scenario] of [['files', withFiles], ['everything', withEverything]]) {
      const client = new Client(`${agent} at ${server}`, COMMANDS[agent], `${guard.url}/mcp/${server}`, guard.keys[agent]);
      site.children.push(client.process);
      await client.ready();
      await scenario(agent, client);
      await client.close();
    }
  }
  await hangingUp(AGENTS[0]);
  await site.compare(7 * AGENTS.length);
  await guard.stop();
  console.log('interoperable');
} catch (broken) {
  console.error(broken);
  process.exitCode = 1;
} finally {
  await site.stop();
}
