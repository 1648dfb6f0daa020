import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type AlertmanagerConfigResult, loadAlertmanagerConfig } from './load.ts';
import { readTemplateFiles } from './template-files.ts';

/** What is in force without a file: alerts are kept, and nobody is told. */
const NOBODY = 'route:\n  receiver: nobody\nreceivers:\n  - name: nobody\n';

/** The configuration of a file; of none when the path is undefined. Read at once: it is small, and read at starts and reloads only. */
export function readAlertmanagerConfig(path: string | undefined): AlertmanagerConfigResult {
  if (path === undefined) return loadAlertmanagerConfig({ name: 'no file', text: NOBODY, directory: null });
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, problems: [{ where: path, path: '', message: `cannot be read: ${reason}` }] };
  }
  return loadAlertmanagerConfig({
    name: path,
    text,
    directory: dirname(path),
    templateFiles: readTemplateFiles,
  });
}
