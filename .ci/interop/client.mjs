// A client of an SDK in a process of its own, driven by lines (see drive.mjs).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { within } from './wait.mjs';

export class Client {
  constructor(name, command, url, key) {
    this.name = name;
    const [program, ...args] = command;
    this.process = spawn(program, args, {
      env: { ...process.env, MCP_URL: url, MCP_KEY: key },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.ended = once(this.process, 'exit');
    this.answers = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
  }

  ready() {
    return this.answer('to be ready');
  }

  async answer(what) {
    const { value, done } = await within(90, `${this.name} ${what}`, this.answers.next());
    if (done) throw new Error(`${this.name} ended`);
    return JSON.parse(value);
  }

  async do(command) {
    this.process.stdin.write(JSON.stringify(command) + '\n');
    const answer = await this.answer(JSON.stringify(command));
    if (answer.error !== undefined) throw new Error(`${this.name}: ${JSON.stringify(command)} threw: ${answer.error}`);
    return answer;
  }

  async list() {
    return (await this.do({ op: 'list' })).tools;
  }

  /// What a tool answered, with its text and how often progress was heard.
  async call(tool, args, progress = false) {
    const { result, progress: heard } = await this.do({ op: 'call', tool, args, progress });
    const text = (result.content ?? []).filter(part => part.text !== undefined).map(part => part.text).join('\n');
    return { ...result, text, heard, failed: result.isError === true };
  }

  async close() {
    this.process.stdin.end();
    await within(30, `${this.name} to end`, this.ended);
  }
}
