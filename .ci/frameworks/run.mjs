// Agents of other people's frameworks and products reach a server through the guard, by what the guide says and nothing
// else: an allowed call, a denied one, held ones. Then what the server received is held against the journal:
// node run.mjs LAUNCHER JAVA GUIDE [AGENT...]
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Site } from '../interop/site.mjs';
import { Guide } from './guide.mjs';
import { hosts } from './hosts.mjs';

const [launcher, java, path, ...only] = process.argv.slice(2);
const LANES = 2; // agents that are led through at once: they mostly wait for people
const guide = new Guide(path);
const known = hosts(java);
const names = Object.keys(known).filter(name => only.length === 0 || only.includes(name));
const site = new Site(launcher, names);
const { guard, workspace } = site;

/// What the guide shows, and what stands there in this run.
const places = () => ({ 'http://127.0.0.1:7457': guard.url, '/opt/guardrail/guardrail': launcher });

/// What every agent is led through. `call` answers what the agent tells its model, or its user, of a call.
async function scenario(name, home, agent) {
  const file = part => join(home, part);

  writeFileSync(file('hello.txt'), `hello, ${name}`);
  const read = await agent.call('read_text_file', { path: file('hello.txt') });
  assert.match(read, new RegExp(`hello, ${name}`));

  const internals = file('.git/config');
  const denied = await agent.call('write_file', { path: internals, content: 'x' });
  assert.match(denied, /Denied by policy \(deny-git-internals\)\. The call did not run\./);
  assert.ok(!existsSync(internals));

  const [written] = await Promise.all([
    agent.call('write_file', { path: file('waited.txt'), content: 'approved' }),
    guard.vote('approve', name, 'files.write_file', 'looks right'),
  ]);
  assert.match(written, /Successfully wrote/);
  assert.equal(readFileSync(file('waited.txt'), 'utf8'), 'approved');

  const later = { path: file('later.txt'), content: 'approved later' };
  const pending = await agent.call('write_file', later);
  assert.match(pending, /PENDING_APPROVAL apr_\S+ expires \S+\. Not executed\. Repeat the identical call after approval\./);
  await guard.vote('approve', name, 'files.write_file', 'fine, later');
  assert.ok(!existsSync(later.path), 'an approval alone runs nothing');
  const repeated = await agent.call('write_file', later);
  assert.match(repeated, /Successfully wrote/);
  assert.equal(readFileSync(later.path, 'utf8'), 'approved later');
}

async function lead(name) {
  const begin = Date.now();
  const home = join(workspace, name); // what it tells a server that asks for its roots
  const agent = known[name].at({ name, home, key: guard.keys[name], files: guide.write(name, home, places()) });
  await agent.start();
  try {
    await scenario(name, home, agent);
    await agent.end();
  } catch (broken) {
    broken.message = `${name}: ${broken.message}`;
    throw broken;
  } finally {
    await agent.stop();
  }
  console.log(`ok: ${name} reads, is denied, waits for a person, and repeats after approval (${Date.now() - begin} ms)`);
}

try {
  await site.start();
  const waiting = [...names];
  const failures = [];
  await Promise.all(Array.from({ length: LANES }, async () => {
    while (waiting.length > 0) await lead(waiting.shift()).catch(broken => failures.push(broken));
  }));
  if (failures.length > 0) throw new AggregateError(failures);
  await site.compare(3 * names.length);
  await guard.stop();
  console.log('connected');
} catch (broken) {
  console.error(broken);
  process.exitCode = 1;
} finally {
  await site.stop();
}
