// The MCP conformance suite, directly and through the guard: every scenario and check must end alike.
//
// node run.mjs LAUNCHER [OPTION]...
//   --role server|client          only this side (both)
//   --target NAME                 only this server (fixture, everything) or client (typescript-1, typescript-2)
//   --requirements REVISION       only this revision (2025-11-25, 2026-07-28)
//   --scenario NAME               only this scenario
//   --direct                      not through the guard
//   --control                     something in the guard's place that only passes on: shows what the harness itself does
//   --stay                        start the servers and the guard, say how to use them from another run, and stay
//   --guard URL --key KEY         use a guard that runs already; with --auditor-key KEY --receipts FILE also its journal,
//                                 with --forwarder URL also for clients
//   --at PORT                     start the servers behind the guard at this port and the following, also with --guard
//   --trace                       note what passes before and behind the guard in trace.log
//   --verbose                     show what the suite and the servers print
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { against, deviations, differences, each, unexplained, worst } from './compare.mjs';
import { Control } from './control.mjs';
import { Forwarder } from './forward.mjs';
import { Guard, journal, listed } from './guard.mjs';
import { proxy, tap } from './proxy.mjs';
import { required, suite } from './suite.mjs';
import { turnstile } from './turnstile.mjs';

const REVISIONS = ['2025-11-25', '2026-07-28'];
const { positionals: [launcher], values: options } = parseArgs({
  allowPositionals: true,
  options: {
    role: { type: 'string' }, target: { type: 'string' }, requirements: { type: 'string' }, scenario: { type: 'string' },
    direct: { type: 'boolean' }, control: { type: 'boolean' }, stay: { type: 'boolean' }, trace: { type: 'boolean' },
    guard: { type: 'string' }, key: { type: 'string' }, 'auditor-key': { type: 'string' }, receipts: { type: 'string' },
    forwarder: { type: 'string' }, at: { type: 'string' }, verbose: { type: 'boolean' },
  },
});
// Clients that run at the same time.
const AT_ONCE = 3;
const here = import.meta.dirname;
const trace = options.trace ? join(here, 'trace.log') : undefined;
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'conformance-')));
const children = [];
const problems = [];
process.on('exit', () => children.forEach(child => child.kill()));
let nextPort = options.at && Number(options.at);

const wanted = (option, value) => option === undefined || option === value;
const revisions = REVISIONS.filter(revision => wanted(options.requirements, revision));

function problem(text) {
  problems.push(text);
  console.log(`WRONG: ${text}`);
}

async function port() {
  if (nextPort) return nextPort++;
  const server = createServer();
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port: free } = server.address();
  await new Promise(resolve => server.close(resolve));
  return free;
}

async function server(args, env, at) {
  const said = options.verbose ? 'inherit' : 'ignore';
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', said, said] });
  children.push(child);
  const url = `http://localhost:${at}/mcp`;
  for (let attempt = 0; attempt < 300; attempt++) {
    if (await fetch(url).then(answer => answer.text().then(() => true), () => false)) return url;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  throw new Error(`nothing listens at ${url}`);
}

const SERVERS = {
  async fixture(notes) {
    writeFileSync(notes, '');
    const at = await port();
    return server([join(here, 'fixture.mjs'), String(at), notes], {}, at);
  },
  async everything() {
    const at = await port();
    const main = join(here, 'node_modules', '@modelcontextprotocol', 'server-everything', 'dist', 'index.js');
    return server([main, 'streamableHttp'], { PORT: String(at) }, at);
  },
};
const CLIENTS = { 'typescript-1': 1, 'typescript-2': 2 };
// What passes every scored scenario of a revision directly, so that equal results mean something.
const SOUND = [
  'server fixture 2025-11-25', 'server fixture 2026-07-28', 'client typescript-1 2025-11-25',
  'client typescript-2 2025-11-25', 'client typescript-2 2026-07-28',
];
const chosen = {
  servers: wanted(options.role, 'server') ? Object.keys(SERVERS).filter(name => wanted(options.target, name)) : [],
  clients: wanted(options.role, 'client') ? Object.keys(CLIENTS).filter(name => wanted(options.target, name)) : [],
};

function watched(url) {
  return trace ? tap(url, trace) : url;
}

function tally(scenarios) {
  const statuses = [...scenarios.values()].flat().map(check => check.status);
  const count = status => statuses.filter(each => each === status).length;
  return `${count('SUCCESS')} passed, ${count('FAILURE')} failed, ${count('WARNING')} warnings in ${scenarios.size} scenarios`;
}

async function run(role, target, revision, way, args, env) {
  const begin = Date.now();
  const found = await suite(role, {
    revision, scenario: options.scenario, output: join(here, 'results', role, target, revision, way), args, env,
  });
  if (options.verbose) console.log(found.printed);
  console.log(`${role} ${target} ${revision} ${way}: ${tally(found.scenarios)}, exit ${found.code} (${Date.now() - begin} ms)`);
  if (way === 'direct' && found.code !== 0 && !options.scenario && SOUND.includes(`${role} ${target} ${revision}`))
    problem(`${role} ${target} does not pass ${revision} directly:\n${found.printed}`);
  return found;
}

/// What must not be without a reason: a difference, and a reason without a difference.
function judge(role, target, revision, direct, through, results) {
  const ran = { role, target, revision, scenarios: [...new Set([...direct.scenarios.keys(), ...through.scenarios.keys()])] };
  const found = differences(direct.scenarios, through.scenarios, results);
  const { remaining, stale } = unexplained(found, known, ran);
  for (const { scenario, name, direct: without, guard: with_, messages } of remaining)
    problem([`${role} ${target} ${revision} ${scenario}: ${name}: directly ${without}, through the guard ${with_}`, ...messages].join('\n    '));
  if (!options.control)
    for (const { scenario, check } of stale) problem(`${role} ${target} ${revision} ${scenario}: ${check} is listed as a deviation and is none`);
  if (found.length > remaining.length) console.log(`${found.length - remaining.length} known deviations`);
}

function receipts(notes) {
  return readFileSync(notes, 'utf8').split('\n').filter(Boolean).map(line => JSON.parse(line));
}

/// The suite examines servers: once directly, once behind the guard.
async function servers(before) {
  for (const target of chosen.servers) {
    const alone = await SERVERS[target](join(scratch, 'direct.jsonl'));
    if (before && guard.auditorKey) await listed(guard.url, guard.key, target);
    for (const revision of revisions.filter(each => plays('server', each))) {
      const direct = await run('server', target, revision, 'direct', ['--url', alone]);
      if (!before) continue;
      const through = await run('server', target, revision, 'guard', ['--url', `${before}/mcp/${target}`]);
      judge('server', target, revision, direct, through, each);
    }
  }
  if (!before || !chosen.servers.includes('fixture') || !guard.auditorKey || !existsSync(notes)) return;
  const kept = against(receipts(notes), await journal(guard.url, guard.auditorKey), 'fixture');
  console.log(`the fixture received ${kept.received} calls; the journal has ${kept.decided} decisions and ${kept.outcomes} outcomes of them`);
  for (const wrong of kept.wrong) problem(`journal: ${wrong}`);
}

/// The suite examines clients: once against its own servers, once against the guard before them. What the guard asks
/// those servers for itself is seen by them too, so of a check that is made several times the worst result counts.
async function clients(before) {
  const turn = await turnstile(AT_ONCE);
  for (const target of chosen.clients) {
    const command = ['--command', `${process.execPath} ${join(here, 'client.mjs')} ${CLIENTS[target]}`, '--timeout', '300000'];
    for (const revision of revisions.filter(each => plays('client', each))) {
      const direct = await run('client', target, revision, 'direct', command, { CONFORMANCE_TURN: turn });
      if (!before) continue;
      const through = await run('client', target, revision, 'guard', command, { CONFORMANCE_TURN: turn, CONFORMANCE_GUARD: forwarder.url });
      judge('client', target, revision, direct, through, worst);
    }
  }
}

function theGuard() {
  if (options.control) return new Control();
  if (options.guard) return { url: options.guard.replace(/\/$/, ''), key: options.key, auditorKey: options['auditor-key'] };
  return new Guard(launcher, join(scratch, 'guard'), join(here, 'guard.log'));
}

function plays(role, revision) {
  return !options.scenario || required(role, revision).has(options.scenario);
}

if (trace) writeFileSync(trace, '');
const known = deviations(join(here, 'deviations.json'), process.env.DECISIONS ?? join(here, '..', '..', 'docs', 'adr'));
const notes = options.receipts ?? join(scratch, 'received.jsonl');
const guard = theGuard();
const forwarder = new Forwarder(options.forwarder);

try {
  const behind = {};
  const begin = !options.direct && (!options.guard || options.at);
  if (begin) for (const name of chosen.servers) behind[name] = await watched(await SERVERS[name](notes));
  if (begin && chosen.clients.length) {
    const played = revisions.map(revision => options.scenario ? 1 : required('client', revision).size);
    await forwarder.start(await port(), (options.stay ? 10 : 1) * chosen.clients.length * played.reduce((sum, each) => sum + each));
    Object.assign(behind, forwarder.servers);
  }
  if (!options.direct && !options.guard) await guard.start(behind, join(here, 'policies'));
  const before = options.direct ? undefined : `http://localhost:${await proxy(guard.url, guard.key, trace)}`;
  Object.assign(forwarder, { before, trace });
  if (options.stay) {
    console.log('behind the guard:', chosen.servers.map(name => behind[name]).join(' '));
    console.log(`--guard ${guard.url} --key ${guard.key} --auditor-key ${guard.auditorKey} --receipts ${notes}`);
    if (forwarder.url) console.log(`--forwarder ${forwarder.url}`);
    await new Promise(resolve => process.on('SIGINT', resolve).on('SIGTERM', resolve));
  } else {
    nextPort = undefined;
    await servers(before);
    await clients(before);
  }
  console.log(problems.length ? `${problems.length} differences; the guard's own words are in ${join(here, 'guard.log')}` : 'conformant');
  process.exitCode = problems.length ? 1 : 0;
} catch (broken) {
  console.error(broken);
  process.exitCode = 1;
} finally {
  await Promise.resolve(guard.stop?.()).catch(late => {
    console.error(late);
    guard.process.kill('SIGKILL');
  });
  for (const child of children) child.kill();
  rmSync(scratch, { recursive: true });
}
