// A model by script: whoever asks it over the wire of OpenAI, Anthropic or Google is answered with what the script
// says next. The script sees which tools are offered and what they answered, as the agent tells a model.
import { createServer } from 'node:http';

const plain = tool => tool.name ?? tool;

export class Model {
  constructor() {
    this.calls = 0;
    this.waiting = []; // turns that the script has not come to yet
    this.ready = []; // the script, where it waits for a turn
    this.server = createServer((request, response) => {
      this.answer(request, response).catch(thrown => {
        send(response, 400, { error: { type: 'invalid_request_error', message: String(thrown) } });
      });
    });
  }

  async start() {
    await new Promise(resolve => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  /// Answers the present turn with a call, and waits for the next one: what the agent says that the tool answered.
  async call(tool, args) {
    this.turn ??= await this.asked();
    const matching = this.turn.tools.filter(each => plain(each).endsWith(tool));
    const name = matching.sort((one, other) => plain(other).length - plain(one).length)[0]; // `write_file` is some agents' own
    if (!name) throw new Error(`${tool} is not among ${JSON.stringify(this.turn.tools)}`);
    this.turn.reply({ call: { name, args } });
    this.turn = await this.asked();
    return this.turn.results.at(-1);
  }

  /// Answers the present turn with a text, which ends the agent's run.
  say(text) {
    this.turn.reply({ text });
  }

  asked() {
    return this.waiting.length > 0 ? this.waiting.shift() : new Promise(resolve => this.ready.push(resolve));
  }

  next(turn) {
    return new Promise(reply => {
      const asked = { ...turn, reply };
      if (this.ready.length > 0) this.ready.shift()(asked);
      else this.waiting.push(asked);
    });
  }

  async answer(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const path = request.url.split('?')[0];
    const wire = WIRES.find(each => request.method === 'POST' && each.path.test(path));
    if (!wire) return send(response, 404, { error: { message: `no ${request.method} ${path}` } });
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    const tools = wire.tools(body);
    const turn = tools.length === 0 ? { text: 'Nothing to add.' } : await this.next({ tools, results: wire.results(body) });
    const id = `call_${++this.calls}`;
    if (!wire.streams(body, path)) return send(response, 200, wire.whole(turn, id));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of wire.events(turn, id))
      response.write(`${event.type ? `event: ${event.type}\n` : ''}data: ${JSON.stringify(event)}\n\n`);
    response.end(wire.ending ?? '');
  }
}

function send(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/// The text of what a tool answered, in whichever shape an agent passes it on.
function text(value) {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(text).join('\n');
  if (typeof value?.text === 'string') return value.text;
  return JSON.stringify(value ?? '');
}

const chat = {
  path: /\/chat\/completions$/,
  tools: body => (body.tools ?? []).map(tool => tool.function.name),
  results: body => body.messages.filter(message => message.role === 'tool').map(message => text(message.content)),
  streams: body => body.stream === true,
  message: (turn, id) => turn.call
    ? { role: 'assistant', content: null, tool_calls: [{ index: 0, id, type: 'function',
        function: { name: turn.call.name, arguments: JSON.stringify(turn.call.args) } }] }
    : { role: 'assistant', content: turn.text },
  envelope: (id, object, choice) => ({ id: `chat_${id}`, object, created: 1, model: 'scripted',
    choices: [{ index: 0, logprobs: null, ...choice }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } }),
  reason: turn => turn.call ? 'tool_calls' : 'stop',
  whole: (turn, id) =>
    chat.envelope(id, 'chat.completion', { message: chat.message(turn, id), finish_reason: chat.reason(turn) }),
  events: (turn, id) => [
    chat.envelope(id, 'chat.completion.chunk', { delta: chat.message(turn, id), finish_reason: null }),
    chat.envelope(id, 'chat.completion.chunk', { delta: {}, finish_reason: chat.reason(turn) }),
  ],
  ending: 'data: [DONE]\n\n',
};

const responses = {
  path: /\/responses$/,
  tools: body => (body.tools ?? []).flatMap(tool => tool.type === 'namespace'
    ? tool.tools.map(each => ({ namespace: tool.name, name: each.name }))
    : tool.name ?? []),
  results: body => (Array.isArray(body.input) ? body.input : [])
    .filter(item => item.type === 'function_call_output').map(item => text(item.output)),
  streams: body => body.stream === true,
  item: (turn, id) => turn.call
    ? { type: 'function_call', id: `fc_${id}`, call_id: id, status: 'completed', arguments: JSON.stringify(turn.call.args),
        ...(typeof turn.call.name === 'string' ? { name: turn.call.name } : turn.call.name) }
    : { type: 'message', id: `msg_${id}`, role: 'assistant', status: 'completed',
        content: [{ type: 'output_text', text: turn.text, annotations: [] }] },
  whole: (turn, id) => ({ id: `resp_${id}`, object: 'response', created_at: 1, status: 'completed', model: 'scripted',
    output: [responses.item(turn, id)], parallel_tool_calls: false, tool_choice: 'auto', tools: [], error: null,
    usage: { input_tokens: 1, input_tokens_details: { cached_tokens: 0 }, output_tokens: 1,
      output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 2 } }),
  events: (turn, id) => {
    const response = responses.whole(turn, id);
    const at = { output_index: 0, item: response.output[0] };
    return [
      { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
      { type: 'response.output_item.added', ...at },
      { type: 'response.output_item.done', ...at },
      { type: 'response.completed', response },
    ].map((event, index) => ({ ...event, sequence_number: index }));
  },
};

const messages = {
  path: /\/messages$/,
  tools: body => (body.tools ?? []).map(tool => tool.name),
  results: body => body.messages.filter(message => message.role === 'user' && Array.isArray(message.content))
    .flatMap(message => message.content).filter(block => block.type === 'tool_result').map(block => text(block.content)),
  streams: body => body.stream === true,
  whole: (turn, id) => ({ id: `msg_${id}`, type: 'message', role: 'assistant', model: 'scripted',
    content: [turn.call
      ? { type: 'tool_use', id: `toolu_${id}`, name: turn.call.name, input: turn.call.args }
      : { type: 'text', text: turn.text }],
    stop_reason: turn.call ? 'tool_use' : 'end_turn', stop_sequence: null, usage: { input_tokens: 1, output_tokens: 1 } }),
  events: (turn, id) => {
    const message = messages.whole(turn, id);
    const [block] = message.content;
    return [
      { type: 'message_start', message: { ...message, content: [], stop_reason: null } },
      { type: 'content_block_start', index: 0, content_block: turn.call ? { ...block, input: {} } : { ...block, text: '' } },
      { type: 'content_block_delta', index: 0, delta: turn.call
        ? { type: 'input_json_delta', partial_json: JSON.stringify(block.input) }
        : { type: 'text_delta', text: block.text } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: message.stop_reason, stop_sequence: null }, usage: { output_tokens: 1 } },
      { type: 'message_stop' },
    ];
  },
};

const content = {
  path: /:(streamG|g)enerateContent$/,
  tools: body => (body.tools ?? []).flatMap(tool => tool.functionDeclarations ?? []).map(tool => tool.name),
  results: body => body.contents.flatMap(each => each.parts ?? [])
    .filter(part => part.functionResponse).map(part => text(part.functionResponse.response)),
  streams: (_, path) => path.endsWith(':streamGenerateContent'),
  whole: turn => ({ modelVersion: 'scripted',
    candidates: [{ index: 0, finishReason: 'STOP', content: { role: 'model', parts: [turn.call
      ? { functionCall: { name: turn.call.name, args: turn.call.args } }
      : { text: turn.text }] } }],
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 } }),
  events: turn => [content.whole(turn)],
};

const WIRES = [chat, responses, messages, content];
