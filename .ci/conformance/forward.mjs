// Stands behind the guard for servers whose URLs are known only when a scenario begins. The guard is configured with
// servers whose names lead here; each scenario of a client is given a name that nobody used before, so that it meets a
// server of which the guard knows nothing yet. Only the path and Host become those of the server, as a client that was
// given its URL would send them; all other headers and the bytes pass unchanged.
import { createServer } from 'node:http';
import { relay, without } from './proxy.mjs';

export class Forwarder {
  #urls = new Map();
  #names = [];

  /// @param url where one runs already, if one does
  constructor(url) {
    this.url = url;
  }

  /// @param size how many scenarios it serves
  async start(port, size) {
    this.server = createServer((incoming, outgoing) => {
      if (incoming.url === '/') this.#assign(incoming, outgoing);
      else this.#forward(incoming, outgoing);
    });
    await new Promise(resolve => this.server.listen(port, '127.0.0.1', resolve));
    this.server.unref();
    this.url = `http://127.0.0.1:${this.server.address().port}/`;
    this.#names = Array.from({ length: size }, (_, n) => `c${n + 1}`);
  }

  /// The servers, by name, that a guard has to offer.
  get servers() {
    return Object.fromEntries(this.#names.map(name => [name, this.url + name]));
  }

  async #assign(incoming, outgoing) {
    const { scenario, url } = JSON.parse(Buffer.concat(await Array.fromAsync(incoming)).toString('utf8'));
    const name = this.#names.find(each => !this.#urls.has(each));
    if (!name) {
      outgoing.writeHead(503);
      outgoing.end('every name is taken');
      return;
    }
    this.#urls.set(name, new URL(url));
    this.told?.(`${scenario} is ${name}`);
    outgoing.end(`${this.before}/mcp/${name}`);
  }

  #forward(incoming, outgoing) {
    const { hostname, port, host, pathname } = this.#urls.get(incoming.url.slice(1).split('?')[0]) ?? {};
    if (!hostname) {
      outgoing.writeHead(503);
      outgoing.end();
      return;
    }
    const [, query] = incoming.url.split('?');
    relay(incoming, outgoing, {
      hostname, port, path: query === undefined ? pathname : `${pathname}?${query}`,
      headers: [...without(incoming.rawHeaders, 'host'), 'Host', host],
    }, this.trace && { file: this.trace, at: 'server' });
  }
}
