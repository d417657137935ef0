// The TypeScript SDK's client 2.x as the conformance suite calls it (see play.mjs).
import {
  Client, ClientCredentialsProvider, PrivateKeyJwtProvider, StreamableHTTPClientTransport, UnauthorizedError,
} from '@modelcontextprotocol/client';
import { play } from './play.mjs';

const revision = process.env.MCP_CONFORMANCE_PROTOCOL_VERSION ?? '2025-11-25';
const mode = revision === '2025-11-25' ? 'legacy' : { pin: revision };

await play({
  UnauthorizedError, ClientCredentialsProvider, PrivateKeyJwtProvider,
  client(capabilities, elicited) {
    const client = new Client({ name: 'conformance-2', version: '1.0.0' }, { capabilities, versionNegotiation: { mode } });
    client.setRequestHandler('elicitation/create', elicited);
    return client;
  },
  transport: (url, options) => new StreamableHTTPClientTransport(url, options),
  finish: (transport, callback) => transport.finishAuth(callback),
});
