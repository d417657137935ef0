// The TypeScript SDK's client 1.x as a host that only starts processes, driven by lines on stdin (see drive.mjs).
import { Client } from 'sdk-1/client/index.js';
import { StdioClientTransport } from 'sdk-1/client/stdio.js';
import { bridge } from './bridge.mjs';
import { drive } from './drive.mjs';

await drive(async (url, key) => {
  const client = new Client({ name: 'stdio-1', version: '1' });
  await client.connect(new StdioClientTransport(bridge(url, key)));
  return {
    list: () => client.listTools(),
    call: (params, options) => client.callTool(params, undefined, options),
    close: () => client.close(),
  };
});
