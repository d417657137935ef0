// What the fixture offers: the tools, prompts and resources that the conformance suite asks for by name, and what each
// has to answer in its scenarios. One definition serves both revisions.
import { setTimeout as pause } from 'node:timers/promises';
import { acceptedContent, fromJsonSchema, inputRequired, McpServer, ResourceTemplate } from '@modelcontextprotocol/server';

// One red pixel, and a tenth of a millisecond of silence.
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
const WAV = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQIAAAAAAA==';

const object = (properties = {}, required = Object.keys(properties)) => fromJsonSchema({ type: 'object', properties, required });
const string = description => ({ type: 'string', description });
const text = value => ({ content: [{ type: 'text', text: value }] });
const image = { type: 'image', data: PNG, mimeType: 'image/png' };
const embedded = (uri, mimeType, body) => ({ type: 'resource', resource: { uri, mimeType, text: body } });
const said = content => ({ role: 'user', content });
const one = (key, type) => ({ type: 'object', properties: { [key]: { type } }, required: [key] });
const ask = (message, key, type = 'string') => inputRequired.elicit({ message, requestedSchema: one(key, type) });
const sample = (prompt, maxTokens = 100) => inputRequired.createMessage({ messages: [said({ type: 'text', text: prompt })], maxTokens });

/// The names that are listed only after every second trigger: what `list_changed` is about.
export const switched = { tool: false, prompt: false };

/// A server for one request of the stateless revision, or for one session of the stateful one.
///
/// @param changed `tools()` and `prompts()`: tells everyone who listens that a list has changed
/// @param state the codec that seals `requestState`
export function surface(changed, state) {
  const server = new McpServer({ name: 'guardrail-conformance-fixture', version: '1.0.0' }, {
    capabilities: {
      tools: { listChanged: true }, prompts: { listChanged: true }, resources: { listChanged: true, subscribe: true },
      logging: {}, completions: {},
    },
    requestState: { verify: state.verify },
  });
  contents(server);
  conversations(server);
  elicitations(server);
  multipleRounds(server, state);
  changes(server, changed);
  resources(server);
  prompts(server);
  return server;
}

function tool(server, name, description, inputSchema, answer) {
  server.registerTool(name, { description, inputSchema }, answer);
}

function contents(server) {
  tool(server, 'test_simple_text', 'Answers with a sentence', object(), () => text('This is a simple text response for testing.'));
  tool(server, 'test_image_content', 'Answers with an image', object(), () => ({ content: [image] }));
  tool(server, 'test_audio_content', 'Answers with a sound', object(),
    () => ({ content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }] }));
  tool(server, 'test_embedded_resource', 'Answers with a resource', object(),
    () => ({ content: [embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')] }));
  tool(server, 'test_multiple_content_types', 'Answers with a text, an image and a resource', object(), () => ({
    content: [
      ...text('Multiple content types test:').content,
      image,
      embedded('test://mixed-content-resource', 'application/json', JSON.stringify({ test: 'data', value: 123 })),
    ],
  }));
  tool(server, 'test_error_handling', 'Always fails', object(),
    () => ({ ...text('This tool intentionally returns an error for testing'), isError: true }));
  tool(server, 'json_schema_2020_12_tool', 'Has a schema of many keywords', fromJsonSchema({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    $defs: {
      address: { $anchor: 'addressDef', type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } },
    },
    properties: {
      name: { type: 'string' },
      address: { $ref: '#/$defs/address' },
      contactMethod: { type: 'string', enum: ['phone', 'email'] },
      phone: { type: 'string' },
      email: { type: 'string' },
    },
    allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
    if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
    then: { required: ['phone'] },
    else: { required: ['email'] },
    additionalProperties: false,
  }), args => text(JSON.stringify(args)));
  tool(server, 'test_custom_header', 'Has a parameter that is mirrored in a header', object({
    region: { ...string('where to run'), 'x-mcp-header': 'Region' },
  }), ({ region }) => text(`Ran in ${region}`));
}

function conversations(server) {
  tool(server, 'test_tool_with_logging', 'Logs while it works', object(), async (_, ctx) => {
    for (const line of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      await ctx.mcpReq.log('info', line);
      await pause(50);
    }
    return text('Logged three lines');
  });
  tool(server, 'test_logging_tool', 'Logs where the request asks for it', object(), async (_, ctx) => {
    await ctx.mcpReq.log('info', 'Heard only where a level was set');
    return text('Logged one line');
  });
  tool(server, 'test_tool_with_progress', 'Reports its progress', object(), async (_, ctx) => {
    const progressToken = ctx.mcpReq._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      if (progressToken !== undefined)
        await ctx.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } });
      await pause(50);
    }
    return text('Done in three steps');
  });
  tool(server, 'test_reconnection', 'Ends its stream before it answers', object(), async (_, ctx) => {
    ctx.http?.closeSSE?.();
    await pause(100);
    return text('Reconnected');
  });
  tool(server, 'test_sampling', "Asks the client's model", object({ prompt: string('what to ask') }), async ({ prompt }, ctx) => {
    const answer = await ctx.mcpReq.requestSampling({ messages: [said({ type: 'text', text: prompt })], maxTokens: 100 });
    return text(`LLM response: ${[answer.content].flat().map(part => part.text).join('')}`);
  });
  // Whoever cannot sample is refused by the SDK, as for any input that the client has not declared.
  tool(server, 'test_missing_capability', "Needs the client's model", object(), (_, ctx) => ctx.mcpReq.inputResponses?.answer
    ? text('Sampled') : inputRequired({ inputRequests: { answer: sample('Say something') } }));
}

function elicitations(server) {
  const elicit = (name, description, requestedSchema) => tool(server, name, description, object(), async (_, ctx) => {
    const { action, content } = await ctx.mcpReq.elicitInput({ message: 'Please fill in', requestedSchema });
    return text(`Elicitation completed: action=${action}, content=${JSON.stringify(content)}`);
  });
  tool(server, 'test_elicitation', 'Asks the user', object({ message: string('what to say') }), async ({ message }, ctx) => {
    const answer = await ctx.mcpReq.elicitInput({
      message,
      requestedSchema: {
        type: 'object',
        properties: { username: string("User's response"), email: string("User's email address") },
        required: ['username', 'email'],
      },
    });
    return text(`User response: ${JSON.stringify(answer)}`);
  });
  elicit('test_elicitation_sep1034_defaults', 'Asks the user and proposes answers', {
    type: 'object',
    properties: {
      name: { type: 'string', default: 'John Doe' },
      age: { type: 'integer', default: 30 },
      score: { type: 'number', default: 95.5 },
      status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
      verified: { type: 'boolean', default: true },
    },
    required: [],
  });
  const options = ['option1', 'option2', 'option3'];
  const titled = ['First', 'Second', 'Third'].map((title, n) => ({ const: `value${n + 1}`, title }));
  elicit('test_elicitation_sep1330_enums', 'Asks the user to choose', {
    type: 'object',
    properties: {
      untitledSingle: { type: 'string', enum: options },
      titledSingle: { type: 'string', oneOf: titled },
      legacyEnum: { type: 'string', enum: ['opt1', 'opt2', 'opt3'], enumNames: ['One', 'Two', 'Three'] },
      untitledMulti: { type: 'array', items: { type: 'string', enum: options } },
      titledMulti: { type: 'array', items: { anyOf: titled } },
    },
    required: [],
  });
}

/// Tools that answer `input_required` and go on when they are called again with what they asked for.
function multipleRounds(server, state) {
  const prefix = 'test_input_required_result_';
  const rounds = (name, description, play) =>
    tool(server, name, description, object(), (_, ctx) => play(ctx.mcpReq.inputResponses ?? {}, ctx));
  const named = responses => acceptedContent(responses, 'user_name', fromJsonSchema(one('name', 'string')));

  rounds(`${prefix}elicitation`, 'Asks for a name', async responses => {
    const answer = await named(responses);
    return answer ? text(`Hello, ${answer.name}!`) : inputRequired({ inputRequests: { user_name: ask('What is your name?', 'name') } });
  });
  rounds(`${prefix}sampling`, 'Asks a model for a capital', ({ capital_question: answer }) => answer
    ? text(`The model says: ${[answer.content].flat().map(part => part.text).join('')}`)
    : inputRequired({ inputRequests: { capital_question: sample('What is the capital of France?') } }));
  rounds(`${prefix}list_roots`, "Asks for the client's roots", ({ client_roots: answer }) => answer
    ? text(`Roots: ${answer.roots.map(root => root.uri).join(', ')}`)
    : inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } }));
  const confirmed = async (responses, ctx) => ctx.mcpReq.requestState() && responses.confirm
    ? text('Confirmed: state-ok')
    : inputRequired({
      inputRequests: { confirm: ask('Please confirm', 'ok', 'boolean') }, requestState: await state.mint({ round: 1 }, ctx),
    });
  rounds(`${prefix}request_state`, 'Gives the client a state to carry', confirmed);
  rounds(`${prefix}tampered_state`, 'Takes back only the state that it gave', confirmed);
  rounds(`${prefix}multiple_inputs`, 'Asks for three things at once', async (responses, ctx) =>
    ['user_name', 'greeting', 'client_roots'].every(key => responses[key])
      ? text('Thank you for all three')
      : inputRequired({
        inputRequests: {
          user_name: ask('What is your name?', 'name'),
          greeting: sample('Generate a greeting', 50),
          client_roots: inputRequired.listRoots(),
        },
        requestState: await state.mint({ round: 1 }, ctx),
      }));
  rounds(`${prefix}multi_round`, 'Asks twice', async (responses, ctx) => {
    const round = ctx.mcpReq.requestState()?.round ?? 0;
    if (round === 2 && responses.step2) return text('Finished after two questions');
    const [key, request] = round === 1 && responses.step1
      ? ['step2', ask('Step 2: What is your favorite color?', 'color')]
      : ['step1', ask('Step 1: What is your name?', 'name')];
    return inputRequired({ inputRequests: { [key]: request }, requestState: await state.mint({ round: key === 'step2' ? 2 : 1 }, ctx) });
  });
  rounds(`${prefix}capabilities`, 'Asks only for what the client can do', (responses, ctx) => {
    const declared = ctx.mcpReq.envelope?.['io.modelcontextprotocol/clientCapabilities'] ?? {};
    const inputRequests = {
      ...(declared.sampling ? { greeting: sample('Generate a greeting', 50) } : {}),
      ...(declared.elicitation ? { user_name: ask('What is your name?', 'name') } : {}),
    };
    const open = Object.entries(inputRequests).filter(([key]) => !responses[key]);
    return open.length ? inputRequired({ inputRequests: Object.fromEntries(open) }) : text('Nothing left to ask for');
  });
  tool(server, 'test_streaming_elicitation', 'Reports progress, then asks', object(), async (_, ctx) => {
    const progressToken = ctx.mcpReq._meta?.progressToken;
    if (progressToken !== undefined) await ctx.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress: 1 } });
    return ctx.mcpReq.inputResponses?.user_name
      ? text('Answered') : inputRequired({ inputRequests: { user_name: ask('What is your name?', 'name') } });
  });
}

function changes(server, changed) {
  tool(server, 'test_trigger_tool_change', 'Lists one tool more, or one less', object(), () => {
    switched.tool = !switched.tool;
    changed.tools();
    return text('The tools have changed');
  });
  tool(server, 'test_trigger_prompt_change', 'Lists one prompt more, or one less', object(), () => {
    switched.prompt = !switched.prompt;
    changed.prompts();
    return text('The prompts have changed');
  });
  if (switched.tool) tool(server, 'test_switched_tool', 'Is there every second time', object(), () => text('I am there'));
}

function resources(server) {
  const fixed = (name, uri, description, mimeType, body) => server.registerResource(name, uri, { description, mimeType },
    () => ({ contents: [{ uri, mimeType, ...body }] }));
  fixed('static-text', 'test://static-text', 'A text', 'text/plain', { text: 'This is the content of the static text resource.' });
  fixed('static-binary', 'test://static-binary', 'An image', 'image/png', { blob: PNG });
  fixed('watched', 'test://watched-resource', 'A text to watch', 'text/plain', { text: 'Watch me.' });
  server.registerResource('template', new ResourceTemplate('test://template/{id}/data', { list: undefined }),
    { description: 'Data by id', mimeType: 'application/json' },
    (uri, { id }) => ({
      contents: [{
        uri: uri.href, mimeType: 'application/json', text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
      }],
    }));
  for (const method of ['resources/subscribe', 'resources/unsubscribe']) server.server.setRequestHandler(method, () => ({}));
}

function prompts(server) {
  const prompt = (name, description, argsSchema, messages) =>
    server.registerPrompt(name, { description, ...(argsSchema ? { argsSchema } : {}) }, messages);
  prompt('test_simple_prompt', 'One sentence', undefined,
    () => ({ messages: [said({ type: 'text', text: 'This is a simple prompt for testing.' })] }));
  prompt('test_prompt_with_arguments', 'One sentence with two words of yours',
    object({ arg1: string('First test argument'), arg2: string('Second test argument') }),
    ({ arg1, arg2 }) => ({ messages: [said({ type: 'text', text: `Prompt with arguments: arg1='${arg1}', arg2='${arg2}'` })] }));
  prompt('test_prompt_with_embedded_resource', 'A resource', object({ resourceUri: string('URI of the resource to embed') }),
    ({ resourceUri }) => ({
      messages: [
        said(embedded(resourceUri, 'text/plain', 'Embedded resource content for testing.')),
        said({ type: 'text', text: 'Please process the embedded resource above.' }),
      ],
    }));
  prompt('test_prompt_with_image', 'An image', undefined,
    () => ({ messages: [said(image), said({ type: 'text', text: 'Please analyze the image above.' })] }));
  prompt('test_input_required_result_prompt', 'Asks before it answers', undefined, ctx => {
    const answer = ctx.mcpReq.inputResponses?.user_context;
    return answer
      ? { messages: [said({ type: 'text', text: `In this context: ${answer.content?.context}` })] }
      : inputRequired({ inputRequests: { user_context: ask('What context should the prompt use?', 'context') } });
  });
  server.server.setRequestHandler('completion/complete', ({ params: { argument } }) => {
    const values = ['test', 'testimony', 'testValue1'].filter(value => value.startsWith(argument.value));
    return { completion: { values, total: values.length, hasMore: false } };
  });
  if (switched.prompt) prompt('test_switched_prompt', 'Is there every second time', undefined, () => ({ messages: [] }));
}
