// The TypeScript SDK's client 1.x, driven by lines on stdin (see drive.mjs).
import { Client } from 'sdk-1/client/index.js';
import { StreamableHTTPClientTransport } from 'sdk-1/client/streamableHttp.js';
import { drive } from './drive.mjs';

await drive(async (url, key) => {
  const client = new Client({ name: 'typescript-1', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { Authorization: `Bearer ${key}` } },
  }));
  return {
    list: () => client.listTools(),
    call: (params, options) => client.callTool(params, undefined, options),
    close: () => client.close(),
  };
});
