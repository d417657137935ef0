// The TypeScript SDK's client 2.x as a host that only starts processes, driven by lines on stdin (see drive.mjs). It
// probes for the newest protocol first, on a process of its own.
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { bridge } from './bridge.mjs';
import { drive } from './drive.mjs';

await drive(async (url, key) => {
  const client = new Client({ name: 'stdio-2', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new StdioClientTransport(bridge(url, key)));
  return {
    list: () => client.listTools(),
    call: (params, options) => client.callTool(params, options),
    close: () => client.close(),
  };
});
