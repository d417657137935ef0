// Stands before the guard and adds nothing but `Authorization`, for clients that have no credential. Host, Origin, the
// names and values of all other headers, the path and the bytes stay as they are.
import { createServer, request } from 'node:http';

/// @param guard the URL of the guard
/// @return the port on which the proxy listens
export async function proxy(guard, key) {
  const { hostname, port } = new URL(guard);
  const server = createServer((incoming, outgoing) => {
    const headers = [...without(incoming.rawHeaders, 'authorization'), 'Authorization', `Bearer ${key}`];
    relay(incoming, outgoing, { hostname, port, path: incoming.url, headers });
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return server.address().port;
}

/// Sends a request on and its answer back as it comes; whoever hangs up, hangs up on both.
export function relay(incoming, outgoing, to) {
  const onward = request({ ...to, method: incoming.method, setHost: false, agent: false }, answer => {
    outgoing.sendDate = false;
    outgoing.writeHead(answer.statusCode, answer.statusMessage, answer.rawHeaders);
    outgoing.flushHeaders();
    answer.pipe(outgoing);
    answer.on('error', () => outgoing.destroy());
  });
  onward.on('error', () => outgoing.destroy());
  outgoing.on('close', () => onward.destroy());
  incoming.pipe(onward);
}

/// Headers as they came, but one.
export function without(rawHeaders, name) {
  const kept = [];
  for (let n = 0; n < rawHeaders.length; n += 2)
    if (rawHeaders[n].toLowerCase() !== name) kept.push(rawHeaders[n], rawHeaders[n + 1]);
  return kept;
}
