// One MCP tools/call directly, through nginx, through two bridges and through the guard, with 1 and 32 connections,
// interleaved: node run.mjs [CYCLES] [SECONDS A SHOT] [SECONDS OF WARM-UP]. docs/performance.md says how to read it.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const [cycles, seconds, warmUp] = [3, 4, 40].map((otherwise, i) => Number(process.argv[2 + i] ?? otherwise));
const here = import.meta.dirname;
const home = path.join(here, '..', '..');
const work = fs.mkdtempSync(path.join(process.env.HOP_DIRECTORY ?? os.tmpdir(), 'hop-'));
const key = 'grd_bench_agent_key_0123456789abcdef';
const port = { echo: 18400, nginx: 18401, mcpProxy: 18404, supergateway: 18406, guard: 18457 };
const running = [];

function start(name, command, args, extra = {}) {
  const log = fs.openSync(path.join(work, `${name}.log`), 'w');
  const child = spawn(command, args, { stdio: ['ignore', log, log], cwd: work, ...extra });
  running.push(child);
  return child.pid;
}

function write(name, text) {
  fs.writeFileSync(path.join(work, name), text, { mode: 0o600 });
  return path.join(work, name);
}

function nginx() {
  const spare = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${work}/${kind};`);
  return write(
    'nginx.conf',
    `worker_processes 1; daemon off; pid ${work}/nginx.pid; error_log ${work}/nginx.err;
     events { worker_connections 1024; }
     http { access_log off; ${spare.join(' ')} keepalive_requests 10000000;
       upstream echo { server 127.0.0.1:${port.echo}; keepalive 64; keepalive_requests 10000000; }
       server { listen 127.0.0.1:${port.nginx};
         location / { proxy_pass http://echo; proxy_http_version 1.1; proxy_set_header Connection ""; } } }\n`,
  );
}

function guard() {
  write('agent.key', key);
  write('operator.key', 'grd_bench_operator_key_0123456789ab');
  write(
    'policy.yaml',
    'apiVersion: guardrail/v1\nkind: Policy\nmetadata: {name: hop}\n' +
      'rules:\n  - {id: echo, match: {tools: [up.echo]}, effect: allow}\n',
  );
  return write(
    'guardrail.yaml',
    `listen: 127.0.0.1:${port.guard}\ndata: ./data\npolicies: [./policy.yaml]\nservers:\n` +
      `  up: {url: "http://127.0.0.1:${port.echo}/mcp"}\nagents:\n  - {name: bench, key: {file: ./agent.key}}\n` +
      'operators:\n  - {name: op, key: {file: ./operator.key}, roles: [admin]}\n',
  );
}

function startAll() {
  const bridge = (name) => path.join(home, 'guardrail-server', 'target', 'hop', 'node_modules', name, 'dist');
  const stdio = path.join(here, 'echo.mjs');
  const paths = [
    { name: 'direct', port: port.echo, pid: start('echo', process.execPath, [stdio, String(port.echo)]) },
    { name: 'nginx', port: port.nginx, pid: start('nginx', 'nginx', ['-c', nginx()]) },
    {
      name: 'mcp-proxy',
      port: port.mcpProxy,
      pid: start('mcp-proxy', process.execPath, [
        ...[path.join(bridge('mcp-proxy'), 'bin', 'mcp-proxy.mjs'), '--host', '127.0.0.1', '--port', port.mcpProxy],
        ...['--server', 'stream', '--', process.execPath, stdio],
      ]),
    },
    {
      name: 'supergateway',
      port: port.supergateway,
      pid: start('supergateway', process.execPath, [
        ...[path.join(bridge('supergateway'), 'index.js'), '--stdio', `${process.execPath} ${stdio}`],
        ...['--outputTransport', 'streamableHttp', '--stateful', '--port', port.supergateway, '--logLevel', 'none'],
      ]),
    },
    {
      name: 'guardrail',
      port: port.guard,
      route: '/mcp/up',
      key,
      pid: start('guardrail', path.join(home, 'guardrail'), ['serve', '--config', guard()]),
    },
  ];
  return paths.map((each) => ({ route: '/mcp', ...each }));
}

const call = (id) =>
  `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"echo","arguments":` +
  '{"message":"hello from the agent","path":"/data/p1/x.csv","amount":17,"dry_run":false}}}';

/** Opens a session and calls once; tried until it works. */
async function open(to) {
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  if (to.key) headers.authorization = `Bearer ${to.key}`;
  const ask = (body) => fetch(`http://127.0.0.1:${to.port}${to.route}`, { method: 'POST', headers, body });
  const hello = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'hop', version: '1' } };
  const greeted = await ask(JSON.stringify({ jsonrpc: '2.0', id: 'hello', method: 'initialize', params: hello }));
  await greeted.text();
  to.session = greeted.headers.get('mcp-session-id');
  if (to.session) headers['mcp-session-id'] = to.session;
  headers['mcp-protocol-version'] = '2025-06-18';
  await (await ask('{"jsonrpc":"2.0","method":"notifications/initialized"}')).text();
  const answer = await (await ask(call('"first"'))).text();
  if (!answer.includes('"hello from the agent"')) throw new Error(`${to.name} answered ${answer}`);
}

async function opened(to) {
  for (let attempt = 0; ; attempt++) {
    try {
      return await open(to);
    } catch (notYet) {
      if (attempt === 600) throw notYet;
      await new Promise((go) => setTimeout(go, 100));
    }
  }
}

/** CPU seconds of a process and its descendants, in ticks of 10 ms. */
function cpu(pid) {
  const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const children = fs
    .readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => fs.readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' '))
    .filter(Boolean);
  return (Number(fields[11]) + Number(fields[12])) / 100 + children.reduce((sum, child) => sum + cpu(child), 0);
}

function resident(pid) {
  return Math.round(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1] / 1024);
}

function shot(to, connections, length) {
  const before = cpu(to.pid);
  const env = { PATH: process.env.PATH, BODY: call('@ID@'), ROUTE: to.route };
  if (to.key) env.KEY = to.key;
  if (to.session) env.SESSION = to.session;
  const options = ['-t1', `-c${connections}`, `-d${length}s`, '-s', path.join(here, 'load.lua')];
  const said = execFileSync('wrk', [...options, `http://127.0.0.1:${to.port}`], { env, encoding: 'utf8' });
  const result = JSON.parse(/RESULT (.*)/.exec(said)[1]);
  return {
    path: to.name,
    connections,
    ...result,
    rate: Math.round(result.calls / result.seconds),
    cpu: Math.round(((cpu(to.pid) - before) * 1e6) / result.calls),
    load: os.loadavg()[0].toFixed(1),
  };
}

/** Median of an append of 512 bytes and an fdatasync on the disk that the journal lies on, in microseconds. */
function floor() {
  const file = fs.openSync(path.join(work, 'floor'), 'a');
  const times = Array.from({ length: 500 }, () => {
    const begin = process.hrtime.bigint();
    fs.writeSync(file, Buffer.alloc(512));
    fs.fdatasyncSync(file);
    return Number(process.hrtime.bigint() - begin) / 1e3;
  });
  fs.closeSync(file);
  return Math.round(times.sort((a, b) => a - b)[250]);
}

function table(shots, floors) {
  const best = (name, connections, pick, of) =>
    of(...shots.filter((s) => s.path === name && s.connections === connections).map(pick));
  const p50 = (name, c) => best(name, c, (s) => s.p50, Math.min);
  const rate = (name, c) => best(name, c, (s) => s.rate, Math.max);
  const least = (name, c) => best(name, c, (s) => s.cpu, Math.min);
  console.log('| | p50 c=1 | added | CPU a call c=1 / c=32 | p50 c=32 | calls/s c=32 | failed |');
  console.log('|---|---|---|---|---|---|---|');
  for (const name of [...new Set(shots.map((s) => s.path))]) {
    const failed = shots.filter((s) => s.path === name).reduce((sum, s) => sum + s.failed, 0);
    const added = p50(name, 1) - p50('direct', 1);
    console.log(
      `| ${name} | ${p50(name, 1)} us | ${added} us | ${least(name, 1)} / ${least(name, 32)} us | ` +
        `${p50(name, 32)} us | ${rate(name, 32)} | ${failed} |`,
    );
  }
  const sync = Math.min(...floors);
  const added = (name) => p50(name, 1) - p50('direct', 1);
  const bound = Math.min(100, 4 * added('nginx')) + 2.5 * sync;
  const bridges = Math.max(rate('mcp-proxy', 32), rate('supergateway', 32));
  console.log(`\nfdatasync p50 ${floors.join(', ')} us. Gate: added ${added('guardrail')} us (at most ${bound});`);
  console.log(`CPU ${least('guardrail', 32)} us (at most 100); ${(rate('guardrail', 32) / rate('nginx', 32)).toFixed(2)}`);
  console.log(`of nginx (at least 0.5) and ${(rate('guardrail', 32) / bridges).toFixed(1)} times a bridge (at least 5)`);
}

const stop = () => running.forEach((child) => child.kill());
process.on('exit', stop);
process.on('SIGINT', () => process.exit(130));
const paths = startAll();
for (const to of paths) await opened(to);
for (const to of paths) shot(to, 32, to.name === 'guardrail' ? warmUp : 3);
const shots = [];
const floors = [];
for (let cycle = 0; cycle < cycles; cycle++) {
  floors.push(floor());
  for (const connections of [1, 32])
    for (const to of paths) {
      shots.push(shot(to, connections, seconds));
      console.error(JSON.stringify(shots.at(-1)));
    }
}
table(shots, floors);
for (const to of paths) console.log(`${to.name} resident ${resident(to.pid)} MB`);
const ended = running.map((child) => new Promise((end) => child.once('exit', end)));
stop();
await Promise.all(ended);
fs.rmSync(work, { recursive: true, force: true });
