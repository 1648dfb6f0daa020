import type { HttpClientConfig } from './config.ts';
import { httpClientErrors } from './errors.ts';

export type ReadText = (path: string) => Promise<string>;

/** Whether headers or credentials stand in files, which may change from one request to the next. */
export function readsFiles(config: HttpClientConfig): boolean {
  const { basic_auth: basic, authorization, bearer_token_file: token } = config;
  const files = [basic?.username_file, basic?.password_file, authorization?.credentials_file, token];
  return (
    files.some((file) => file !== undefined) ||
    Object.values(config.http_headers).some((header) => header.files.length > 0)
  );
}

/** The configured headers and credentials. Credential files are read each time, so that rotated secrets work at once. */
export async function clientHeaders(
  config: HttpClientConfig,
  readText: ReadText,
): Promise<Record<string, string | string[]>> {
  const headers: Record<string, string | string[]> = {};
  const secret = (path: string): Promise<string> => readSecret(path, readText);
  for (const [name, header] of Object.entries(config.http_headers)) {
    headers[name.toLowerCase()] = [
      ...header.values,
      ...header.secrets,
      ...(await Promise.all(header.files.map(secret))),
    ];
  }
  const authorization = await authorizationHeader(config, secret);
  if (authorization !== null) headers['authorization'] = authorization;
  return headers;
}

async function authorizationHeader(
  config: HttpClientConfig,
  secret: (path: string) => Promise<string>,
): Promise<string | null> {
  const value = async (text: string | undefined, file: string | undefined): Promise<string> =>
    text ?? (file === undefined ? '' : await secret(file));
  const { basic_auth: basic, authorization, bearer_token: token, bearer_token_file: tokenFile } = config;
  if (basic !== undefined) {
    const user = await value(basic.username, basic.username_file);
    const password = await value(basic.password, basic.password_file);
    return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
  }
  if (authorization !== undefined) {
    return `${authorization.type.trim()} ${await value(authorization.credentials, authorization.credentials_file)}`;
  }
  if (token !== undefined || tokenFile !== undefined) return `Bearer ${await value(token, tokenFile)}`;
  return null;
}

async function readSecret(path: string, readText: ReadText): Promise<string> {
  try {
    return (await readText(path)).trim();
  } catch (cause) {
    throw httpClientErrors.make('credentials', `cannot read the credential file ${path}`, { cause });
  }
}
