// The suite starts the clients of all scenarios at once, and judges some of them by the clock. Each client asks here
// first, so that only a few run at a time: an answer is begun when it is somebody's turn, and ends when that one does.
import { createServer } from 'node:http';

/// @param places how many clients run at a time
/// @return the URL to ask
export async function turnstile(places) {
  const waiting = [];
  let inside = 0;
  const admit = () => {
    while (inside < places && waiting.length > 0) {
      const answer = waiting.shift();
      if (answer.destroyed) continue;
      inside++;
      answer.on('close', () => {
        inside--;
        admit();
      });
      answer.writeHead(200);
      answer.flushHeaders();
    }
  };
  const server = createServer((_, answer) => {
    waiting.push(answer);
    admit();
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return `http://127.0.0.1:${server.address().port}/`;
}
