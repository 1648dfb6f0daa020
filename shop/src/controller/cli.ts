import { CONTROLLER_PORT } from '../shared/ports.ts';

const USAGE = `usage:
  controller                                        run the controller
  controller fault add <kind> [service] [name=value ...] [--for <seconds>]
  controller fault list | fault end <id> | fault end all
  controller traffic [off|steady|bursty|diurnal] [rate=<n>] [period_seconds=<n>] [users=<n>]
  controller verdicts [off|shadow|enforce]
  controller truth
CONTROLLER_URL says where the controller is (http://127.0.0.1:${CONTROLLER_PORT}).
`;

interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
}

/** Reads a command line into one call of the controller's API; null when it says something else. */
export function parseCommand(args: readonly string[]): Call | null {
  const [command, action, ...rest] = args;
  if (command === 'truth' && action === undefined) return { method: 'GET', path: '/truth' };
  if (command === 'traffic') return trafficCall(args.slice(1));
  if (command === 'verdicts') {
    return action === undefined
      ? { method: 'GET', path: '/verdicts' }
      : { method: 'POST', path: '/verdicts', body: { mode: action } };
  }
  if (command !== 'fault') return null;
  if (action === 'list') return { method: 'GET', path: '/faults' };
  const [first] = rest;
  if (action === 'end' && first !== undefined) {
    return { method: 'DELETE', path: first === 'all' ? '/faults' : `/faults/${encodeURIComponent(first)}` };
  }
  return action === 'add' && first !== undefined ? addCall(first, rest.slice(1)) : null;
}

function addCall(kind: string, args: readonly string[]): Call | null {
  const params: Record<string, number | string> = {};
  const body: Record<string, unknown> = { kind, params };
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (arg === '--for') body['duration_seconds'] = Number(args[++i]);
    else if (arg.includes('=')) assign(params, arg);
    else if (body['service'] === undefined) body['service'] = arg;
    else return null;
  }
  return { method: 'POST', path: '/faults', body };
}

function trafficCall(args: readonly string[]): Call {
  if (args.length === 0) return { method: 'GET', path: '/traffic' };
  const body: Record<string, number | string> = {};
  for (const arg of args) {
    if (arg.includes('=')) assign(body, arg);
    else body['mode'] = arg;
  }
  return { method: 'POST', path: '/traffic', body };
}

function assign(target: Record<string, number | string>, pair: string): void {
  const at = pair.indexOf('=');
  const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
  target[name] = value !== '' && Number.isFinite(Number(value)) ? Number(value) : value;
}

/** Runs one command against a running controller; answers the exit code. */
export async function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  write: (text: string) => void,
): Promise<number> {
  const call = parseCommand(args);
  if (call === null) {
    write(USAGE);
    return 2;
  }
  const base = env['CONTROLLER_URL'] || `http://127.0.0.1:${env['CONTROLLER_PORT'] || CONTROLLER_PORT}`;
  const headers: Record<string, string> =
    call.body === undefined ? {} : { 'content-type': 'application/json' };
  const token = env['SHOP_CONTROLLER_TOKEN'];
  if (token) headers['authorization'] = `Bearer ${token}`;
  const body = call.body === undefined ? null : JSON.stringify(call.body);
  try {
    const answer = await fetch(base + call.path, { method: call.method, headers, body });
    write(`${JSON.stringify(await answer.json(), null, 2)}\n`);
    return answer.ok ? 0 : 1;
  } catch {
    write(`no controller answers at ${base}; start it, or set CONTROLLER_URL\n`);
    return 1;
  }
}
