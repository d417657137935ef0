// A client for the conformance suite, when it is its turn (see turnstile.mjs): node client.mjs 1|2 URL
import { request } from 'node:http';

const turn = process.env.CONFORMANCE_TURN;
if (turn) {
  const answer = await new Promise((resolve, reject) => request(turn, resolve).on('error', reject).end());
  answer.socket.unref();
}
await import(`./client-${process.argv[2]}.mjs`);
