import type { IncomingMessage, ServerResponse } from 'node:http';
import { fakeServer, json } from './harness.ts';

/** An object as the API sends it. */
export interface KubeObject {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [key: string]: unknown };
  readonly [key: string]: unknown;
}

interface Watch {
  readonly path: string;
  readonly response: ServerResponse;
}

/**
 * A small API server: lists in pages of two, watches from a version, forgets old versions on demand. It answers as the
 * Kubernetes API concepts say, and not more.
 */
export async function kubeApi(initial: Readonly<Record<string, readonly KubeObject[]>>) {
  const stored = new Map(Object.entries(initial).map(([path, objects]) => [path, [...objects]]));
  const events: { readonly path: string; readonly version: number; readonly line: string }[] = [];
  const watches = new Set<Watch>();
  const requests: URL[] = [];
  let version = 10;
  let oldest = 0;

  const list = (url: URL, response: ServerResponse): void => {
    const all = stored.get(url.pathname) ?? [];
    const from = Number(url.searchParams.get('continue') ?? 0);
    const more = from + 2 < all.length ? { continue: String(from + 2) } : {};
    json(response, {
      kind: 'List',
      metadata: { resourceVersion: String(version), ...more },
      items: all.slice(from, from + 2),
    });
  };
  const watch = (url: URL, response: ServerResponse): void => {
    const since = Number(url.searchParams.get('resourceVersion'));
    response.writeHead(200, { 'content-type': 'application/json' });
    if (since < oldest) {
      response.end(
        `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, message: 'too old resource version' } })}\n`,
      );
      return;
    }
    response.flushHeaders();
    for (const event of events)
      if (event.path === url.pathname && event.version > since) response.write(event.line);
    const entry = { path: url.pathname, response };
    watches.add(entry);
    response.on('close', () => watches.delete(entry));
  };
  const server = await fakeServer((request: IncomingMessage, response) => {
    const url = new URL(request.url ?? '/', 'http://kube');
    requests.push(url);
    if (url.searchParams.get('watch') === 'true') watch(url, response);
    else list(url, response);
  });

  return {
    url: server.url,
    requests,
    watching: () => watches.size,
    close: () => server.close(),
    /** Changes an object and tells the watches. */
    change(path: string, type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubeObject): void {
      version++;
      const others = (stored.get(path) ?? []).filter(
        ({ metadata }) => metadata.name !== object.metadata.name,
      );
      stored.set(path, type === 'DELETED' ? others : [...others, object]);
      const seen = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
      const event = { path, version, line: `${JSON.stringify({ type, object: seen })}\n` };
      events.push(event);
      for (const one of watches) if (one.path === path) one.response.write(event.line);
    },
    /** Ends every watch, with or without what happened before being forgotten. */
    cut(options: { readonly forget: boolean }): void {
      if (options.forget) {
        version++;
        oldest = version;
        events.length = 0;
      }
      for (const { response } of watches) response.destroy();
    },
    /** Sends raw bytes to every watch. */
    say(text: string): void {
      for (const { response } of watches) response.write(text);
    },
  };
}
