// What the sessions work on: a directory with files, a repository and a graph in it, a database beside it; four
// unmodified servers and the guard's own workspace that change them, the guard before the servers, and clients of the official SDK before the guard.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, realpathSync, rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { parse } from 'yaml';
import { Guard } from '../interop/guard.mjs';

const here = import.meta.dirname;
export const program = name => join(here, '..', 'node_modules', name, 'dist', 'index.js');
const SERVERS = ['files', 'memory', 'git', 'db', 'workspace'];
const WHO = { GIT_AUTHOR_NAME: 'agent', GIT_AUTHOR_EMAIL: 'agent@example.com', GIT_COMMITTER_NAME: 'agent', GIT_COMMITTER_EMAIL: 'agent@example.com' };

/// What git is in the middle of, by files of `.git`.
const STATE = ['HEAD', 'AUTO_MERGE', 'CHERRY_PICK_HEAD', 'MERGE_HEAD', 'MERGE_MODE', 'MERGE_MSG', 'ORIG_HEAD', 'REVERT_HEAD', 'SQUASH_MSG', 'logs/refs/stash'];

/// What a directory has, into another one, with times to the nanosecond.
function copy(from, to) {
  mkdirSync(to, { recursive: true });
  const { status, stderr } = spawnSync('cp', ['-a', `${from}/.`, to], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}

class UndoGuard extends Guard {
  async serve(servers, policies) {
    mkdirSync(this.directory, { mode: 0o755 });
    const env = name => `{env: KEY_${name.toUpperCase()}}`;
    this.write('guardrail.yaml', `
listen: 127.0.0.1:0
data: ./data
policies: ${JSON.stringify(policies)}
servers: ${JSON.stringify(servers)}
agents:
  - {name: coder, key: ${env('coder')}}
operators:
  - {name: ann, key: ${env('ann')}, roles: [approver]}
  - {name: sam, key: ${env('sam')}, roles: [auditor]}
  - {name: kim, key: ${env('kim')}, roles: [admin]}
`);
    await this.run();
  }
}

export class Stage {
  constructor(launcher, catalogues) {
    this.catalogues = catalogues;
    this.scratch = realpathSync(mkdtempSync(join(tmpdir(), 'undo-')));
    this.work = join(this.scratch, 'work');
    this.repo = join(this.work, 'repo');
    this.file = join(this.scratch, 'shop.db');
    this.guard = new UndoGuard(launcher, join(this.scratch, 'guard'), ['coder', 'kim']);
    this.clients = {};
  }

  async start() {
    this.furnish();
    const node = process.execPath;
    await this.guard.serve({
      files: { command: [node, program('@modelcontextprotocol/server-filesystem'), this.work], root: this.work },
      memory: { command: [node, program('@modelcontextprotocol/server-memory')], env: { MEMORY_FILE_PATH: join(this.work, 'memory.json') } },
      git: {
        command: [node, program('@cyanheads/git-mcp-server')],
        env: { ...WHO, GIT_BASE_DIR: this.work, GIT_CONFIG_GLOBAL: '/dev/null', GIT_SIGN_COMMITS: 'false', MCP_LOG_LEVEL: 'error', NODE_NO_WARNINGS: '1' },
        root: this.work,
      },
      db: { command: [node, program('@bytebase/dbhub'), '--transport', 'stdio', '--dsn', `sqlite://${this.file}`] },
      workspace: { builtin: 'workspace', root: this.work },
      disk: { builtin: 'workspace', root: this.work },
      repos: { builtin: 'git', root: this.work },
      rows: { builtin: 'sql', url: `jdbc:sqlite:${this.file}`, tables: ['customers', 'orders'] },
    }, [join(here, 'policies'), ...['server-filesystem', 'server-memory', 'git'].map(name => join(this.catalogues, `${name}.yaml`))]);
    for (const server of SERVERS) this.clients[server] = await this.connect(server);
  }

  async connect(server) {
    const client = new Client({ name: 'undo', version: '1' });
    await client.connect(new StreamableHTTPClientTransport(new URL(`${this.guard.url}/mcp/${server}`), {
      requestInit: { headers: { Authorization: `Bearer ${this.guard.keys.coder}` } },
    }));
    for (let attempt = 0; attempt < 150; attempt++) {
      if ((await client.listTools()).tools.length > 0) return client;
      await new Promise(resolve => setTimeout(resolve, 200));
    }
    throw new Error(`the tools of ${server} are not listed`);
  }

  /// What a session finds, made once and kept beside.
  furnish() {
    mkdirSync(join(this.work, 'notes', 'old'), { recursive: true });
    writeFileSync(join(this.work, 'notes', 'todo.txt'), 'first\nsecond\n');
    writeFileSync(join(this.work, 'notes', 'old', 'run.sh'), '#!/bin/sh\nexit 0\n');
    chmodSync(join(this.work, 'notes', 'old', 'run.sh'), 0o750);
    writeFileSync(join(this.work, 'notes', 'binary.dat'), Buffer.from([0, 255, 254, 10, 128]));
    writeFileSync(join(this.work, 'memory.json'), JSON.stringify({ type: 'entity', name: 'ground', entityType: 'place', observations: ['is there'] }));
    mkdirSync(join(this.repo, 'src'), { recursive: true });
    this.git('init', '-q', '-b', 'main');
    writeFileSync(join(this.repo, 'README.md'), '# shop\n');
    writeFileSync(join(this.repo, 'src', 'main.txt'), 'one\ntwo\nthree\n');
    writeFileSync(join(this.repo, '.gitignore'), '*.log\n');
    this.commit('begin');
    this.git('checkout', '-q', '-b', 'side');
    writeFileSync(join(this.repo, 'side.txt'), 'side\n');
    this.commit('side');
    this.git('checkout', '-q', 'main');
    writeFileSync(join(this.repo, 'src', 'main.txt'), 'one\ntwo\nthree\nfour\n');
    this.commit('four');
    copy(this.work, join(this.scratch, 'kept'));
    this.change('CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT);'
      + 'CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL, item TEXT, qty INTEGER)');
    this.fill();
  }

  fill() {
    let statements = 'DELETE FROM customers; DELETE FROM orders;';
    for (let id = 1; id <= 6; id++) statements += `INSERT INTO customers VALUES (${id}, 'customer ${id}', ${id % 2 ? "'Ulm'" : 'NULL'});`;
    for (let id = 1; id <= 8; id++) statements += `INSERT INTO orders VALUES (${id}, ${1 + (id % 6)}, 'bolt', ${id * 10});`;
    this.change(statements);
  }

  /// As it was at first, whatever a session has left.
  refurnish() {
    for (const name of readdirSync(this.work)) rmSync(join(this.work, name), { recursive: true });
    copy(join(this.scratch, 'kept'), this.work);
    this.fill();
  }

  git(...args) {
    const { status, stdout, stderr } = spawnSync('git', args, {
      cwd: this.repo, encoding: 'utf8', env: { ...process.env, ...WHO, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_OPTIONAL_LOCKS: '0' },
    });
    assert.equal(status, 0, `git ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  commit(message) {
    this.git('add', '-A');
    this.git('commit', '-qm', message);
  }

  /// Bytes, modes and times of all files, refs, index and status of the repository, what git is in the middle of, and all rows.
  capture() {
    const all = {};
    this.#files(this.work, '', all);
    const text = path => { try { return readFileSync(join(this.repo, '.git', path), 'utf8'); } catch { return 'none'; } };
    for (const name of STATE) all[`.git/${name}`] = text(name);
    all['git refs'] = this.git('for-each-ref');
    all['git index'] = this.git('ls-files', '--stage');
    all['git status'] = this.git('status', '--porcelain', '--branch');
    for (const table of ['customers', 'orders'])
      for (const row of this.rows(`SELECT * FROM ${table}`)) all[`${table} ${row.id}`] = JSON.stringify(row);
    return all;
  }

  #files(directory, prefix, all) {
    for (const name of readdirSync(directory)) {
      const path = join(directory, name);
      const told = prefix + name;
      if (told === 'repo/.git') continue;
      const found = lstatSync(path, { bigint: true });
      const mode = (found.mode & 0o7777n).toString(8);
      if (found.isSymbolicLink()) all[told] = `-> ${readlinkSync(path)}`;
      else if (found.isDirectory()) {
        all[`${told}/`] = mode;
        this.#files(path, `${told}/`, all);
      } else all[told] = `${mode} ${found.mtimeNs} ${readFileSync(path).toString('base64')}`;
    }
  }

  rows(query) {
    return this.#database(db => db.prepare(query).all());
  }

  change(statements) {
    this.#database(db => db.exec(statements));
  }

  #database(work) {
    const db = new DatabaseSync(this.file, { timeout: 10_000 });
    try {
      return work(db);
    } finally {
      db.close();
    }
  }

  /// The catalogues name every tool that the servers list, with the same arguments, and no others.
  async compare() {
    for (const [server, file] of [['files', 'server-filesystem'], ['memory', 'server-memory'], ['git', 'git']]) {
      const catalogue = parse(readFileSync(join(this.catalogues, `${file}.yaml`), 'utf8')).tools;
      const { tools } = await this.clients[server].listTools();
      const listed = tools.map(tool => [tool.name, Object.keys(tool.inputSchema.properties ?? {}).sort()]);
      const told = Object.entries(catalogue).map(([name, { inputSchema }]) => [name, Object.keys(inputSchema.properties ?? {}).sort()]);
      assert.deepEqual(told.sort(), listed.sort(), `policies/catalogues/${file}.yaml`);
    }
  }

  /// What a tool answered; `failed` where it says so itself.
  async call(server, tool, args) {
    const result = await this.clients[server].callTool({ name: tool, arguments: args });
    const text = (result.content ?? []).map(part => part.text ?? '').join('\n');
    return { failed: result.isError === true, text };
  }

  /// The session that the calls since the last one went into.
  async session() {
    const { items } = JSON.parse(await this.guard.ask('ann', 'GET', '/v1/sessions?limit=500'));
    return items.filter(session => session.state === 'active').at(-1).id;
  }

  async undo(session, body) {
    return JSON.parse(await this.guard.ask('ann', 'POST', `/v1/sessions/${session}/undo`, body)).steps;
  }

  end(session) {
    return this.guard.ask('kim', 'POST', `/v1/sessions/${session}/end`);
  }

  /// Ends everything, and keeps the scratch directory where something went wrong.
  async stop() {
    for (const client of Object.values(this.clients)) await client.close().catch(gone => console.error(gone.message));
    await this.guard.stop();
    if (!process.exitCode) rmSync(this.scratch, { recursive: true });
  }
}
