import { type ChildProcess, execFile, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export { freePort } from './ports.ts';

/**
 * Programs of other projects that tests compare with or talk to. They come from Debian packages, downloaded and
 * unpacked into a cache by an ordinary user; nothing is installed and no service is started.
 */
const PACKAGES = {
  prometheus: 'prometheus',
  promtool: 'prometheus',
  'prometheus-alertmanager': 'prometheus-alertmanager',
  amtool: 'prometheus-alertmanager',
  'prometheus-node-exporter': 'prometheus-node-exporter',
  'victoria-metrics': 'victoria-metrics',
  vmagent: 'victoria-metrics',
  vmalert: 'victoria-metrics',
  // Brings the program with it: it is useless without.
  'syslog-ng': 'syslog-ng-mod-http',
} as const;

export type PeerName = keyof typeof PACKAGES;

/** Libraries a package needs that a small machine may lack; they are unpacked beside it. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  'syslog-ng-mod-http': ['syslog-ng-core', 'libivykis0', 'libpcre3', 'libnet1', 'libwrap0', 'libjson-c5'],
};

/** Where the program is, or why it cannot be had here. */
export type Peer =
  | { readonly path: string; readonly reason?: undefined }
  | { readonly path: null; readonly reason: string };

const run = promisify(execFile);
/** Outside the checkout: a fresh `npm ci` keeps it, and all checkouts of a user share it (XDG base directories). */
const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'pharos', 'peers');
const DOWNLOAD_MS = 120_000;
const STALE_LOCK_MS = 180_000;

const asked = new Map<string, Promise<string | null>>();

/** Finds the program on the PATH's Debian place or in the cache, fetching it once. Never throws. */
export async function peerBinary(name: PeerName): Promise<Peer> {
  const installed = join('/usr/bin', name);
  if (existsSync(installed)) return { path: installed };
  const packageName = PACKAGES[name];
  const root = join(CACHE, packageName);
  const find = (): string | undefined =>
    ['bin', 'sbin'].map((folder) => join(root, 'usr', folder, name)).find((path) => existsSync(path));
  const cached = find();
  if (cached !== undefined) return { path: cached };
  let fetching = asked.get(packageName);
  if (fetching === undefined) asked.set(packageName, (fetching = fetchPackage(packageName, root)));
  const reason = await fetching;
  if (reason !== null) return { path: null, reason };
  const path = find();
  return path === undefined ? { path: null, reason: `the package ${packageName} has no ${name}` } : { path };
}

/** Null when the package is unpacked, else what went wrong. Two processes at once: the second waits. */
async function fetchPackage(packageName: string, root: string): Promise<string | null> {
  mkdirSync(CACHE, { recursive: true });
  const lock = `${root}.lock`;
  const deadline = Date.now() + STALE_LOCK_MS;
  while (!takeLock(lock)) {
    if (Date.now() > deadline) return `another process has been fetching ${packageName} for too long`;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    if (existsSync(root)) return null;
    return await unpack(packageName, root);
  } finally {
    rmdirSync(lock);
  }
}

function takeLock(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    try {
      // A process that was killed leaves its lock behind.
      if (Date.now() - statSync(lock).mtimeMs > STALE_LOCK_MS) rmdirSync(lock);
    } catch {
      // Released between the two looks: the next round takes it.
    }
    return false;
  }
}

/** With the machine's package lists; where it has none (a fresh container), with lists of our own, which need no root. */
async function download(packageNames: readonly string[], work: string): Promise<void> {
  const options = { cwd: work, timeout: DOWNLOAD_MS };
  try {
    await run('apt-get', ['download', ...packageNames], options);
  } catch {
    const apt = join(CACHE, 'apt');
    for (const folder of ['state/lists/partial', 'cache/archives/partial'])
      mkdirSync(join(apt, folder), { recursive: true });
    const own = [
      '-qq',
      '-o',
      `Dir::State=${apt}/state`,
      '-o',
      `Dir::Cache=${apt}/cache`,
      '-o',
      'Dir::State::status=/var/lib/dpkg/status',
      '-o',
      'Debug::NoLocking=1',
    ];
    await run('apt-get', [...own, 'update'], options);
    await run('apt-get', [...own, 'download', ...packageNames], options);
  }
}

async function unpack(packageName: string, root: string): Promise<string | null> {
  const work = `${root}.${process.pid}`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  try {
    await download([packageName, ...(LIBRARIES[packageName] ?? [])], work);
    const files = readdirSync(work).filter((entry) => entry.endsWith('.deb'));
    if (files.length === 0) return `apt-get download ${packageName} left no package`;
    for (const file of files)
      await run('dpkg-deb', ['-x', join(work, file), join(work, 'root')], { timeout: DOWNLOAD_MS });
    renameSync(join(work, 'root'), root);
    return null;
  } catch (error) {
    const text = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return `cannot fetch the Debian package ${packageName}: ${text}`;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Alertmanager, and the folder to start it in. Debian's has its default templates below a fixed path of the machine; where the package is
 * only unpacked, a copy of the program looks for them below the folder it runs in instead.
 */
export async function alertmanagerPeer(): Promise<Peer & { readonly cwd?: string }> {
  const peer = await peerBinary('prometheus-alertmanager');
  if (peer.path === null || existsSync(`${ALERTMANAGER_FILES}/default.tmpl`)) return peer;
  const root = join(peer.path, '..', '..', '..');
  const copy = `${peer.path}-here`;
  if (!existsSync(copy)) {
    const program = readFileSync(peer.path);
    // As long as the other one: it stands among other texts of the program.
    const here = `${ALERTMANAGER_FILES.slice(1).replace('/prometheus/', '/prometheus//')}`;
    for (let at = program.indexOf(ALERTMANAGER_FILES); at >= 0; at = program.indexOf(ALERTMANAGER_FILES, at))
      program.write(here, at, 'latin1');
    const made = `${copy}.${process.pid}`;
    writeFileSync(made, program, { mode: 0o755 });
    renameSync(made, copy);
  }
  return { path: copy, cwd: root };
}

const ALERTMANAGER_FILES = '/usr/share/prometheus/alertmanager';

/** syslog-ng in the foreground with a configuration file; what it keeps goes beside that. */
export function startSyslogNg(path: string, configFile: string): RunningPeer {
  const child = spawn(path, ['--foreground', ...syslogNgOptions(path, configFile)], {
    stdio: 'ignore',
    env: syslogNgEnvironment(path),
  });
  return { process: child, stop: () => stopChild(child) };
}

/** Null when syslog-ng takes the configuration, else why not: a module may lack a library that this machine does not have. */
export async function whySyslogNgRefuses(path: string, configFile: string): Promise<string | null> {
  try {
    await run(path, ['--syntax-only', ...syslogNgOptions(path, configFile)], {
      env: syslogNgEnvironment(path),
    });
    return null;
  } catch (error) {
    return error instanceof Error && 'stderr' in error ? String(error.stderr).slice(0, 500) : String(error);
  }
}

/** Where the package of the program was unpacked. */
function syslogNgRoot(path: string): string {
  return join(path, '..', '..', '..');
}

function syslogNgOptions(path: string, configFile: string): string[] {
  const own = join(syslogNgRoot(path), 'usr', 'lib', 'syslog-ng');
  const modules = existsSync(own) ? readdirSync(own).find((entry) => /^\d/.test(entry)) : undefined;
  return [
    '--no-caps',
    `--cfgfile=${configFile}`,
    `--persist-file=${configFile}.persist`,
    `--pidfile=${configFile}.pid`,
    `--control=${configFile}.ctl`,
    ...(modules === undefined ? [] : [`--module-path=${join(own, modules)}`]),
  ];
}

function syslogNgEnvironment(path: string): NodeJS.ProcessEnv {
  const libraries = [
    'usr/lib/x86_64-linux-gnu',
    'lib/x86_64-linux-gnu',
    'usr/lib/aarch64-linux-gnu',
    'usr/lib/syslog-ng',
  ].map((folder) => join(syslogNgRoot(path), folder));
  return { ...process.env, LD_LIBRARY_PATH: libraries.join(':') };
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}

export interface RunningPeer {
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/** Starts a peer and waits until the URL answers 2xx. Rejects with the peer's last words when it does not. */
export async function startPeer(
  path: string,
  options: readonly string[],
  readyUrl: string,
  cwd?: string,
): Promise<RunningPeer> {
  const child = spawn(path, options, { stdio: ['ignore', 'ignore', 'pipe'], cwd });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-4000);
  });
  const stop = (): Promise<void> => stopChild(child);
  const deadline = Date.now() + 30_000;
  for (;;) {
    const ready = await fetch(readyUrl).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) return { process: child, stop };
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`${path} did not answer at ${readyUrl}: ${words}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
