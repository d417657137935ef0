// Random sessions of an agent over four unmodified servers and the guard's own workspace at once, each taken back by the guard: whole, from a call on,
// or beside what somebody else changed meanwhile. Afterwards every byte, mode, ref, entry of the index and row is held
// against what was there: node run.mjs LAUNCHER CATALOGUES [SESSIONS] [FIRST_SEED]
import assert from 'node:assert/strict';
import { appendFileSync, chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent } from './actions.mjs';
import { Stage } from './stage.mjs';

const [launcher, catalogues, sessions = '100', first = '1'] = process.argv.slice(2);
const EFFECTS = 20;
const stage = new Stage(launcher, catalogues);
const tally = { sessions: 0, calls: 0, effects: 0, whole: 0, from: 0, foreign: 0, conflicts: 0, created: 0, overwritten: 0, moved: 0, deleted: 0, tools: {}, partial: {} };

/// What differs between two states, by name.
function differing(one, other) {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(name => one[name] !== other[name]).sort();
}

function same(wanted, found, what) {
  const names = differing(wanted, found);
  assert.deepEqual(names.map(name => [name, found[name]]), names.map(name => [name, wanted[name]]), what);
}

/// Calls until enough of them changed something: those that ran, each with the state before it.
async function act(agent) {
  const ran = [];
  let before = stage.capture();
  for (let effects = 0; effects < EFFECTS;) {
    assert.ok(agent.count < 200, 'an agent changes nothing any more');
    const [server, tool, args] = agent.next();
    const { failed, text } = await stage.call(server, tool, args);
    const after = stage.capture();
    const changed = differing(before, after);
    if (process.env.UNDO_TRACE) console.log(agent.count, failed ? 'failed' : 'ran', changed.length, tool, JSON.stringify(args), failed ? text.slice(0, 400) : '');
    tally.calls++;
    // A call that says that it failed is taken back like any other, where it changed something.
    if (failed && changed.length > 0) tally.partial[tool] = (tally.partial[tool] ?? 0) + 1;
    if (!failed || changed.length > 0) ran.push({ server, tool, args, before });
    if (changed.length > 0) {
      effects++;
      tally.effects++;
      if (/move/.test(tool)) tally.moved++;
      else if (changed.some(name => !(name in before))) tally.created++;
      else if (changed.some(name => !(name in after))) tally.deleted++;
      else tally.overwritten++;
      tally.tools[tool] = (tally.tools[tool] ?? 0) + 1;
    }
    before = after;
  }
  return { ran, before: ran[0].before, after: before };
}

function complete(steps, what) {
  if (process.env.UNDO_TRACE) for (const step of steps) console.log('undo:', step.tool, step.state, step.why ?? '');
  assert.deepEqual(steps.filter(step => step.state !== 'undone'), [], what);
}

async function undoneWhole(session, { ran, before, after }, what) {
  assert.notEqual(differing(before, after).length, 0, `${what}: nothing is different before it is undone`);
  const steps = await stage.undo(session, { reason: what });
  assert.equal(steps.length, ran.length, what);
  complete(steps, what);
  same(before, stage.capture(), what);
  tally.whole++;
}

/// From a call on, which restores what was there before it; and then the rest.
async function undoneFrom(session, { ran, before, after }, random, what) {
  const plan = (await stage.undo(session, { plan: true })).toReversed();
  assert.equal(plan.length, ran.length, what);
  const at = 1 + random.below(ran.length - 1);
  assert.equal(plan[at].tool, `${ran[at].server}.${ran[at].tool}`, what);
  const point = `${what}, from call ${at} of ${ran.length}, ${ran[at].tool}`;
  complete(await stage.undo(session, { from: plan[at].call, reason: what }), point);
  same(ran[at].before, stage.capture(), point);
  complete(await stage.undo(session, { reason: what }), what);
  same(before, stage.capture(), what);
  tally.from++;
}

/// What somebody else changes: the name of what it is, and how to see that it is left alone.
function intrude({ ran, after }, random) {
  const written = ran.filter(call => ['files', 'workspace'].includes(call.server) && call.args.path?.startsWith(join(stage.work, 'notes')))
    .map(call => call.args.path).filter(path => existsSync(path) && path.slice(stage.work.length + 1) in after);
  const kinds = ['graph', 'repository', 'rows', ...(written.length > 0 ? ['file', 'file', 'file'] : [])]
    .filter(kind => ['file'].includes(kind) || ran.some(call => call.server === { graph: 'memory', repository: 'git', rows: 'db' }[kind]));
  const kind = random.pick(kinds);
  const append = (path, text) => {
    appendFileSync(path, text);
    return { kind, kept: () => readFileSync(path, 'utf8').endsWith(text) };
  };
  switch (kind) {
    case 'file': return append(random.pick(written), 'somebody else was here\n');
    case 'graph': return append(join(stage.work, 'memory.json'), '\n{"type":"entity","name":"foreign","entityType":"x","observations":[]}');
    case 'repository': return append(join(stage.repo, 'foreign.txt'), 'somebody else was here\n');
    default: {
      stage.change("UPDATE customers SET city = 'foreign'; UPDATE orders SET item = 'foreign'");
      const marked = () => stage.rows("SELECT 'c' || id AS row FROM customers WHERE city = 'foreign' UNION ALL SELECT 'o' || id FROM orders WHERE item = 'foreign'").map(found => found.row);
      const all = marked();
      return { kind, kept: () => all.every(row => marked().includes(row)) };
    }
  }
}

/// Whether a call that was not taken back may have to do with something.
function concerns({ server, args }, name) {
  if (server === 'db') return /^(customers|orders) /.test(name);
  if (server === 'memory') return name === 'memory.json';
  if (server === 'git') return name.startsWith('repo/') || name.startsWith('git ') || name.startsWith('.git/');
  return [args.path, args.source, args.destination, args.from, args.to].filter(Boolean).map(path => path.slice(stage.work.length + 1))
    .some(path => name === path || name.startsWith(`${path}/`) || (name.endsWith('/') && path.startsWith(name)));
}

async function undoneBeside(session, acted, random, what) {
  const foreign = intrude(acted, random);
  const point = `${what}, beside somebody else's change of the ${foreign.kind}`;
  assert.ok(foreign.kept(), point);
  const left = stage.capture();
  const steps = await stage.undo(session, { reason: what });
  assert.deepEqual(steps.filter(step => !['undone', 'conflict'].includes(step.state)), [], point);
  const conflicts = steps.toReversed().map((step, at) => [step, acted.ran[at]]).filter(([step]) => step.state === 'conflict').map(([, call]) => call);
  assert.ok(conflicts.length > 0, `${point}: no conflict`);
  assert.ok(foreign.kept(), `${point}: overwritten`);
  const found = stage.capture();
  const others = differing(acted.before, found).filter(name => !conflicts.some(call => concerns(call, name)) && name !== 'repo/foreign.txt' && name !== 'git status');
  same(Object.fromEntries(others.map(name => [name, acted.before[name]])), Object.fromEntries(others.map(name => [name, found[name]])), point);
  assert.ok(conflicts.length === steps.length || differing(left, found).length > 0, `${point}: nothing was undone`);
  tally.conflicts += conflicts.length;
  tally.foreign++;
}

/// A byte, a row, a ref and a mode that differ are seen: what is compared below can differ.
function control() {
  const at = stage.capture();
  const todo = join(stage.work, 'notes/todo.txt');
  const changes = {
    byte: () => appendFileSync(todo, 'x'),
    row: () => stage.change("UPDATE customers SET city = 'x' WHERE id = 1"),
    ref: () => stage.git('tag', 'control'),
    mode: () => chmodSync(todo, 0o777),
  };
  for (const [what, change] of Object.entries(changes)) {
    change();
    assert.ok(differing(at, stage.capture()).length > 0, `a ${what} that differs is not seen`);
    stage.refurnish();
    same(at, stage.capture(), `${what}: as it was at first`);
  }
}

/// One in five beside somebody else, two in five from a call on.
async function session(seed) {
  const agent = new Agent(stage, seed);
  const acted = await act(agent);
  const id = await stage.session();
  const what = `session ${seed}`;
  if (seed % 5 === 0) await undoneBeside(id, acted, agent.random, what);
  else if (seed % 5 < 3) await undoneFrom(id, acted, agent.random, what);
  else await undoneWhole(id, acted, what);
  await stage.end(id);
  if (seed % 5 === 0) stage.refurnish();
  tally.sessions++;
}

const began = Date.now();
try {
  await stage.start();
  await stage.compare();
  control();
  for (let seed = Number(first); seed < Number(first) + Number(sessions); seed++) {
    await session(seed);
    if (seed % 10 === 0) console.log(`ok: sessions up to ${seed} (${Math.round((Date.now() - began) / 1000)} s)`);
  }
  const { tools, partial, ...numbers } = tally;
  if (tally.sessions >= 10)
    for (const kind of ['created', 'overwritten', 'moved', 'deleted', 'whole', 'from', 'foreign']) assert.ok(tally[kind] > 0, `nothing was ${kind}`);
  console.log('effects by tool:', Object.fromEntries(Object.entries(tools).sort()));
  console.log('said that they failed, and changed something:', partial);
  console.log(`undone over real servers: ${Object.entries(numbers).map(([name, count]) => `${name} ${count}`).join(', ')}; ${Math.round((Date.now() - began) / 1000)} s`);
} catch (broken) {
  console.error(broken);
  process.exitCode = 1;
} finally {
  await stage.stop();
}
