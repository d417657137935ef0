// A client that connects with what a product's configuration file says, where the product itself is in no registry: the
// file is checked against the members that the product documents, its references are resolved as the product does.
import { readFileSync } from 'node:fs';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

export const CURSOR = {
  members: ['mcpServers'],
  servers: 'mcpServers',
  http: ['type', 'url', 'headers'],
  stdio: ['type', 'command', 'args', 'env', 'envFile'],
  resolve: (text, { environment }) => text.replaceAll(/\$\{env:(\w+)\}/g, (_, name) => known(environment, name)),
};

export const VS_CODE = {
  members: ['inputs', 'servers'],
  servers: 'servers',
  http: ['type', 'url', 'headers'],
  stdio: ['type', 'command', 'args', 'env', 'envFile'],
  resolve: (text, { inputs, environment }) => text.replaceAll(/\$\{input:([\w-]+)\}/g, (_, id) => {
    const input = inputs.find(each => each.id === id);
    if (input?.type !== 'promptString' || input.password !== true) throw new Error(`${id} is not asked for as a password`);
    return known(environment, 'GUARDRAIL_KEY'); // what the user types
  }),
};

function known(environment, name) {
  if (environment[name] === undefined) throw new Error(`${name} is not set`);
  return environment[name];
}

function only(members, object, what) {
  const strange = Object.keys(object).filter(name => !members.includes(name));
  if (strange.length > 0) throw new Error(`${what} has ${strange}, which the product does not document`);
}

export class Configured {
  constructor(name, product, file, environment) {
    const config = JSON.parse(readFileSync(file, 'utf8'));
    only(product.members, config, file);
    const [server, ...others] = Object.values(config[product.servers]);
    if (!server || others.length > 0) throw new Error(`${file} has ${others.length + 1} servers`);
    only(server.command ? product.stdio : product.http, server, file);
    const resolve = text => product.resolve(text, { inputs: config.inputs ?? [], environment });
    const all = texts => Object.fromEntries(Object.entries(texts ?? {}).map(([key, text]) => [key, resolve(text)]));
    this.client = new Client({ name, version: '1' });
    this.transport = server.command
      ? new StdioClientTransport({ command: resolve(server.command), args: server.args.map(resolve), env: all(server.env) })
      : new StreamableHTTPClientTransport(new URL(resolve(server.url)), { requestInit: { headers: all(server.headers) } });
  }

  start() {
    return this.client.connect(this.transport);
  }

  async call(tool, args) {
    const { content } = await this.client.callTool({ name: tool, arguments: args });
    return content.map(part => part.text).join('\n');
  }

  async end() {}

  stop() {
    return this.client.close();
  }
}
