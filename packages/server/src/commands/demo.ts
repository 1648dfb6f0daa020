import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Command } from 'commander';
import { z } from 'zod';
import type { PharosConfig } from '../config.ts';
import { type ChildSpec, demoErrors, SHOP_FOLDING, Supervisor } from '../demo/index.ts';
import { explainListen, isTaken } from '../http/listen.ts';
import { systemClock } from '../kernel/clock.ts';
import { createLog } from '../kernel/log.ts';
import { type ConfigOptions, complain, problemLines, readConfig, say, withConfigOptions } from './options.ts';
import { fail, runUntilSignal } from './run.ts';

/** What the built shop publishes of its processes. */
const shopProcess = z.object({
  name: z.string(),
  entry: z.string(),
  nodeArgs: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  port: z.number().int(),
  /** Null for the controller, which is not watched. */
  metricsPort: z.number().int().nullable(),
  controlPort: z.number().int().nullable(),
});
type ShopProcess = z.output<typeof shopProcess>;
interface ShopOptions {
  readonly distDir: string;
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string>>;
}
const shopModule = z.object({
  shopProcesses: z.custom<(options: ShopOptions) => unknown>((value) => typeof value === 'function'),
});

const SCRAPE_INTERVAL = '5s';
const SHOP_HOST = '127.0.0.1';
/** On loopback; a taken port is a warning. */
const DEMO_SYSLOG_PORT = 5514;

/** `pharos demo`: Pharos, the shop, and live traffic. */
export function demoCommand(): Command {
  return withConfigOptions(new Command('demo'))
    .description('runs Pharos with the shop under live traffic')
    .option('--data <directory>', 'where the demo keeps its data', 'data/demo')
    .action(async (options: ConfigOptions & { readonly data: string }) => {
      try {
        await runDemo(options);
      } catch (error) {
        fail(error);
      }
    });
}

async function runDemo(options: ConfigOptions & { readonly data: string }): Promise<void> {
  const dataDirectory = resolve(options.data);
  const processes = await loadShop(join(dataDirectory, 'shop'));
  const base = demoConfig(processes, {
    path: join(dataDirectory, 'pharos'),
    alerting: await shopAlerting(processes, join(dataDirectory, 'shop')),
  });
  const result = await readConfig(options, process.env, base);
  if (!result.ok) {
    complain(problemLines(result.problems));
    process.exit(1);
  }
  await refuseTakenPorts(processes);
  const log = createLog(result.config.log.level);
  const supervisor = new Supervisor({ clock: systemClock, log, logDirectory: join(dataDirectory, 'logs') });
  await runUntilSignal(result, {
    started: async (pharos) => {
      const env = sending(pharos.url, result.config.web);
      await supervisor.start(processes.map((process) => childSpec(process, env)));
      say(banner(pharos.url, processes));
    },
    stopping: (deadline) => supervisor.stop(deadline),
  });
}

/** The variables by which the shop's ports can be moved. */
const PORT_VARIABLE = /^(AUTH|ORDER|CATALOG|USER|GATEWAY|CONTROLLER)_((METRICS|CONTROL)_)?PORT$/;

const SHOP_DIST = fileURLToPath(new URL('../../../shop/dist', import.meta.url));

async function loadShop(dataDir: string): Promise<ShopProcess[]> {
  const distDir = SHOP_DIST;
  let loaded: unknown;
  try {
    loaded = await import(pathToFileURL(join(distDir, 'processes.js')).href);
  } catch (cause) {
    throw demoErrors.make('notInstalled', `the shop is not built (${distDir}): run \`npm run build\``, {
      cause,
    });
  }
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      PORT_VARIABLE.test(name) && value !== undefined ? [[name, value]] : [],
    ),
  );
  return z.array(shopProcess).parse(shopModule.parse(loaded).shopProcesses({ distDir, dataDir, env }));
}

function childSpec({ name, entry, nodeArgs, env }: ShopProcess, more: Record<string, string>): ChildSpec {
  return { name, entry, args: [], execArgv: nodeArgs, env: { ...env, ...more } };
}

/** Spans and logs of the shop come by themselves, its metrics and health are fetched. Behind a login they need a token in the configuration. */
function sending(url: string, { auth }: PharosConfig['web']): Record<string, string> {
  const { token, ...login } = auth;
  const closed =
    login.generate || login.admin_password !== undefined || login.admin_password_file !== undefined;
  if (token === undefined && closed) return {};
  const open = { PHAROS_URL: url, METRICS_PUSH: 'false', HEALTH_PUSH: 'false' };
  return token === undefined ? open : { ...open, PHAROS_TOKEN: token };
}

const urlOf = (process: ShopProcess): string => `http://${SHOP_HOST}:${process.port}`;

/** Who of the shop's processes takes pages and commands. */
const controllerOf = (processes: readonly ShopProcess[]): ShopProcess | undefined =>
  processes.find((process) => process.metricsPort === null);

/** Where the shop's rules and its policy lie. */
interface ShopAlerting {
  readonly rules: string;
  readonly policy: string;
}

/** In the shop's files its controller, which takes pages, has this address. */
const WRITTEN_CONTROLLER = `http://${SHOP_HOST}:8009`;

/** The shop's own rules and policy, in which its controller has the address it has here. */
async function shopAlerting(processes: readonly ShopProcess[], directory: string): Promise<ShopAlerting> {
  const controller = controllerOf(processes);
  await mkdir(directory, { recursive: true });
  const written = async (name: string): Promise<string> => {
    const path = join(directory, name);
    const text = await readFile(join(SHOP_DIST, 'alerting', name), 'utf8');
    await writeFile(
      path,
      controller === undefined ? text : text.replaceAll(WRITTEN_CONTROLLER, urlOf(controller)),
    );
    return path;
  };
  return { rules: await written('rules.yml'), policy: await written('alertmanager.yml') };
}

/** The shop is scraped every 5 s, so that faults show at once. */
function demoConfig(
  processes: readonly ShopProcess[],
  { path, alerting }: { readonly path: string; readonly alerting: ShopAlerting },
): Record<string, unknown> {
  const controller = controllerOf(processes);
  return {
    storage: { path },
    rule_files: [alerting.rules],
    alertmanager: { config_file: alerting.policy, folding: SHOP_FOLDING },
    // The shop's rule is about Pharos' own answer.
    self_metrics: { interval: SCRAPE_INTERVAL },
    // The shop is on this machine: it can be probed from the page.
    egress: { allow_loopback: true },
    // On a laptop: its lines of the last minute or two suffice.
    logs: { newest_memory: '1MB', syslog: { tcp: DEMO_SYSLOG_PORT, udp: DEMO_SYSLOG_PORT } },
    scrape_configs: processes
      .filter((process) => process.metricsPort !== null)
      .map(({ name, port }) => ({
        job_name: name,
        scrape_interval: SCRAPE_INTERVAL,
        scrape_timeout: '4s',
        static_configs: [{ targets: [`${SHOP_HOST}:${port}`] }],
      })),
    ...(controller === undefined ? {} : { shop: { controller_url: urlOf(controller) } }),
  };
}

async function refuseTakenPorts(processes: readonly ShopProcess[]): Promise<void> {
  for (const { name, port: main, metricsPort, controlPort } of processes) {
    for (const port of [main, metricsPort, controlPort]) {
      if (port === null) continue;
      if (await isTaken(SHOP_HOST, port)) {
        const taken = Object.assign(new Error('taken'), { code: 'EADDRINUSE' });
        throw await explainListen(
          taken,
          SHOP_HOST,
          port,
          `${name.toUpperCase()}_${port === main ? '' : port === metricsPort ? 'METRICS_' : 'CONTROL_'}PORT`,
        );
      }
    }
  }
}

function banner(url: string, processes: readonly ShopProcess[]): string {
  const services = processes.map((process) => `    ${process.name.padEnd(11)} ${urlOf(process)}`).join('\n');
  return `\n  Pharos is watching the shop:  ${url}\n\n${services}\n    API         ${url}/docs\n\n  Ctrl-C stops everything.\n`;
}
