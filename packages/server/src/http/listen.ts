import { readdir, readFile, readlink } from 'node:fs/promises';
import { createServer, isIPv6 } from 'node:net';
import type { PharosError } from '../kernel/errors.ts';
import { httpErrors } from './errors.ts';
import type { HttpApp } from './types.ts';

/** Opens the port. A taken one is named, with who has it and what to do. Returns the port that was opened. */
export async function listen(app: HttpApp, host: string, port: number, setting: string): Promise<number> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    throw await explainListen(cause, host, port, setting);
  }
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/** An address as it stands in a URL or a Host header: an IPv6 address in brackets (RFC 3986, 3.2.2). */
export function urlHost(address: string): string {
  return isIPv6(address) ? `[${address}]` : address;
}

export async function explainListen(
  cause: unknown,
  host: string,
  port: number,
  setting: string,
): Promise<PharosError> {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'EADDRINUSE') {
    const owner = await portOwner(port);
    const by = owner === null ? '' : ` by ${owner.command} (pid ${owner.pid})`;
    const stop = owner === null ? 'stop the program that has it' : `stop it (kill ${owner.pid})`;
    return httpErrors.make(
      'portTaken',
      `port ${port} on ${host} is taken${by}: ${stop}, or use another port with ${setting}=${port + 1}`,
      { cause },
    );
  }
  if (code === 'EACCES')
    return httpErrors.make(
      'portTaken',
      `port ${port} on ${host} needs rights this user does not have: use a port above 1023 with ${setting}`,
      { cause },
    );
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return httpErrors.make(
      'portTaken',
      `this machine has no address ${host}: set PHAROS_HOST to one of its own`,
      { cause },
    );
  return httpErrors.make(
    'portTaken',
    `cannot listen on ${host}:${port}: ${cause instanceof Error ? cause.message : String(cause)}`,
    { cause },
  );
}

/** Whether a program, of whatever user, listens on a port of this address. Asked of the system by taking the port for a moment. */
export function isTaken(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(true) : reject(error),
    );
    probe.listen(port, host, () => probe.close(() => resolve(false)));
  });
}

/** Which process listens on a TCP port here, from /proc; null where that cannot be known. */
export async function portOwner(
  port: number,
): Promise<{ readonly pid: number; readonly command: string } | null> {
  try {
    const inodes = new Set([
      ...listeningInodes(await readFile('/proc/net/tcp', 'utf8'), port),
      ...listeningInodes(await readFile('/proc/net/tcp6', 'utf8').catch(() => ''), port),
    ]);
    if (inodes.size === 0) return null;
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      const links = await readdir(`/proc/${pid}/fd`).catch(() => []);
      for (const link of links) {
        const target = await readlink(`/proc/${pid}/fd/${link}`).catch(() => '');
        if (inodes.has(target))
          return { pid: Number(pid), command: (await readFile(`/proc/${pid}/comm`, 'utf8')).trim() };
      }
    }
    return null;
  } catch {
    return null;
  }
}

/** `socket:[inode]` of every listening socket on the port in a /proc/net/tcp table (proc(5)). */
export function listeningInodes(table: string, port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(`:${hex}`) === true && fields[3] === '0A')
    .map((fields) => `socket:[${fields[9]}]`);
}
