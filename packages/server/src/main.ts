#!/usr/bin/env node
import { Command } from 'commander';
import { checkConfigCommand } from './commands/check-config.ts';
import { demoCommand } from './commands/demo.ts';
import { importCommand } from './commands/import-blocks.ts';
import { serveCommand } from './commands/serve.ts';
import { VERSION } from './version.ts';

const program = new Command('pharos')
  .description(
    'Watches microservices: metrics, logs, traces, events, health, alerts and root cause in one process.',
  )
  .version(VERSION);
for (const command of [serveCommand(), demoCommand(), checkConfigCommand(), importCommand()])
  program.addCommand(command);
await program.parseAsync();
