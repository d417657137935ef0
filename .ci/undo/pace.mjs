// Sessions over unmodified servers that are undone, in relation to as many direct calls of the same servers by a client
// of its own, with an fdatasync each: node pace.mjs LAUNCHER CATALOGUES [CALLS]. Ends with 1 beyond the gate.
import assert from 'node:assert/strict';
import { closeSync, copyFileSync, fdatasyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Stage, program } from './stage.mjs';

const [launcher, catalogues, wanted = '200'] = process.argv.slice(2);
const CALLS = Number(wanted);
const MOST = 1.5;
const WARM = 50;
const stage = new Stage(launcher, catalogues);
const past = join(stage.scratch, 'past');

const files = place => path => ['write_file', { path: join(place, path), content: `text ${process.hrtime.bigint()}` }];
const graph = () => ({
  create: at => ['create_entities', { entities: [{ name: `entity ${at}`, entityType: 'x', observations: [] }] }],
  add: at => ['add_observations', { observations: [{ entityName: 'ground', contents: [`seen ${at}`] }] }],
});
const sql = statement => ['execute_sql', { sql: statement }];

/// What is done to each server: about different things, and about one.
const DEEDS = {
  files: place => ({ different: at => files(place)(`pace-${at}.txt`), one: () => files(place)('pace.txt') }),
  memory: () => ({ different: graph().create, one: graph().add }),
  db: () => ({
    different: at => sql(`INSERT INTO orders VALUES (${1_000 + at}, 1, 'nut', ${at})`),
    one: at => sql(`UPDATE customers SET city = 'city ${at}' WHERE id = 1`),
  }),
};

function median(numbers) {
  return numbers.toSorted((one, other) => one - other)[numbers.length >> 1];
}

/// Milliseconds of an append of 512 bytes and an fdatasync, beside the guard's data.
function sync() {
  const file = openSync(join(stage.scratch, 'floor'), 'a');
  const times = [];
  for (let i = 0; i < 300; i++) {
    const start = performance.now();
    writeSync(file, Buffer.alloc(512));
    fdatasyncSync(file);
    times.push(performance.now() - start);
  }
  closeSync(file);
  return median(times);
}

/// A client of its own before a server of its own: nothing of the guard.
async function straight(server) {
  const node = process.execPath;
  const commands = {
    files: { args: [program('@modelcontextprotocol/server-filesystem'), past] },
    memory: { args: [program('@modelcontextprotocol/server-memory')], env: { MEMORY_FILE_PATH: join(past, 'memory.json') } },
    db: { args: [program('@bytebase/dbhub'), '--transport', 'stdio', '--dsn', `sqlite://${join(past, 'shop.db')}`] },
  };
  const client = new Client({ name: 'pace', version: '1' });
  await client.connect(new StdioClientTransport({ command: node, stderr: 'ignore', ...commands[server] }));
  return client;
}

async function direct(server, shape) {
  const client = await straight(server);
  const deed = DEEDS[server](past)[shape];
  const times = [];
  for (let i = 0; i < WARM + CALLS; i++) {
    const [name, args] = deed(i);
    const start = performance.now();
    const result = await client.callTool({ name, arguments: args });
    if (i >= WARM) times.push(performance.now() - start);
    assert.ok(!result.isError, JSON.stringify(result.content));
  }
  await client.close();
  return times.reduce((sum, time) => sum + time, 0) / times.length;
}

async function undone(server, shape) {
  const deed = DEEDS[server](join(stage.work, 'notes'))[shape];
  const before = stage.capture();
  for (let i = 0; i < CALLS; i++) {
    const { failed, text } = await stage.call(server, ...deed(i));
    assert.ok(!failed, text);
  }
  const id = await stage.session();
  const start = performance.now();
  const steps = await stage.undo(id, { reason: 'pace' });
  const each = (performance.now() - start) / CALLS;
  assert.equal(steps.length, CALLS);
  assert.deepEqual(steps.filter(step => step.state !== 'undone'), []);
  assert.deepEqual(stage.capture(), before);
  await stage.end(id);
  return each;
}

let met = true;
try {
  await stage.start();
  mkdirSync(past);
  copyFileSync(stage.file, join(past, 'shop.db'));
  copyFileSync(join(stage.work, 'memory.json'), join(past, 'memory.json'));
  for (let round = 1; round <= 3; round++)
    for (const server of Object.keys(DEEDS))
      for (const shape of ['different', 'one']) {
        const beside = await direct(server, shape) + sync();
        copyFileSync(stage.file, join(past, 'shop.db'));
        copyFileSync(join(stage.work, 'memory.json'), join(past, 'memory.json'));
        const each = await undone(server, shape);
        const ratio = each / beside;
        // Programs warm up in the first round.
        if (round > 1) met &&= ratio <= MOST;
        console.log(`round ${round}, ${server}, ${shape}: direct and fdatasync ${beside.toFixed(2)} ms, undone ${each.toFixed(2)} ms, `
          + `ratio ${ratio.toFixed(2)} (gate at most ${MOST}) ${ratio <= MOST ? 'met' : 'NOT MET'}`);
      }
} catch (broken) {
  console.error(broken);
  met = false;
} finally {
  process.exitCode = met ? 0 : 1;
  await stage.stop();
}
