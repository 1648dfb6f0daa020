#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { Command } from 'commander';
import { checkConfigCommand } from './commands/check-config.ts';
import { demoCommand } from './commands/demo.ts';
import { importCommand } from './commands/import-blocks.ts';
import { readyRulesCommand } from './commands/ready-rules.ts';
import { serveCommand } from './commands/serve.ts';
import { testCommand } from './commands/test-rules.ts';
import { VERSION } from './version.ts';

/**
 * Bytes of bytecode that a function runs between looks at whether it is worth optimising; V8's own figure is 67,584. Most of a
 * server's code runs some ten times a second, and compiling that costs more than it saves for minutes: scraping 10,000 series each
 * second took the server 11 % less CPU in its first three minutes, and as much as before after that. Loops over samples get there within
 * milliseconds all the same: queries took as long as before.
 */
const INTERRUPT_BUDGET_BYTES = 4 * 67_584;
setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET_BYTES}`);

/**
 * Young garbage is collected by one thread: with a heap of a few MB to look through, waking up four others for it, several times a
 * second, costs more than they help.
 */
setFlagsFromString('--no-parallel-scavenge');

const program = new Command('pharos')
  .description(
    'Watches microservices: metrics, logs, traces, events, health, alerts and root cause in one process.',
  )
  .version(VERSION);
for (const command of [
  serveCommand(),
  demoCommand(),
  checkConfigCommand(),
  testCommand(),
  readyRulesCommand(),
  importCommand(),
])
  program.addCommand(command);
await program.parseAsync();
