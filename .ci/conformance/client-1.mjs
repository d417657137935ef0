// The TypeScript SDK's client 1.x as the conformance suite calls it (see play.mjs).
import { ClientCredentialsProvider, PrivateKeyJwtProvider } from 'sdk-1/client/auth-extensions.js';
import { UnauthorizedError } from 'sdk-1/client/auth.js';
import { Client } from 'sdk-1/client/index.js';
import { StreamableHTTPClientTransport } from 'sdk-1/client/streamableHttp.js';
import { ElicitRequestSchema } from 'sdk-1/types.js';
import { play } from './play.mjs';

await play({
  UnauthorizedError, ClientCredentialsProvider, PrivateKeyJwtProvider,
  client(capabilities, elicited) {
    const client = new Client({ name: 'conformance-1', version: '1.0.0' }, { capabilities });
    client.setRequestHandler(ElicitRequestSchema, elicited);
    return client;
  },
  transport: (url, options) => new StreamableHTTPClientTransport(url, options),
  finish: (transport, callback) => transport.finishAuth(callback.get('code')),
});
