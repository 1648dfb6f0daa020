/**
 * The path under which Pharos is served, always ending in a slash. The build puts every chunk in `<base>/assets/`, so a module's
 * own address tells it, without a `<base>` element, an inline script or a setting at build time.
 */
export function basePathOf(moduleUrl: string, bundled: boolean): string {
  return bundled ? new URL('../', moduleUrl).pathname : '/';
}

export const BASE_PATH: string = basePathOf(import.meta.url, import.meta.env.PROD);

/** The address of an API path such as `api/health`, under whatever base path the server has. */
export function apiUrl(path: string, params: Readonly<Record<string, string | undefined>> = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== '') query.set(name, value);
  }
  const text = query.toString();
  return `${BASE_PATH}${path}${text === '' ? '' : `?${text}`}`;
}
