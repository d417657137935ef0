// The files that the guide shows: each fenced block that follows a comment `<!-- file: HOST/PATH -->`.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const BLOCK = /^<!-- file: ([^/\s]+)\/(\S+) -->\n+```\w*\n([\s\S]*?)^```$/gm;

export class Guide {
  constructor(path) {
    this.files = [...readFileSync(path, 'utf8').matchAll(BLOCK)].map(([, host, file, text]) => ({ host, file, text }));
    const places = new Set(this.files.map(each => `${each.host}/${each.file}`));
    if (places.size < this.files.length) throw new Error(`${path} shows a file twice`);
  }

  /// Writes what the guide shows for a host below a directory, with this run's address and launcher in their places.
  write(host, directory, places) {
    const written = this.files.filter(each => each.host === host);
    if (written.length === 0) throw new Error(`the guide shows nothing for ${host}`);
    for (const { file, text } of written) {
      const path = join(directory, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, Object.entries(places).reduce((all, [shown, real]) => all.replaceAll(shown, real), text));
    }
    return written.map(each => join(directory, each.file));
  }
}
