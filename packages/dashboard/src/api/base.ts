/**
 * The path under which Pharos is served, always ending in a slash. The build puts every chunk in `<base>/assets/`, so a module's
 * own address tells it, without a `<base>` element, an inline script or a setting at build time.
 */
export function basePathOf(moduleUrl: string, bundled: boolean): string {
  return bundled ? new URL('../', moduleUrl).pathname : '/';
}

export const BASE_PATH: string = basePathOf(import.meta.url, import.meta.env.PROD);

/** What stands behind the question mark; a list gives its parameter once for each of its texts. */
export type Params = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The address of an API path such as `api/health`, under whatever base path the server has. */
export function apiUrl(path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params))
    for (const one of value === undefined ? [] : [value].flat()) if (one !== '') query.append(name, one);
  const text = query.toString();
  return `${BASE_PATH}${path}${text === '' ? '' : `?${text}`}`;
}
