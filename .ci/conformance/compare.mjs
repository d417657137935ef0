// Holds what the suite found through the guard against what it found directly.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/// The differences: scenarios and checks that one side has and the other has not, or with another result.
///
/// @param results how the result of a check is told that is made several times: `each` or `worst`
export function differences(direct, through, results) {
  const found = [];
  for (const scenario of new Set([...direct.keys(), ...through.keys()])) {
    const [mine, theirs] = [byCheck(direct.get(scenario)), byCheck(through.get(scenario))];
    for (const check of new Set([...mine.keys(), ...theirs.keys()])) {
      const [a, b] = [mine.get(check) ?? [], theirs.get(check) ?? []];
      if (results(a) !== results(b))
        found.push({ scenario, check: check.split(' ')[0], name: check, direct: results(a), guard: results(b), messages: messages(b, a) });
    }
  }
  return found;
}

/// Checks by id and name.
function byCheck(checks = []) {
  const grouped = new Map();
  for (const check of checks) {
    const key = `${check.id} (${check.name})`;
    if (!grouped.has(key)) grouped.set(key, []);
    grouped.get(key).push(check);
  }
  return grouped;
}

/// Every result of a check; what is only information counts once.
export function each(checks) {
  const statuses = checks.map(check => check.status);
  const counted = [...statuses.filter(status => status !== 'INFO'), ...(statuses.includes('INFO') ? ['INFO'] : [])];
  return counted.sort().join(',') || 'absent';
}

/// The most severe result of a check, which is how the suite itself tells it.
export function worst(checks) {
  return ['FAILURE', 'WARNING', 'SUCCESS', 'SKIPPED', 'INFO'].find(status => checks.some(check => check.status === status)) ?? 'absent';
}

function messages(guard, direct) {
  const bad = list => list.filter(check => !['SUCCESS', 'INFO'].includes(check.status));
  return [
    ...bad(guard).map(check => `guard: ${check.errorMessage ?? ''} ${brief(check.details)}`),
    ...bad(direct).map(check => `direct: ${check.errorMessage ?? ''}`),
  ];
}

function brief(details) {
  const text = JSON.stringify(details) ?? '';
  return text.length > 700 ? `${text.slice(0, 700)}…` : text;
}

/// Takes out the differences that a decision record explains.
///
/// @param known the list in deviations.json: `role, target?, revision?, scenario, check, adr`; the check `*` stands for
///   a scenario that cannot be played through the guard at all
/// @param ran what was run: `role, target, revision` and the names of its scenarios
/// @return the differences that remain, and the known ones that did not occur
export function unexplained(found, known, ran) {
  const applies = known.filter(each => each.role === ran.role
    && (each.target ?? ran.target) === ran.target
    && (each.revision ?? ran.revision) === ran.revision
    && ran.scenarios.includes(each.scenario));
  const matches = (each, difference) => each.scenario === difference.scenario && ['*', difference.check].includes(each.check);
  return {
    remaining: found.filter(difference => !applies.some(each => matches(each, difference))),
    stale: applies.filter(each => !found.some(difference => matches(each, difference))),
  };
}

/// Reads the list, each of whose entries names a decision record that exists.
export function deviations(file, records) {
  const known = JSON.parse(readFileSync(file, 'utf8'));
  const numbers = readdirSync(records).map(name => name.slice(0, 4));
  for (const each of known) {
    if (!each.role || !each.scenario || !each.check) throw new Error(`a deviation lacks role, scenario or check: ${JSON.stringify(each)}`);
    if (!numbers.includes(each.adr)) throw new Error(`${each.scenario} ${each.check} names no decision record: ${each.adr}`);
  }
  return known;
}

/// For each call that a server received: one permitting decision and one outcome, both of one call, and no others.
///
/// @return what is wrong; empty where all is well
export function against(received, entries, server) {
  const prefix = `${server}.`;
  const decided = entries.filter(entry => entry.kind === 'decided' && entry.status === 'running' && isTool(entry.tool, prefix));
  const calls = new Set(decided.map(entry => entry.call));
  const outcomes = entries.filter(entry => entry.kind === 'executed' && calls.has(entry.call)
    && ['succeeded', 'failed', 'in_doubt'].includes(entry.status));
  const wrong = [];
  if (calls.size !== decided.length) wrong.push(`${decided.length - calls.size} calls were permitted twice`);
  const ended = new Set(outcomes.map(entry => entry.call));
  if (ended.size !== outcomes.length) wrong.push(`${outcomes.length - ended.size} calls have two outcomes`);
  for (const entry of decided) if (!ended.has(entry.call)) wrong.push(`${entry.call} (${entry.tool}) was permitted and has no outcome`);
  const [permitted, reached] = [count(decided.map(entry => entry.tool)), count(received.map(call => prefix + call.name))];
  for (const tool of new Set([...Object.keys(permitted), ...Object.keys(reached)]))
    if (permitted[tool] !== reached[tool]) wrong.push(`${tool}: ${reached[tool] ?? 0} received, ${permitted[tool] ?? 0} permitted`);
  return { wrong, received: received.length, decided: decided.length, outcomes: outcomes.length };
}

function isTool(tool, prefix) {
  return tool?.startsWith(prefix) && !tool.startsWith(`${prefix}mcp:`);
}

function count(names) {
  const counts = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
