import { Command } from 'commander';
import { systemClock } from '../kernel/clock.ts';
import { importBlocks } from '../metrics/index.ts';
import { say } from './options.ts';
import { fail } from './run.ts';

interface ImportCommandOptions {
  readonly url: string;
  readonly token?: string;
  readonly tenant?: string;
}

/** `pharos import blocks DIR`: brings the samples of Prometheus' TSDB blocks into a running server. */
export function importCommand(): Command {
  const blocks = new Command('blocks')
    .description("sends the samples of Prometheus' TSDB blocks into a running Pharos, whatever their age")
    .argument('<directory>', 'a block, or a folder of blocks such as a Prometheus data directory')
    .option(
      '--url <address>',
      'the running Pharos; needs web.enable_admin_api there',
      'http://127.0.0.1:8000',
    )
    .option('--token <token>', 'API token, where Pharos asks for a login')
    .option('--tenant <name>', 'the tenant to store for')
    .action(async (directory: string, { url, token, tenant }: ImportCommandOptions) => {
      try {
        const headers = {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(tenant === undefined ? {} : { 'x-scope-orgid': tenant }),
        };
        const onBlock = (block: string, samples: number): void => say(`${block}: ${samples} samples`);
        const total = await importBlocks({ directory, url, headers, clock: systemClock, fetch, onBlock });
        say(`pharos: ${total.samples} samples of ${total.blocks} block(s) are in ${url}`);
      } catch (error) {
        fail(error);
      }
    });
  return new Command('import').description('brings data of other systems in').addCommand(blocks);
}
