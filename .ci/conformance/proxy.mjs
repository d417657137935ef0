// Stands before the guard and adds nothing but `Authorization`, for clients that have no credential. Host, Origin, the
// names and values of all other headers, the path and the bytes stay as they are.
import { appendFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { createGunzip } from 'node:zlib';

let exchanges = 0;

/// @param guard the URL of the guard
/// @param trace a file for what passes, where that is wanted
/// @return the port on which the proxy listens
export async function proxy(guard, key, trace) {
  const { hostname, port } = new URL(guard);
  const server = createServer((incoming, outgoing) => {
    const headers = [...without(incoming.rawHeaders, 'authorization'), 'Authorization', `Bearer ${key}`];
    relay(incoming, outgoing, { hostname, port, path: incoming.url, headers }, trace && { file: trace, at: 'client' });
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return server.address().port;
}

/// Passes everything on to a server as it comes, and notes it.
///
/// @return the URL at which it listens
export async function tap(url, trace) {
  const { hostname, port, pathname } = new URL(url);
  const server = createServer((incoming, outgoing) =>
    relay(incoming, outgoing, { hostname, port, path: incoming.url, headers: incoming.rawHeaders }, { file: trace, at: 'server' }));
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return `http://localhost:${server.address().port}${pathname}`;
}

/// Sends a request on and its answer back as it comes; whoever hangs up, hangs up on both.
export function relay(incoming, outgoing, to, trace) {
  const exchange = ++exchanges;
  const onward = request({ ...to, method: incoming.method, setHost: false, agent: false }, answer => {
    if (trace) note(trace, exchange, `< ${answer.statusCode} ${JSON.stringify(answer.headers)}`, answer);
    outgoing.sendDate = false;
    outgoing.writeHead(answer.statusCode, answer.statusMessage, answer.rawHeaders);
    outgoing.flushHeaders();
    answer.pipe(outgoing);
    answer.on('error', () => outgoing.destroy());
  });
  onward.on('error', () => outgoing.destroy());
  outgoing.on('close', () => onward.destroy());
  incoming.pipe(onward);
  if (trace) note(trace, exchange, `> ${incoming.method} ${incoming.url} ${JSON.stringify(incoming.headers)}`, incoming);
}

/// Notes a head and, as they come, the pieces of its body, all with the number of their exchange.
function note({ file, at }, number, head, stream) {
  const say = text => appendFileSync(file, `${new Date().toISOString().slice(11)} ${at} ${number} ${text}\n`);
  say(head);
  const plain = stream.headers['content-encoding'] === 'gzip' ? stream.pipe(createGunzip()) : stream;
  plain.on('error', broken => say(`  (${broken.message})`));
  plain.on('data', piece => say(`  ${piece.toString('utf8').trimEnd()}`)).on('close', () => say('  (end)'));
}

/// Headers as they came, but one.
export function without(rawHeaders, name) {
  const kept = [];
  for (let n = 0; n < rawHeaders.length; n += 2)
    if (rawHeaders[n].toLowerCase() !== name) kept.push(rawHeaders[n], rawHeaders[n + 1]);
  return kept;
}
