// An agent by a framework or a product, in a process of its own, with a model by script.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { within } from '../interop/wait.mjs';
import { Model } from './model.mjs';

export const TASK = 'Read hello.txt and write what it says.';

/// Runs a program to its end, which must be one of the expected: what it printed.
async function printed(name, directory, [program, ...args], environment, codes = [0]) {
  const options = { cwd: directory, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] };
  const child = spawn(program, args, options);
  const [out, err] = [[], []];
  child.stdout.on('data', chunk => out.push(chunk));
  child.stderr.on('data', chunk => err.push(chunk));
  try {
    const [code] = await within(120, `${name} to end`, once(child, 'close'));
    const text = Buffer.concat(out).toString('utf8');
    if (!codes.includes(code)) throw new Error(`${name} ended with ${code}`);
    return text;
  } catch (thrown) {
    child.kill('SIGKILL');
    thrown.message += `\n${Buffer.concat([...out, ...err]).toString('utf8')}`;
    throw thrown;
  }
}

export class Agent {
  constructor(name, directory, command, environment) {
    this.name = name;
    this.directory = directory;
    this.command = command;
    this.environment = environment;
  }

  async start() {
    this.model = new Model();
    await this.model.start();
    const command = typeof this.command === 'function' ? this.command(this.model.url) : this.command;
    this.run = printed(this.name, this.directory, command, this.environment(this.model.url));
    this.run.catch(() => {}); // told by whoever waits for the next turn
  }

  /// What the agent tells the model that a tool answered.
  call(tool, args) {
    const gone = this.run.then(text => Promise.reject(new Error(`${this.name} ended early: ${text}`)));
    return Promise.race([within(90, `the next turn of ${this.name}`, this.model.call(tool, args)), gone]);
  }

  async end() {
    this.model.say('All is written.');
    const text = await this.run;
    if (!text.includes('All is written.')) throw new Error(`${this.name} printed ${JSON.stringify(text)}`);
  }

  stop() {
    this.model?.stop();
  }
}

const TOOL_ERROR = 5; // the inspector's, for a result with `isError`

/// A client without a model: each call is a process of its own, told to its user.
export class Caller {
  constructor(name, directory, command, environment) {
    this.name = name;
    this.directory = directory;
    this.command = command;
    this.environment = environment;
  }

  async start() {}

  call(tool, args) {
    const each = Object.entries(args).flatMap(([name, value]) => ['--tool-arg', `${name}=${value}`]);
    const command = [...this.command, '--method', 'tools/call', '--tool-name', tool, ...each];
    return printed(`${this.name} ${tool}`, this.directory, command, this.environment, [0, TOOL_ERROR]);
  }

  async end() {}

  stop() {}
}
