// Runs the conformance suite and reads what it found.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { within } from './wait.mjs';

const BIN = join(import.meta.dirname, 'node_modules', '@modelcontextprotocol', 'conformance', 'dist', 'index.js');
const LONGEST = 600;

/// @param role `server` or `client`: which side is examined
/// @param revision whose requirements are asked; with a scenario only that one of them
/// @param output a directory for the results, emptied first
/// @return the exit code, what was printed, and the checks by scenario
export async function suite(role, { revision, scenario, output, args, env = {} }) {
  rmSync(output, { recursive: true, force: true });
  const which = scenario ? ['--scenario', scenario, '--spec-version', revision, '--force'] : ['--requirements', revision];
  const run = spawn(process.execPath, [BIN, role, ...which, '--output-dir', output, ...args],
    { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = [];
  for (const stream of [run.stdout, run.stderr]) stream.on('data', chunk => printed.push(chunk));
  const [code] = await within(LONGEST, `the suite against a ${role}`, once(run, 'close'));
  return { code, printed: Buffer.concat(printed).toString('utf8'), scenarios: results(output) };
}

function results(output) {
  const scenarios = new Map();
  if (!existsSync(output)) return scenarios;
  for (const file of globSync('**/checks.json', { cwd: output }).sort()) {
    const name = dirname(file).replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, '').replace(/^server-/, '');
    scenarios.set(name, JSON.parse(readFileSync(join(output, file), 'utf8')));
  }
  return scenarios;
}

/// The scenarios of one side that a revision's requirements run, and whether each is scored.
export function required(role, revision) {
  const found = new Map();
  let section;
  let unscored;
  for (const line of readFileSync(join(dirname(BIN), '..', 'requirements', `${revision}.yaml`), 'utf8').split('\n')) {
    const [, heading] = /^(\w+):/.exec(line) ?? [];
    if (heading) section = heading;
    const [, name] = /^\s+- (?:scenario: )?(\S+)$/.exec(line) ?? [];
    if (name && section === role) found.set(name, true);
    if (name && section === 'not_scored') unscored = name;
    if (section === 'not_scored' && line.trim() === `leg: ${role}`) found.set(unscored, false);
  }
  return found;
}
