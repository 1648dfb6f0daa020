import type { IncomingMessage } from 'node:http';

/** Segments of a mount path that are surely data: numbers, UUIDs, hex ids, and long mixed tokens. */
const DATA_SEGMENT = /^(\d+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{12,}|(?=[^/]*\d)[\w~-]{20,})$/i;
const MAX_ROUTE_LENGTH = 200;

/**
 * The route template an Express request was answered by; undefined when no route matched.
 * `baseUrl` of a router mounted under a parameter holds the raw value: values of known parameters and segments that look like data become names again.
 */
export function expressRoute(request: IncomingMessage): string | undefined {
  if (!('route' in request)) return undefined;
  const { route } = request;
  if (typeof route !== 'object' || route === null || !('path' in route)) return undefined;
  const path = pathText(route.path);
  if (path === undefined) return undefined;
  const base = 'baseUrl' in request && typeof request.baseUrl === 'string' ? request.baseUrl : '';
  const params = 'params' in request ? request.params : undefined;
  const full = `${base === '' ? '' : mountTemplate(base, params)}${path === '/' && base !== '' ? '' : path}`;
  return full.slice(0, MAX_ROUTE_LENGTH);
}

function pathText(path: unknown): string | undefined {
  if (typeof path === 'string') return path;
  if (path instanceof RegExp) return path.source;
  if (Array.isArray(path)) return path.map((one: unknown) => pathText(one) ?? '').join('|');
  return undefined;
}

function mountTemplate(base: string, params: unknown): string {
  const names = new Map<string, string>();
  if (typeof params === 'object' && params !== null)
    for (const [name, value] of Object.entries(params)) if (typeof value === 'string') names.set(value, name);
  return base
    .split('/')
    .map((segment) => {
      const name = names.get(decoded(segment));
      if (segment !== '' && name !== undefined) return `:${name}`;
      return DATA_SEGMENT.test(segment) ? ':id' : segment;
    })
    .join('/');
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** The path of a request's target without its query, as the client sent it. */
export function requestPath(request: IncomingMessage): string {
  const original = 'originalUrl' in request ? request.originalUrl : undefined;
  const target = typeof original === 'string' ? original : (request.url ?? '/');
  const end = target.search(/[?#]/);
  return end < 0 ? target : target.slice(0, end);
}
