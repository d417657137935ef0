// The TypeScript SDK's client 2.x, driven by lines on stdin (see drive.mjs). It probes for the newest protocol first.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { drive } from './drive.mjs';

await drive(async (url, key) => {
  const client = new Client({ name: 'typescript-2', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { Authorization: `Bearer ${key}` } },
  }));
  return {
    list: () => client.listTools(),
    call: (params, options) => client.callTool(params, options),
    close: () => client.close(),
  };
});
