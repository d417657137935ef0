// How each framework and product is started, with what the guide shows for it lying in a directory of its own.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Agent, Caller, TASK } from './agents.mjs';
import { Configured, CURSOR, VS_CODE } from './configured.mjs';

const here = import.meta.dirname;
const put = (path, text) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};

const modules = join(here, '..', 'node_modules');

/// A program of the guide that takes the task as its argument and is told where its model is.
const program = (prepare, command) => ({
  at: ({ name, home, key, files }) => {
    prepare(home);
    return new Agent(name, home, [...command, files[0], TASK], model => ({
      GUARDRAIL_KEY: key,
      OPENAI_BASE_URL: `${model}/v1`,
      OPENAI_API_KEY: 'none',
      GOOGLE_GEMINI_BASE_URL: model,
      GOOGLE_API_KEY: 'none',
      OPENAI_AGENTS_DISABLE_TRACING: '1',
    }));
  },
});

const script = () => program(home => symlinkSync(modules, join(home, 'node_modules')), [process.execPath]);
const source = (java, framework) => program(() => {}, [java, '-cp', join(here, framework, 'target', 'dependency', '*')]);

/// A product in a project with the guide's files, told its model's address by the environment or by arguments.
const product = (command, environment, user = {}) => ({
  at: ({ name, home, key }) => {
    const own = join(home, 'user');
    for (const [file, text] of Object.entries(user)) put(join(own, file), text);
    return new Agent(name, home, model => command(model), model => ({ HOME: own, GUARDRAIL_KEY: key, ...environment(model, home) }));
  },
});

/// A product that is in no registry: a client of ours with the configuration that the guide shows for it.
const configured = product => ({
  at: ({ name, key, files }) => new Configured(name, product, files[0], { GUARDRAIL_KEY: key }),
});

const bin = name => join(modules, '.bin', name);

const claude = () => product(
  () => [bin('claude'), '-p', TASK, '--mcp-config', '.mcp.json', '--allowedTools', 'mcp__files'],
  model => ({
    ANTHROPIC_BASE_URL: model,
    ANTHROPIC_API_KEY: 'none',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    ENABLE_TOOL_SEARCH: 'false', // the script does not search for tools, it knows them
  }));

const codex = () => product(
  model => [bin('codex'), 'exec', '--skip-git-repo-check', '-m', 'scripted', '-c', 'model_provider="scripted"', '-c',
    `model_providers.scripted={name="scripted",base_url="${model}/v1",wire_api="responses"}`, TASK],
  (_, home) => ({ CODEX_HOME: home }));

const gemini = () => product(
  () => [bin('gemini'), '--approval-mode', 'yolo', '-m', 'gemini-2.5-flash', '-p', TASK],
  model => ({ GOOGLE_GEMINI_BASE_URL: model, GEMINI_API_KEY: 'none', GEMINI_CLI_TRUST_WORKSPACE: 'true' }),
  { '.gemini/settings.json': JSON.stringify({ security: { auth: { selectedType: 'gemini-api-key' } } }) });

export const hosts = java => ({
  inspector: { at: ({ name, key, files }) => new Caller(name, modules, ['sh', files[0]], { GUARDRAIL_KEY: key }) },
  'openai-agents': script(),
  langgraph: script(),
  'vercel-ai': script(),
  mastra: script(),
  langchain4j: source(java, 'langchain4j'),
  'spring-ai': source(java, 'spring-ai'),
  'google-adk': source(java, 'google-adk'),
  'claude-code': claude(),
  'claude-code-stdio': claude(),
  codex: codex(),
  'codex-stdio': codex(),
  gemini: gemini(),
  'gemini-stdio': gemini(),
  cursor: configured(CURSOR),
  'cursor-stdio': configured(CURSOR),
  'vs-code': configured(VS_CODE),
  'vs-code-stdio': configured(VS_CODE),
});
