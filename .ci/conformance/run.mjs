// The MCP conformance suite, directly and through the guard: every scenario and check must end alike.
//
// node run.mjs LAUNCHER [OPTION]...
//   --role server|client          only this side (both)
//   --target NAME                 only this server (fixture, everything) or client (typescript-1, typescript-2)
//   --requirements REVISION       only this revision (2025-11-25, 2026-07-28)
//   --scenario NAME               only this scenario
//   --direct                      not through the guard
//   --stay                        start the servers and the guard, say how to use them from another run, and stay
//   --guard URL --key KEY         use a guard that runs already; with --auditor-key KEY --receipts FILE also its journal
//   --at PORT                     start the servers behind the guard at this port and the following, also with --guard
//   --verbose                     show what the suite and the servers print
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { against, deviations, differences, unexplained } from './compare.mjs';
import { Guard, journal, listed } from './guard.mjs';
import { proxy } from './proxy.mjs';
import { required, suite } from './suite.mjs';

const REVISIONS = ['2025-11-25', '2026-07-28'];
const { positionals: [launcher], values: options } = parseArgs({
  allowPositionals: true,
  options: {
    role: { type: 'string' }, target: { type: 'string' }, requirements: { type: 'string' }, scenario: { type: 'string' },
    direct: { type: 'boolean' }, stay: { type: 'boolean' }, guard: { type: 'string' }, key: { type: 'string' },
    'auditor-key': { type: 'string' }, receipts: { type: 'string' }, at: { type: 'string' }, verbose: { type: 'boolean' },
  },
});
const here = import.meta.dirname;
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'conformance-')));
const children = [];
const problems = [];
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
const targets = Object.keys(SERVERS).filter(name => wanted(options.target, name));

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
  if (found.scenarios.size === 0 && !options.scenario) problem(`the suite found nothing:\n${found.printed}`);
  return found;
}

/// What must not be without a reason: a difference, and a reason without a difference.
function judge(role, target, revision, direct, through) {
  const ran = { role, target, revision, scenarios: [...new Set([...direct.scenarios.keys(), ...through.scenarios.keys()])] };
  const found = differences(direct.scenarios, through.scenarios);
  const { remaining, stale } = unexplained(found, known, ran);
  for (const { scenario, name, direct: without, guard: with_, messages } of remaining)
    problem([`${role} ${target} ${revision} ${scenario}: ${name}: directly ${without}, through the guard ${with_}`, ...messages].join('\n    '));
  for (const { scenario, check } of stale) problem(`${role} ${target} ${revision} ${scenario}: ${check} is listed as a deviation and is none`);
  if (found.length > remaining.length) console.log(`${found.length - remaining.length} known deviations`);
}

function receipts(notes) {
  return readFileSync(notes, 'utf8').split('\n').filter(Boolean).map(line => JSON.parse(line));
}

const known = deviations(join(here, 'deviations.json'), process.env.DECISIONS ?? join(here, '..', '..', 'docs', 'adr'));
const notes = options.receipts ?? join(scratch, 'received.jsonl');
const guard = options.guard
  ? { url: options.guard.replace(/\/$/, ''), key: options.key, auditorKey: options['auditor-key'] }
  : new Guard(launcher, join(scratch, 'guard'));

try {
  const behind = {};
  if (!options.direct && (!options.guard || options.at)) for (const name of targets) behind[name] = await SERVERS[name](notes);
  if (!options.direct && !options.guard) await guard.start(behind, join(here, 'policies'));
  if (options.stay) {
    console.log('behind the guard:', behind);
    console.log(`--guard ${guard.url} --key ${guard.key} --auditor-key ${guard.auditorKey} --receipts ${notes}`);
    await new Promise(resolve => process.on('SIGINT', resolve).on('SIGTERM', resolve));
  } else {
    nextPort = undefined;
    const before = options.direct ? undefined : await proxy(guard.url, guard.key);
    for (const target of targets) {
      const alone = await SERVERS[target](join(scratch, 'direct.jsonl'));
      if (!options.direct) await listed(guard.url, guard.key, target);
      for (const revision of revisions) {
        if (options.scenario && !required('server', revision).has(options.scenario)) continue;
        const direct = await run('server', target, revision, 'direct', ['--url', alone]);
        if (target === 'fixture' && direct.code !== 0) problem(`the fixture does not pass ${revision} directly:\n${direct.printed}`);
        if (options.direct) continue;
        const through = await run('server', target, revision, 'guard', ['--url', `http://localhost:${before}/mcp/${target}`]);
        judge('server', target, revision, direct, through);
      }
    }
    if (!options.direct && targets.includes('fixture') && guard.auditorKey && existsSync(notes)) {
      const kept = against(receipts(notes), await journal(guard.url, guard.auditorKey), 'fixture');
      console.log(`the fixture received ${kept.received} calls; the journal has ${kept.decided} decisions and ${kept.outcomes} outcomes of them`);
      for (const wrong of kept.wrong) problem(`journal: ${wrong}`);
    }
  }
  console.log(problems.length ? `${problems.length} differences` : 'conformant');
  process.exitCode = problems.length ? 1 : 0;
} catch (broken) {
  console.error(broken);
  process.exitCode = 1;
} finally {
  await guard.stop?.().catch(late => {
    console.error(late);
    guard.process.kill('SIGKILL');
  });
  for (const child of children) child.kill();
  rmSync(scratch, { recursive: true });
}
