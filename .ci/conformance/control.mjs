// In the guard's place: passes everything on and judges nothing. Through it, too, every check must end alike; what does
// not is the harness's own fault.
import { createServer } from 'node:http';
import { relay, without } from './proxy.mjs';

export class Control {
  key = 'none';

  async start(servers) {
    this.server = createServer((incoming, outgoing) => {
      const [, name] = /^\/mcp\/([^/?]+)/.exec(incoming.url) ?? [];
      if (!servers[name]) {
        outgoing.writeHead(404);
        outgoing.end();
        return;
      }
      const { hostname, port, pathname } = new URL(servers[name]);
      relay(incoming, outgoing, { hostname, port, path: pathname, headers: without(incoming.rawHeaders, 'authorization') });
    });
    await new Promise(resolve => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
  }

  stop() {
    this.server?.closeAllConnections();
    this.server?.close();
  }
}
