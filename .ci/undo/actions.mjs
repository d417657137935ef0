// What an agent does, at random: the same seed does the same.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/// A generator of numbers (mulberry32).
export function random(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const below = most => Math.floor(next() * most);
  return { below, pick: from => from[below(from.length)] };
}

const PLACES = ['notes/todo.txt', 'notes/new.txt', 'notes/old/run.sh', 'notes/deep/er/plan.md', 'repo/README.md', 'repo/src/main.txt', 'repo/src/more.txt', 'repo/draft.txt'];
const FOLDERS = ['notes/empty', 'notes/a/b/c', 'repo/docs'];
const NAMES = ['ground', 'roof', 'wall', 'door'];
const BRANCHES = ['main', 'side', 'topic', 'fix'];

export class Agent {
  constructor(stage, seed) {
    this.stage = stage;
    this.random = random(seed);
    this.count = 0;
  }

  /// One call: server, tool, arguments.
  next() {
    this.count++;
    const kinds = [this.file, this.file, this.workspace, this.workspace, this.graph, this.graph, this.repository, this.repository, this.repository, this.row, this.row];
    return this.random.pick(kinds).call(this);
  }

  #at(place) {
    return join(this.stage.work, place);
  }

  file() {
    const { pick, below } = this.random;
    const path = this.#at(pick(PLACES));
    const there = existsSync(path) && statSync(path).isFile();
    switch (below(6)) {
      case 0: case 1: return ['files', 'write_file', { path, content: `${this.count}: ${pick(NAMES)} ü\n`.repeat(1 + below(4)) }];
      case 2: case 3: {
        const first = there ? readFileSync(path, 'utf8').split('\n')[0] : '';
        if (!first) return ['files', 'write_file', { path, content: `made ${this.count}\n` }];
        return ['files', 'edit_file', { path, edits: [{ oldText: first, newText: `edited ${this.count}` }] }];
      }
      case 4: return ['files', 'create_directory', { path: this.#at(pick(FOLDERS)) }];
      default: return ['files', 'move_file', this.#move()];
    }
  }

  #move() {
    const { pick } = this.random;
    const below = folder => existsSync(folder) ? readdirSync(folder).filter(name => name !== '.git').map(name => join(folder, name)) : [];
    const source = pick([...below(this.#at('notes')), ...below(join(this.stage.repo, 'src')), ...below(this.#at('notes/old'))]);
    return { source, destination: this.#at(pick([`notes/moved-${this.count}`, `repo/moved-${this.count}`])) };
  }

  /// The guard's own tools, over the same files.
  workspace() {
    const { pick, below } = this.random;
    const path = this.#at(pick(PLACES));
    const there = existsSync(path) && statSync(path).isFile();
    switch (below(4)) {
      case 0: {
        const { source, destination } = this.#move();
        return ['workspace', 'fs_move', { from: source, to: destination }];
      }
      case 1: if (there) return ['workspace', 'fs_delete', { path }];
      // falls through: nothing is there to be deleted
      default: return ['workspace', 'fs_write', { path, content: `${this.count}: ${pick(NAMES)} ß\n`.repeat(1 + below(4)) }];
    }
  }

  graph() {
    const { pick, below } = this.random;
    const name = pick(NAMES);
    switch (below(7)) {
      case 0: case 1: return ['memory', 'create_entities', { entities: [{ name, entityType: 'part', observations: [`seen ${this.count}`] }, { name: `thing ${this.count}`, entityType: 'thing', observations: [] }] }];
      case 2: return ['memory', 'create_relations', { relations: [{ from: name, to: pick(NAMES), relationType: `holds ${this.count}` }] }];
      case 3: return ['memory', 'add_observations', { observations: [{ entityName: 'ground', contents: [`observed ${this.count}`] }] }];
      case 4: return ['memory', 'delete_entities', { entityNames: [pick(NAMES.slice(1))] }];
      case 5: return ['memory', 'delete_observations', { deletions: [{ entityName: 'ground', observations: ['is there'] }] }];
      default: return ['memory', 'delete_relations', { relations: [{ from: name, to: pick(NAMES), relationType: 'holds 1' }] }];
    }
  }

  repository() {
    const { pick, below } = this.random;
    const path = this.stage.repo;
    const git = (tool, args) => ['git', `git_${tool}`, { path, ...args }];
    switch (below(16)) {
      case 0: case 1: return git('add', { all: true });
      case 2: case 3: case 4: return git('commit', { message: `commit ${this.count}`, allowEmpty: below(3) === 0 });
      case 5: return git('branch', { mode: 'create', branchName: pick(['topic', 'fix']) });
      case 6: return git('branch', { mode: 'delete', branchName: pick(['topic', 'fix', 'side']), force: true });
      case 7: return git('checkout', { target: pick(BRANCHES) });
      case 8: return git('checkout', { target: `new-${this.count}`, createBranch: true });
      case 9: return git('tag', { mode: 'create', tagName: `v${this.count}` });
      case 10: return git('reset', { mode: pick(['soft', 'mixed', 'hard']), target: pick(['HEAD', 'HEAD~1']), confirmed: true });
      case 11: return git('stash', { mode: 'push', message: `stash ${this.count}`, includeUntracked: below(2) === 0 });
      case 12: return git('stash', { mode: pick(['pop', 'apply', 'drop']), stashRef: 'stash@{0}' });
      case 13: return git('merge', { branch: pick(BRANCHES), message: `merge ${this.count}` });
      case 14: return git('clean', { force: true, directories: true });
      default: return git('cherry_pick', { commits: [pick(['side', 'HEAD'])] });
    }
  }

  row() {
    const { pick, below } = this.random;
    const id = 1 + below(8);
    return ['db', 'execute_sql', { sql: pick([
      `INSERT INTO orders (customer, item, qty) VALUES (${id}, 'nut ${this.count}', ${below(50)})`,
      `INSERT INTO customers (id, name, city) VALUES (${100 + this.count}, 'O''Neil ${this.count}', NULL)`,
      `UPDATE orders SET qty = qty + ${1 + below(9)} WHERE customer = ${id}`,
      `UPDATE customers SET name = 'renamed ${this.count}', city = NULL WHERE id = ${id}`,
      `DELETE FROM orders WHERE id = ${id}`,
      `DELETE FROM customers WHERE city IS NULL AND id < ${id}`,
    ]) }];
  }
}
